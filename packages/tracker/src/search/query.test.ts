/** Queries over a log that is sealed, indexed and not indexed yet: the tables propose, and change no answer. */
import { entryBytes, type EventData } from '@keywitness/cadf'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Delivery, TrackerReader } from '../api.ts'
import { producerA, sampleEvent, sampleTime, uuidOf } from '../testing/sample-entries.ts'
import { followAll, sealAll, testLog } from '../testing/test-log.ts'
import { eventOf, type Json } from './fields.ts'

const size = 95
const names = ['Ana Ruiz', 'ANA', 'Marek Novák', 'billing-sync', 'anabel', 'Ölçer *?', 'a"b']
const policyActions = ['hs-crypto.policies.write', 'hs-crypto.instancepolicies.write', 'hs-crypto.secrets.create']
const agents = ['curl/8.5.0', 'Mozilla/5.0 (X11; Linux)', 'vault-agent', undefined]

/** Event `n`, with more of what real events have: names, agents, reasons, lists, odd members of imported ones. */
function variedEvent(n: number): Json {
  const event = sampleEvent(n)
  const agent = agents[n % agents.length]
  const requestData: EventData = {
    ...event.requestData,
    ...(n % 3 === 0 ? { keyType: n % 2 === 0 ? 'root' : 'standard' } : {}),
    ...(n % 11 === 0 ? { names: Array.from({ length: 700 }, (_, at) => `item${at + n}`) } : {}),
    ...(n % 5 === 0 ? { newValue: { policyDualAuthDeleteEnabled: n % 4 === 1 } } : {}),
    ...(n % 5 === 0 && n % 25 !== 0 ? { initialValue: { policyDualAuthDeleteEnabled: n % 4 !== 1 } } : {}),
    ...(n % 13 === 0 ? { expirationDate: '2026-11-25T12:00:00Z' } : {}),
    ...(n % 8 === 0 ? { offset: n % 16 === 0 ? -5 : 1.5 } : {}),
    ...(n % 9 === 0 ? { note: 'Κλειδιά τέλος Foo™ 1½' } : {}),
  }
  const { reasonForFailure, ...reason } = {
    ...event.reason,
    reasonForFailure: n % 7 === 0 ? `The role Writer is missing (${n}).` : undefined,
  }
  const changed = {
    ...event,
    // As a client may send it: at the start, in the sealed, the indexed and the unindexed part.
    ...(n % 29 === 0 ? { correlationId: event.correlationId!.toUpperCase() } : {}),
    ...(n % 17 === 0 ? { action: 'hs-crypto.importtoken.create' } : {}),
    ...(n % 10 === 5 ? { action: policyActions[n % 3]! } : {}),
    ...(n % 19 === 0 ? { severity: 'warning', outcome: 'pending' } : {}),
    initiator: {
      ...event.initiator,
      name: names[n % names.length]!,
      host: { address: `192.0.2.${n}`, ...(agent === undefined ? {} : { agent }) },
    },
    reason: {
      ...reason,
      ...(reasonForFailure === undefined ? {} : { reasonForFailure }),
      ...(n % 23 === 0 ? { reasonCode: '409' } : {}),
    },
    requestData,
    responseData: { ...event.responseData, ...(n % 3 === 0 ? { totalResources: n } : {}) },
  }
  return changed
}

function variedDelivery(n: number): Delivery {
  const bytes = entryBytes(variedEvent(n) as never, { id: producerA, epoch: 1 }, n)
  return { producer: producerA, epoch: 1, sequence: n, bytes, received: sampleTime }
}

let read: TrackerReader
let remove = (): void => undefined
const numbers = Array.from({ length: size }, (_, at) => at + 1)
/** Events as they stand in the log, by index. */
const events = numbers.map((n) => eventOf(variedDelivery(n).bytes))

beforeAll(() => {
  const log = testLog((work) => (remove = work))
  const tracker = log.open({ segmentEvents: 20 })
  const batch = (first: number, last: number): Delivery[] => numbers.slice(first - 1, last).map(variedDelivery)
  tracker.append(batch(1, 70))
  tracker.publish()
  sealAll(tracker, log.folder)
  tracker.append(batch(71, 85))
  followAll(tracker)
  tracker.append(batch(86, size))
  read = log.reader()
})
afterAll(() => remove())

