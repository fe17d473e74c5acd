/** Rules about how keys and import tokens are used. */
import { actions, bySomebody, type PackRule } from './pack-rule.ts'

const unwrapped = `${actions('hs-crypto.secrets.unwrap')} outcome:success`

export const usageRules: readonly PackRule[] = [
  {
    number: [11],
    isOn: true,
    why: 'By its definition the 99th percentile is exceeded in seven hours of a month, and three deviations by every nightly job: it asks for more than in any hour of the 30 days.',
    rule: {
      id: 'unwrap-volume',
      name: 'Far more unwraps than usual',
      description:
        'An identity unwrapped more in an hour than in any other of its last 30 days, or over 100,000 times. Somebody may be opening everything that was ever wrapped. It compares from a week on, and from 100 an hour.',
      remedy: 'Ask the owner of the service what it does. If nobody knows, disable the identity before it goes on.',
      severity: 'critical',
      when: {
        kind: 'history',
        query: unwrapped,
        per: '1h',
        periods: 720,
        learn: 168,
        quantile: 0.999,
        most: 100_000,
        least: 100,
      },
      groupBy: ['initiator.id'],
    },
  },
  {
    number: [12],
    isOn: true,
    rule: {
      id: 'unwrap-of-unused-key',
      name: 'An identity unwraps with a key it had not used before',
      description:
        'An identity unwrapped 20 times within a day with a key that it had not unwrapped with in the last 90 days. Each identity has seven days in which it only learns.',
      remedy: 'Ask the owner of the service whether this key is for it. If not, take the role away from it.',
      severity: 'warning',
      when: {
        kind: 'new',
        query: unwrapped,
        fields: ['key'],
        remember: '90d',
        learn: '7d',
        volume: 20,
      },
      groupBy: ['initiator.id'],
    },
  },
  {
    number: [13],
    isOn: true,
    rule: {
      id: 'keys-looked-through',
      name: 'Many keys looked at one by one',
      description:
        'An identity read what is known of more than 20 different keys within five minutes: metadata, versions, policies or registrations. That is how somebody finds out what there is to take.',
      remedy: 'A tool that takes stock does the same. If it is none of yours, see what the identity does next.',
      severity: 'warning',
      when: {
        kind: 'distinct',
        query: `${actions(
          'hs-crypto.secrets-metadata.read',
          'hs-crypto.secrets-key-versions.list',
          'hs-crypto.policies.read',
          'hs-crypto.registrations.list',
        )} outcome:success ${bySomebody}`,
        of: 'key',
        threshold: 21,
        within: '5m',
      },
      groupBy: ['initiator.id'],
    },
  },
  {
    number: [13],
    isOn: true,
    rule: {
      id: 'keys-listed-often',
      name: 'Keys listed again and again',
      description: 'An identity listed or counted keys more than 20 times within five minutes.',
      remedy: 'If it is a program that asks too often, mend it. If nobody knows it, see what the identity does next.',
      severity: 'warning',
      when: {
        kind: 'count',
        query: `${actions('hs-crypto.secrets.list', 'hs-crypto.secrets.head')} ${bySomebody}`,
        threshold: 21,
        within: '5m',
      },
      groupBy: ['initiator.id'],
    },
  },
  {
    number: [13],
    isOn: true,
    rule: {
      id: 'missing-looked-for',
      name: 'Many things looked for that do not exist',
      description:
        'An identity asked within five minutes for more than 20 different things that are not there (404): it may be guessing ids.',
      remedy: 'Look at what was asked for. If it is no client with an old list of keys, disable the identity.',
      severity: 'warning',
      when: {
        kind: 'distinct',
        query: `outcome:failure code:404 ${bySomebody}`,
        of: 'target.id',
        threshold: 21,
        within: '5m',
      },
      groupBy: ['initiator.id'],
    },
  },
  {
    number: [14],
    isOn: true,
    rule: {
      id: 'import-token-spent',
      name: 'A spent import token was asked for',
      description:
        'Somebody tried to retrieve an import token that has expired, or was retrieved as often as it may be. Another one may have taken it first.',
      remedy: 'Ask who was to have the token whether they got it. If not, make a new one and find out who did.',
      severity: 'warning',
      when: {
        kind: 'match',
        query: `${actions('hs-crypto.import-token.read')} outcome:failure code:409`,
      },
      groupBy: ['instance'],
    },
  },
  {
    number: [14],
    isOn: true,
    rule: {
      id: 'import-token-for-many',
      name: 'An import token for many retrievals',
      description:
        'An import token was made that can be retrieved more than ten times. One retrieval is enough for one import; more let others read what protects it.',
      remedy: 'Ask for what it is needed. Make one for a single retrieval instead: it replaces this one.',
      severity: 'warning',
      when: {
        kind: 'match',
        query: `${actions('hs-crypto.import-token.create')} outcome:success maxAllowedRetrievals:>10`,
      },
      groupBy: ['instance'],
    },
  },
  {
    number: [14],
    isOn: true,
    rule: {
      id: 'import-token-for-long',
      name: 'An import token for a long time',
      description:
        'An import token was made that is valid for more than an hour. Ten minutes are the default, and enough.',
      remedy: 'Ask for what it is needed. Make one for a shorter time instead: it replaces this one.',
      severity: 'warning',
      when: {
        kind: 'match',
        query: `${actions('hs-crypto.import-token.create')} outcome:success expirationSeconds:>3600`,
      },
      groupBy: ['instance'],
    },
  },
  {
    number: [35],
    isOn: false,
    why: 'Fill its list canaries with the ids of keys that nobody has a reason to touch.',
    rule: {
      id: 'canary-touched',
      name: 'A canary key was touched',
      description:
        'Somebody used, read or changed a key that protects nothing and exists only to be found by who looks around, or tried to.',
      remedy: 'Nobody has a reason to. Take the identity for compromised: disable it, then see what else it did.',
      severity: 'critical',
      when: { kind: 'match', query: `key:==$canaries ${bySomebody}` },
      groupBy: ['key', 'initiator.id'],
      lists: { canaries: [] },
    },
  },
]
