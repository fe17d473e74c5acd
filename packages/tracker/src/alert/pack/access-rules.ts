/** Rules about who comes, from where, and when. */
import { actions, byCertificate, byServiceId, bySomebody, byUser, done, type PackRule } from './pack-rule.ts'

/**
 * Refusals that say nothing about who asks: the key, or the way in, is not to be had so by anybody. They stand at the end of
 * the reason for failure.
 */
const notOfTheCaller = String.raw`/\((KMIP_ROOT_KEY_UNAVAILABLE|KMIP_SENSITIVE|KMIP_NOT_EXTRACTABLE|KEYSTORE_OVER_EP11_ONLY)\)$/`

const needsLocations = 'It needs a database of locations, which this product does not bring.'

export const accessRules: readonly PackRule[] = [
  {
    number: [7],
    isOn: true,
    rule: {
      id: 'denied-then-let-in',
      name: 'Refused again and again, then let in',
      description:
        'An identity was refused five times within five minutes, for what it may not do or with what it presented, and then something succeeded. It may be probing what it can reach. What nobody would have got, such as a key whose root key is disabled, does not count.',
      remedy:
        'Look at what was refused and what then succeeded. Disable the identity if its owner cannot explain both.',
      severity: 'critical',
      when: {
        kind: 'sequence',
        steps: [
          { query: `outcome:failure code:[401, 403] ${bySomebody} -reason:${notOfTheCaller}`, count: 5 },
          { query: `${done} ${bySomebody}` },
        ],
        within: '5m',
      },
      groupBy: ['initiator.id'],
    },
  },
  {
    number: [7],
    isOn: true,
    rule: {
      id: 'guessed-then-signed-in',
      name: 'Failed to sign in again and again, then signed in',
      description:
        'From one address nobody could prove who they were five times within five minutes, and then somebody signed in or got a token. A credential may have been guessed, or found by trying.',
      remedy: 'Ask the owner of the identity that signed in. If it was not they, disable the API key and the identity.',
      severity: 'critical',
      when: {
        kind: 'sequence',
        steps: [
          {
            query: `outcome:failure address:* (${actions('iam-identity.apikey.login', 'iam-identity.session.create')} OR code:401 initiator.id:==unknown)`,
            count: 5,
          },
          { query: `${actions('iam-identity.apikey.login', 'iam-identity.session.create')} outcome:success address:*` },
        ],
        within: '5m',
      },
      groupBy: ['address'],
    },
  },
  {
    number: [7],
    isOn: true,
    rule: {
      id: 'authentication-flood',
      name: 'A flood of failed authentications',
      description:
        'One source failed to authenticate more than twenty times within a minute. The rest of that minute was counted, not recorded one by one.',
      remedy: 'If the address is an honest client, its credential is wrong. If not, block the address.',
      severity: 'critical',
      when: { kind: 'match', query: actions('iam-identity.authentication.flood') },
      groupBy: ['address'],
    },
  },
  {
    number: [8],
    isOn: true,
    rule: {
      id: 'new-principal',
      name: 'An identity that was not seen before',
      description: 'An identity did something for the first time in 30 days. The first seven days only learn.',
      remedy: 'See who created it and what it may do. An identity that nobody missed for a month may not be needed.',
      severity: 'warning',
      when: {
        kind: 'new',
        query: `outcome:success ${bySomebody}`,
        fields: ['initiator.id'],
        remember: '30d',
        learn: '7d',
      },
      groupBy: [],
    },
  },
  {
    number: [8],
    isOn: true,
    why: 'For service IDs only: browsers change their names with every update.',
    rule: {
      id: 'new-agent',
      name: 'A service ID came with a program it had not used before',
      description:
        'A service ID sent requests with another program, or another version of it, than in the last 30 days. Its API key may be in other hands; it may also be an update.',
      remedy: 'Ask the owner of the service whether it was updated. If not, replace the API key.',
      severity: 'warning',
      when: {
        kind: 'new',
        query: `outcome:success agent:* ${byServiceId}`,
        fields: ['agent'],
        remember: '30d',
        learn: '7d',
      },
      groupBy: ['initiator.id'],
    },
  },
  {
    number: [8],
    isOn: false,
    why: needsLocations,
    rule: {
      id: 'new-country',
      name: 'An identity came from a country it had not come from before',
      description:
        'The address of a request lies in a country from which this identity did not come in the last 30 days.',
      remedy: 'Ask the person whether they travel. If not, disable their API keys and sessions.',
      severity: 'warning',
      when: {
        kind: 'new',
        query: `outcome:success address:* ${bySomebody}`,
        fields: ['country'],
        remember: '30d',
        learn: '7d',
      },
      groupBy: ['initiator.id'],
    },
  },
  {
    number: [8],
    isOn: false,
    why: needsLocations,
    rule: {
      id: 'new-network',
      name: 'An identity came over a network it had not come over before',
      description:
        'The address of a request belongs to a provider (autonomous system) from which this identity did not come in the last 30 days.',
      remedy: 'For people it may be another line; for a service it should not change. Ask its owner.',
      severity: 'warning',
      when: {
        kind: 'new',
        query: `outcome:success address:* ${bySomebody}`,
        fields: ['network'],
        remember: '30d',
        learn: '7d',
      },
      groupBy: ['initiator.id'],
    },
  },
  {
    number: [8],
    isOn: false,
    why: 'Every new key is told at its first use. Turn it on where keys are seldom made.',
    rule: {
      id: 'new-key',
      name: 'A key was used that had not been used before',
      description:
        'A key wrapped or unwrapped data for the first time in 30 days: a new one, or one that had been asleep.',
      remedy: 'For an old key, ask who uses it again, and for what.',
      severity: 'warning',
      when: {
        kind: 'new',
        query: `${actions('hs-crypto.secrets.wrap', 'hs-crypto.secrets.unwrap', 'hs-crypto.secrets.rewrap')} outcome:success`,
        fields: ['key'],
        remember: '30d',
        learn: '7d',
      },
      groupBy: ['instance'],
    },
  },
  {
    number: [9],
    isOn: false,
    why: needsLocations,
    rule: {
      id: 'impossible-travel',
      name: 'One identity from two places that are too far apart',
      description:
        'Two requests of an identity came from addresses further apart than an airliner flies in the time between (900 km/h). Two people may use its credentials.',
      remedy:
        'Ask the person where they were. A virtual private network explains much; otherwise disable the API keys.',
      severity: 'warning',
      when: { kind: 'travel', query: `outcome:success address:* ${byUser}`, speed: 900, least: 500 },
      groupBy: ['initiator.id'],
    },
  },
  {
    number: [10],
    isOn: false,
    why: 'Set the hours and holidays of your people in the calendar working-hours first: it begins with Monday to Friday, 08:00 to 18:00 UTC.',
    rule: {
      id: 'off-hours-administration',
      name: 'Administration outside of working hours',
      description:
        'A person changed something that matters (an event of at least the severity warning) at a time at which nobody works.',
      remedy: 'Ask the person, not by mail, whether it was they.',
      severity: 'warning',
      when: { kind: 'match', query: `outcome:success severity:>=warning ${byUser}` },
      groupBy: ['initiator.id'],
      during: { calendar: 'working-hours', is: 'outside' },
    },
  },
  {
    number: [24],
    isOn: true,
    rule: {
      id: 'service-id-in-browser',
      name: 'A service ID acts as a person does',
      description:
        'Requests of a service ID come from a browser, or it signed in to the console. Service IDs are for programs: somebody may use the API key of one to stay unknown.',
      remedy: 'Find out who has the API key. Give the person an identity of their own, and replace the key.',
      severity: 'warning',
      when: {
        kind: 'match',
        query: `${byServiceId} (agent:Mozilla OR ${actions('iam-identity.session.create')})`,
      },
      groupBy: ['initiator.id'],
    },
  },
  {
    number: [24],
    isOn: true,
    rule: {
      id: 'credential-mismatch',
      name: 'An identity with a credential of another kind',
      description:
        'What an initiator is and how it proved that do not fit: a service ID with the session of a person, a person with the credential of a service, a certificate without one.',
      remedy: 'Look at the events of the identity around this one, and ask its owner. Replace the credential.',
      severity: 'warning',
      when: {
        kind: 'match',
        query: [
          `(${byServiceId} credential:==user)`,
          `(${byUser} credential:==[certificate, apikey-serviceid, s2s-authorization, compute-resource, instance-identity-token])`,
          `(${byCertificate} credential:* -credential:==certificate)`,
        ].join(' OR '),
      },
      groupBy: ['initiator.id'],
    },
  },
  {
    number: [25],
    isOn: true,
    rule: {
      id: 'refused-public-network',
      name: 'A request over the public network to a private instance',
      description:
        'An instance takes requests from its private network only, and an identity that is known tried it over the public one. It was refused.',
      remedy:
        'Ask the owner of the identity. A client set up wrongly is mended; a credential seen outside is replaced.',
      severity: 'warning',
      when: {
        kind: 'match',
        query: 'outcome:failure code:401 reason:"This instance takes requests from its private network only"',
      },
      groupBy: ['initiator.id', 'instance'],
    },
  },
  {
    number: [25],
    isOn: false,
    why: 'Fill its list instances with the GUIDs of the instances that must be private.',
    rule: {
      id: 'public-endpoint-used',
      name: 'An instance that must be private was reached over the public network',
      description:
        'A request for an instance of the list came with a public address. Requests over the private network have none. Only the list asks for this; the policy of the instance did not refuse it.',
      remedy: 'Set the policy allowedNetwork of the instance to private-only, and see who came.',
      severity: 'warning',
      when: { kind: 'match', query: `${done} address:* instance:==$instances` },
      groupBy: ['instance', 'initiator.id'],
      lists: { instances: [] },
    },
  },
  {
    number: [36],
    isOn: false,
    why: 'Fill its list accounts with the ids or names of the identities for emergencies.',
    rule: {
      id: 'break-glass-used',
      name: 'An account for emergencies was used',
      description:
        'An identity that is kept for emergencies did something, or failed to. There should be an emergency, and a record of it.',
      remedy: 'Ask for the emergency. When it is over, replace the credentials and seal them again.',
      severity: 'critical',
      when: { kind: 'match', query: 'initiator:==$accounts' },
      groupBy: ['initiator.id'],
      lists: { accounts: [] },
    },
  },
]