const now = sampleTime + 200_000
function found(query: string, more: { zone?: string; order?: 'asc' | 'desc' } = {}): number[] {
  const indexes: number[] = []
  let cursor: string | undefined
  do {
    const page = read.events({ limit: 7, query, now, ...more, ...(cursor === undefined ? {} : { cursor }) })
    indexes.push(...page.events.map(({ index }) => index))
    cursor = page.next
  } while (cursor !== undefined)
  return indexes
}

const at = (event: Json, path: string): unknown =>
  path.split('.').reduce<unknown>((value, member) => (value as Json | undefined)?.[member], event)
const text = (event: Json, path: string): string => {
  const value = at(event, path) ?? ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
const dualAuth = (event: Json, side: string): unknown => at(event, `requestData.${side}.policyDualAuthDeleteEnabled`)
/** Whether the event set a policy. */
const changed = (event: Json): boolean =>
  text(event, 'action').endsWith('policies.write') &&
  at(event, 'outcome') !== 'failure' &&
  dualAuth(event, 'newValue') !== undefined
const where = (matches: (event: Json, index: number) => boolean): number[] =>
  events.flatMap((event, index) => (matches(event, index) ? [index] : [])).toReversed()

test.each<[string, (event: Json, index: number) => boolean]>([
  ['', () => true],
  ['*', () => true],
  ['initiator:ana', (e) => /^ana/i.test(text(e, 'initiator.name'))],
  ['initiator:=Ana', (e) => text(e, 'initiator.name').startsWith('Ana')],
  ['initiator:==ana', (e) => /^ana$/i.test(text(e, 'initiator.name'))],
  ['initiator:===ANA', (e) => text(e, 'initiator.name') === 'ANA'],
  ['initiator:"ana ruiz"', (e) => /^ana ruiz/i.test(text(e, 'initiator.name'))],
  ['initiator:ibmid-1', (e) => text(e, 'initiator.id') === 'IBMid-1'],
  ['initiator:[ANA, ==IBMid-2]', (e) => /^ana/i.test(text(e, 'initiator.name'))],
  ['initiator.id:==[ibmid-0, IBMID-2]', (e) => /-[02]$/.test(text(e, 'initiator.id'))],
  ['initiator:a*z', (e) => /^a.*z$/i.test(text(e, 'initiator.name'))],
  ['initiator:*sync', (e) => text(e, 'initiator.name').endsWith('sync')],
  ['initiator:ölçer\\ \\*\\?', (e) => text(e, 'initiator.name').startsWith('Ölçer')],
  ['initiator:/^[AM].*[zk]$/', (e) => /^[AM].*[zk]$/.test(text(e, 'initiator.name'))],
  ['agent:curl', (e) => text(e, 'initiator.host.agent').startsWith('curl')],
  ['agent:"mozilla/5.0 (x11"', (e) => text(e, 'initiator.host.agent').startsWith('Mozilla')],
  ['agent:*', (e) => at(e, 'initiator.host.agent') !== undefined],
  ['NOT agent:*', (e) => at(e, 'initiator.host.agent') === undefined],
  ['address:192.0.2.1', (e) => text(e, 'initiator.host.address').startsWith('192.0.2.1')],
  ['address:==192.0.2.1', (e) => text(e, 'initiator.host.address') === '192.0.2.1'],
  ['address:/[.]2[0-3]$/', (e) => /\.2[0-3]$/.test(text(e, 'initiator.host.address'))],
  ['outcome:failure', (e) => at(e, 'outcome') === 'failure'],
  ['-outcome:success', (e) => at(e, 'outcome') !== 'success'],
  ['outcome:[failure, pending]', (e) => at(e, 'outcome') !== 'success'],
  ['severity:>=warning', (e) => at(e, 'severity') !== 'normal'],
  ['severity:<critical', (e) => at(e, 'severity') !== 'critical'],
  ['-5', (e) => at(e, 'requestData.offset') !== -5 && !/\b5\b/.test(text(e, 'initiator.host.agent'))],
  ['"1.5"', (e) => at(e, 'requestData.offset') === 1.5],
  ['NOT 1.5', (e) => at(e, 'requestData.offset') !== 1.5],
  ['ΤΈΛΟΣ', (e) => at(e, 'requestData.note') !== undefined],
  ['τέλο*', (e) => at(e, 'requestData.note') !== undefined],
  ['Foo™', (e) => at(e, 'requestData.note') !== undefined],
  ['foo*', (e) => at(e, 'requestData.note') !== undefined],
  ['code:403', (e) => Number(at(e, 'reason.reasonCode')) === 403],
  ['code:409', (e) => at(e, 'reason.reasonCode') === '409'],
  ['code:4xx', (e) => text(e, 'reason.reasonCode').startsWith('4')],
  ['code:>200 code:<=403', (e) => Number(at(e, 'reason.reasonCode')) === 403],
  ['reason:"the role writer"', (e) => at(e, 'reason.reasonForFailure') !== undefined],
  ['action:hs-crypto.secrets.wrap', (e) => at(e, 'action') === 'hs-crypto.secrets.wrap'],
  ['action:*.delete', (e) => text(e, 'action').endsWith('.delete')],
  ['action:hs-crypto.import-token.create', (e) => at(e, 'action') === 'hs-crypto.importtoken.create'],
  ['action:/importtoken/', (e) => at(e, 'action') === 'hs-crypto.importtoken.create'],
  [`key:${uuidOf('key', 3)}`, (e) => text(e, 'target.id').endsWith(uuidOf('key', 3))],
  [`key:${uuidOf('key', 3).toUpperCase()}`, (e) => text(e, 'target.id').endsWith(uuidOf('key', 3))],
  [`key:${uuidOf('key', 3).slice(0, 11)}`, (e) => text(e, 'target.id').endsWith(uuidOf('key', 3))],
  [uuidOf('key', 2), (e) => text(e, 'target.id').endsWith(uuidOf('key', 2))],
  [uuidOf('correlation', 40), (_, index) => index === 39],
  [`request:${uuidOf('correlation', 40)}`, (_, index) => index === 39],
  [`request:${uuidOf('correlation', 40).slice(0, 13)}`, (_, index) => index === 39],
  ...[29, 87].flatMap((n): [string, (event: Json, index: number) => boolean][] => [
    [uuidOf('correlation', n), (_, index) => index === n - 1],
    [`request:${uuidOf('correlation', n)}`, (_, index) => index === n - 1],
    [`request:==${uuidOf('correlation', n)}`, (_, index) => index === n - 1],
    [`request:${uuidOf('correlation', n).toUpperCase()}`, (_, index) => index === n - 1],
  ]),
  ['target:crn:v1:keywitness', () => true],
  [`instance:${uuidOf('instance', 1)}`, (e) => at(e, 'requestData.instanceID') === uuidOf('instance', 1)],
  ['keyType:root', (e) => at(e, 'requestData.keyType') === 'root'],
  ['requestData.keyType:*', (e) => at(e, 'requestData.keyType') !== undefined],
  ['totalResources:10..20', (_, index) => (index + 1) % 3 === 0 && index + 1 >= 10 && index + 1 <= 20],
  [
    'newValue.policyDualAuthDeleteEnabled:true',
    (e) => at(e, 'requestData.newValue.policyDualAuthDeleteEnabled') === true,
  ],
  [
    'newValue.policyDualAuthDeleteEnabled:false',
    (e) => at(e, 'requestData.newValue.policyDualAuthDeleteEnabled') === false,
  ],
  ['requestData.names:item777', (_, index) => index + 1 === 88 || index + 1 === 99],
  ['item777', (_, index) => index + 1 === 88],
  ['item11', (_, index) => index + 1 === 11],
  ['expirationDate:2026-11', (_, index) => (index + 1) % 13 === 0],
  ['expirationDate:<2026-11-25', () => false],
  ['change:looser', (e) => changed(e) && dualAuth(e, 'initialValue') === true && dualAuth(e, 'newValue') === false],
  ['change:stricter', (e) => changed(e) && dualAuth(e, 'initialValue') === false && dualAuth(e, 'newValue') === true],
  ['change:===other', (e) => changed(e) && dualAuth(e, 'initialValue') === undefined],
  ['change:*', (e) => changed(e)],
  ['NOT change:*', (e) => !changed(e)],
  ['change:o*er', (e) => changed(e) && dualAuth(e, 'initialValue') === undefined],
  ['-change:looser', (e) => !(changed(e) && dualAuth(e, 'initialValue') === true)],
  ['change:nothing', () => false],
  ['index:10..12', (_, index) => index >= 10 && index <= 12],
  ['time:>=-2m', (_, index) => (index + 1) * 1_000 >= 200_000 - 120_000],
  ['billing', () => true],
  ['billing-3', (e) => at(e, 'target.name') === 'billing-3'],
  ['"billing 3"', (e) => at(e, 'target.name') === 'billing-3'],
  ['ruiz OR novak', (e) => /Ruiz|Novák/.test(text(e, 'initiator.name'))],
  ['rui*', (e) => /Ruiz/.test(text(e, 'initiator.name'))],
  ['-rui* -marek', (e) => !/Ruiz|Marek/.test(text(e, 'initiator.name'))],
  ['*bill?ng-2', (e) => at(e, 'target.name') === 'billing-2'],
  ['/role Writer/', (e) => at(e, 'reason.reasonForFailure') !== undefined],
  ['/ROLE writer/i', (e) => at(e, 'reason.reasonForFailure') !== undefined],
  [
    '(outcome:failure OR severity:warning) -agent:curl',
    (e) =>
      (at(e, 'outcome') === 'failure' || at(e, 'severity') === 'warning') &&
      !text(e, 'initiator.host.agent').startsWith('curl'),
  ],
  ['nothingatall', () => false],
  ['"..."', () => false],
  ['observer.name:activitytracker', () => true],
  ['dataEvent:true', () => true],
  ['saveServiceCopy:false', () => false],
])('%s', (query, matches) => {
  expect(found(query)).toEqual(where(matches))
  expect(found(query, { order: 'asc' })).toEqual(where(matches).toReversed())
})

test('conditions joined in any way find what each entry says, wherever it lies', () => {
  const terms = [
    'initiator:ana',
    'initiator.id:===IBMid-1',
    'outcome:failure',
    'severity:>=warning',
    'code:4xx',
    'agent:curl',
    'keyType:root',
    'billing',
    'rui*',
    '"role writer"',
    'action:*.wrap',
    'time:>=-2m',
    'index:20..60',
    'item300',
    'agent:*',
    'code:409',
    'action:hs-crypto.import-token.create',
    `key:${uuidOf('key', 1)}`,
    '/nov/i',
    'reason:*',
    'change:looser',
    'change:*',
  ]
  const members = new Map(terms.map((term) => [term, new Set(found(term))]))
  type Tree = { readonly written: string; readonly holds: (index: number) => boolean }
  const leaf = fc
    .constantFrom(...terms)
    .map((term): Tree => ({ written: term, holds: (index) => members.get(term)!.has(index) }))
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      tie('tree').map((one): Tree => ({ written: `NOT (${one.written})`, holds: (index) => !one.holds(index) })),
      fc.tuple(tie('tree'), tie('tree')).map(([a, b]): Tree => ({
        written: `(${a.written}) AND (${b.written})`,
        holds: (index) => a.holds(index) && b.holds(index),
      })),
      fc.tuple(tie('tree'), tie('tree')).map(([a, b]): Tree => ({
        written: `(${a.written}) OR (${b.written})`,
        holds: (index) => a.holds(index) || b.holds(index),
      })),
    ),
  }))
  fc.assert(
    fc.property(tree, ({ written, holds }) => {
      fc.pre(written.length < 1_500)
      expect(found(written)).toEqual(where((_, index) => holds(index)))
    }),
    { numRuns: 300 },
  )
})

