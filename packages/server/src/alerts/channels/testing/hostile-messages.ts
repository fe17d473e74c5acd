/** Messages for tests: a plain one, the longest there can be, and any of texts that mean harm to some channel. */
import * as fc from 'fast-check'
import {
  type AlertFacts,
  type AlertMessage,
  alertMessage,
  alertMessageTypes,
  type Digest,
  messageLimits,
} from '../alert-message.ts'

export const at = '2026-11-26T05:00:00.000Z'
export const sender = { serviceName: 'Keywitness', cname: 'keywitness' }

/** A signed note as a tracker publishes it. */
export const note = `keywitness/us-south/0190a2b4
1204
wJ3Vg6kB1dV8r2mHn0o4m2v9yQe0lqv1Z6rXrJm9K1s=

— keywitness/us-south/0190a2b4 Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
`

export const plainFacts: Omit<AlertMessage, 'format'> & { readonly alert: AlertFacts } = {
  type: 'alert.raised',
  tracker: { location: 'us-south', origin: 'keywitness/us-south/0190a2b4' },
  at,
  title: 'Key used from a new country',
  text: 'Key canary-1 was unwrapped by service billing from SE.',
  remedy: '1. Ask the owner.\n2. Disable the key.',
  alert: {
    id: '0190a2b4-5f6a-7c3d-8e9f-001122334455',
    rule: { id: 'new-country', name: 'New country', version: 3 },
    severity: 'critical',
    state: 'open',
    group: [{ field: 'key', value: '5f6a', name: 'canary-1' }],
    count: 12,
    firstAt: '2026-11-26T04:50:00.000Z',
    lastAt: at,
    events: [{ id: '0190a2b4-0000-7000-8000-000000000001', index: 1203, time: at, sentence: 'unwrap key canary-1' }],
  },
  url: 'https://kms.example/alerts/0190a2b4',
}

export const digest: Digest = {
  period: { from: '2026-11-25T05:00:00.000Z', to: at },
  alerts: {
    raised: { critical: 1, warning: 2, info: 3 },
    closed: { critical: 4, warning: 5, info: 6 },
    open: { critical: 7, warning: 8, info: 9 },
  },
  openAlerts: [{ title: 'Still open', severity: 'warning', since: at, id: 'a-1' }],
  events: { total: 1_000, failures: 20, critical: 3 },
  rules: { on: 12, suspended: ['Night work'], dead: ['Old rule'] },
  channels: [{ name: 'On call', state: 'failing' }],
  mutes: [{ rule: 'new-country', reason: 'moving offices', until: at }],
  engine: { state: 'running', lagMs: 12 },
  checkpoint: note,
  verify: 'keywitness log verify checkpoint.txt',
}

/** Texts that end something somewhere: headers, lines, markup, mentions, structured data, links. */
const harms = [
  '\r\nBcc: victim@example.com',
  '\n.\r\nQUIT\r\n',
  '\r\n\r\n<html>',
  '<script>alert(1)</script>',
  '"><img src=http://evil.example/x>',
  '</p></main><h1>Fine</h1>',
  '<!channel>',
  '<!here|here>',
  '<@U012AB3CD>',
  '@here @channel @everyone',
  '<http://evil.example|kms.example>',
  '[kms.example](http://evil.example)',
  '![x](http://evil.example/x.png)',
  '**bold** _it_ `code` ~~no~~',
  '<at>Everybody</at>',
  ']',
  '"] [origin@1 ip="1.2.3.4"',
  String.raw`\"\]\\`,
  "'; --",
  '\u202egnp.exe\u2066',
  '\u200b\u2028\u2029\u0000\u001b[2J\u009b',
  '\ufeff<34>1 2020-01-01T00:00:00Z evil su - ID47 - hi',
  '👩‍👩‍👧‍👦🏳️‍🌈',
  '\ud800',
  ':skull: &amp; &#60;',
  'javascript:alert(1)',
  'x'.repeat(10_000),
  '—漢字'.repeat(3_000),
]

const hostileText = fc.oneof(
  fc.constantFrom(...harms),
  fc
    .array(fc.oneof(fc.constantFrom(...harms.slice(0, -2)), fc.string({ unit: 'binary', maxLength: 20 })), {
      maxLength: 6,
    })
    .map((parts) => parts.join('')),
)