test('a relative time means the same on every page, also later', () => {
  const first = read.events({ limit: 5, query: 'time:>=-150s', now })
  const rest = read.events({ limit: 100, query: 'time:>=-150s', now: now + 3_600_000, cursor: first.next ?? '' })
  expect([...first.events, ...rest.events].map(({ index }) => index)).toEqual(where((_, index) => index + 1 >= 50))
})

test('a question that takes too long ends with what it found, and goes on where it ended', () => {
  const indexes: number[] = []
  let pages = 0
  let cursor: string | undefined
  do {
    const page = read.events({
      limit: 100,
      query: '-/x[.]y/',
      now,
      until: 0,
      ...(cursor === undefined ? {} : { cursor }),
    })
    indexes.push(...page.events.map(({ index }) => index))
    cursor = page.next
    pages += 1
  } while (cursor !== undefined && pages < 500)
  expect(pages).toBeGreaterThan(4)
  expect(indexes).toEqual(where(() => true))
})

test.each([
  ['/(/', 1, 'This is no regular expression'],
  ['code:200 /a{9}**/', 10, 'This is no regular expression'],
  ['/(?:(?:a{50}){20}){9}/', 1, 'come to too much'],
  [`/${'a'.repeat(257)}/`, 1, 'at most 256 characters'],
])('%s is refused, and where', (query, place, message) => {
  const error = (() => {
    try {
      return read.events({ limit: 1, query })
    } catch (thrown) {
      return thrown as Error & { code: string; cause: { at: number } }
    }
  })()
  expect(error).toMatchObject({
    code: 'BAD_INPUT',
    message: expect.stringContaining(message) as string,
    cause: { at: place },
  })
})