const severity = fc.constantFrom('critical' as const, 'warning' as const, 'info' as const)

/** Any message of any type that is no digest, its texts as an attacker would choose them. */
export const hostileFacts = fc
  .record({
    type: fc.constantFrom(...alertMessageTypes.filter((type) => type !== 'digest')),
    texts: fc.array(hostileText, { minLength: 14, maxLength: 14 }),
    severity,
    state: fc.constantFrom('open' as const, 'acknowledged' as const, 'closed' as const),
    many: fc.integer({ min: 0, max: 12 }),
    url: fc.constantFrom(
      'https://kms.example/alerts/1?a="b"&c=<d>',
      'javascript:alert(1)',
      'https://a:b@c.example/',
      '\r\n',
    ),
  })
  .map(({ type, texts, severity: level, state, many, url }): Omit<AlertMessage, 'format'> => {
    const [
      t0 = '',
      t1 = '',
      t2 = '',
      t3 = '',
      t4 = '',
      t5 = '',
      t6 = '',
      t7 = '',
      t8 = '',
      t9 = '',
      ta = '',
      tb = '',
      tc = '',
      td = '',
    ] = texts
    return {
      type,
      tracker: { location: t0, origin: t1 },
      at: tc,
      title: t2,
      text: t3,
      remedy: t4,
      alert: {
        id: t5,
        rule: { id: t6, name: t7, version: 1 },
        severity: level,
        state,
        group: Array.from({ length: many }, () => ({ field: t8, value: t9, name: ta })),
        count: many,
        firstAt: at,
        lastAt: td,
        events: Array.from({ length: many }, (_, index) => ({ id: tb, index, time: at, sentence: t2 })),
      },
      by: { id: ta, name: tb },
      comment: t9,
      url,
    }
  })

/** Any digest, its names and reasons as an attacker would choose them; the checkpoint is the tracker's own. */
export const hostileDigests = fc
  .array(hostileText, { minLength: 6, maxLength: 6 })
  .map((texts): Omit<AlertMessage, 'format'> => {
    const [a = '', b = '', c = '', d = '', e = '', f = ''] = texts
    return {
      type: 'digest',
      tracker: plainFacts.tracker,
      at,
      title: a,
      text: b,
      digest: {
        ...digest,
        openAlerts: Array.from({ length: 30 }, () => ({ title: c, severity: 'warning' as const, since: at, id: d })),
        rules: { on: 1, suspended: [e, f], dead: Array.from({ length: 30 }, () => a) },
        channels: Array.from({ length: 30 }, () => ({ name: b, state: c })),
        mutes: Array.from({ length: 30 }, () => ({ rule: d, reason: e, until: f })),
        engine: { state: f, lagMs: 1 },
        verify: a,
      },
    }
  })

/** The longest message of its type: every text and list beyond its bound, in characters of three bytes each. */
export function longest(type: AlertMessage['type']): AlertMessage {
  const long = '漢'.repeat(20_000)
  const many = <Item>(item: Item): Item[] => Array.from({ length: 100 }, () => item)
  return alertMessage({
    type,
    tracker: { location: long, origin: long },
    at: long,
    title: long,
    text: long,
    remedy: long,
    alert: {
      ...plainFacts.alert,
      id: long,
      rule: { id: long, name: long, version: Number.MAX_SAFE_INTEGER },
      group: many({ field: long, value: long, name: long }),
      count: Number.MAX_SAFE_INTEGER,
      firstAt: long,
      lastAt: `${long}.`,
      events: many({ id: long, index: Number.MAX_SAFE_INTEGER, time: long, sentence: long }),
    },
    by: { id: long, name: long },
    comment: long,
    url: `https://kms.example/${'x'.repeat(messageLimits.url - 20)}`,
    digest: {
      ...digest,
      openAlerts: many({ title: long, severity: 'critical' as const, since: long, id: long }),
      rules: { on: 1, suspended: many(long), dead: many(long) },
      channels: many({ name: long, state: long }),
      mutes: many({ rule: long, reason: long, until: long }),
      engine: { state: long, lagMs: Number.MAX_SAFE_INTEGER },
      checkpoint: 'x'.repeat(messageLimits.checkpoint),
      verify: long,
    },
  })
}
