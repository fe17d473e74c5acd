/** The rules of one log: what was committed as seen is not told twice, what was not is told, whatever is lost in between. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Condition, Rule } from '@keywitness/tracker/alerts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { plainRule } from '../testing/alert-house.ts'
import { type EntryLog, entryLog, logStart } from '../testing/entry-log.ts'
import { LogWatch } from './log-watch.ts'
import type { Fired, FromAlerts, LiveRule, RuleSettings } from './messages.ts'

const place = { account: 'a', location: 'us-south', origin: 'keywitness/us-south/1', folder: '', keyFolder: '' }
const deletes = 'action:hs-crypto.secrets.delete'

let folder: string
let log: EntryLog
let said: FromAlerts[]
let now: number
/** Each look at the processor time is so much later. */
let cpuStep: number
let cpu: number
const cpuMs = (): number => (cpu += cpuStep)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keywitness-alerts-'))
  log = entryLog()
  said = []
  now = logStart + 3_600_000
  cpu = 0
  cpuStep = 0.001
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const stateFile = (): string => join(folder, 'state.json')

function live(when: Condition, given: Partial<Rule> = {}, facts: Partial<LiveRule> = {}): LiveRule {
  return { rule: plainRule({ when, ...given }), version: 1, liveFrom: 0, joined: true, ...facts }
}

function watch(rules: readonly LiveRule[], cursor = 0, more: Partial<RuleSettings> = {}): LogWatch {
  const settings = { rules, mutes: [], calendars: [], ...more }
  return new LogWatch(
    { token: 1, place, stateFile: stateFile(), cursor, settings },
    {
      openReader: () => log.reader,
      locate: undefined,
      say: (message) => void said.push(message),
      now: () => now,
      monotonic: () => now,
      cpuMs,
    },
  )
}

const batches = (): Extract<FromAlerts, { kind: 'batch' }>[] => said.filter((message) => message.kind === 'batch')
const fired = (): Fired[] => batches().flatMap((batch) => batch.fired)

/** Does all that is due; what is said is committed at once. Answers how far that is. */
function run(watched: LogWatch): number {
  watched.grown(log.reader.size())
  let settled = batches().length
  for (let steps = 0; watched.isDue && steps < 10_000; steps++) {
    watched.step()
    for (; settled < batches().length; settled++) watched.settle(true)
  }
  return batches().at(-1)?.cursor ?? 0
}

test('every entry is given once, and what fires says which events are behind it', () => {
  for (let at = 0; at < 1_200; at++) log.add('hs-crypto.secrets.wrap', `k${at % 3}`, at)
  const index = log.add('hs-crypto.secrets.delete', 'k1', 1_200)
  expect(run(watch([live({ kind: 'match', query: deletes })]))).toBe(1_201)
  expect(fired()).toMatchObject([
    {
      rule: 'deleted',
      version: 1,
      trigger: index,
      group: [{ field: 'key', value: 'k1' }],
      events: [{ index, sentence: 'Ana deleted key k1' }],
    },
  ])
})

test('nothing more is said until the batch is settled; one that was not committed is said again as it was', () => {
  const watched = watch([live({ kind: 'match', query: deletes })])
  log.add('hs-crypto.secrets.delete', 'k1', 1)
  watched.grown(1)
  // The first step finds that there is nothing to learn.
  watched.step()
  watched.step()
  log.add('hs-crypto.secrets.delete', 'k2', 2)
  watched.grown(2)
  expect(watched.isDue).toBe(false)
  watched.step()
  watched.tick()
  expect(batches()).toHaveLength(1)
  watched.settle(false)
  expect(batches()[1]).toEqual(batches()[0])
  watched.settle(true)
  run(watched)
  expect(batches().slice(2)).toMatchObject([{ cursor: 2, fired: [{ trigger: 1 }] }])
})

test('more firings than one commit takes keep the cursor where it was until the last of them', () => {
  for (let at = 0; at < 180; at++) log.add('hs-crypto.secrets.delete', `k${at}`, at)
  run(watch([live({ kind: 'match', query: deletes })]))
  expect(fired().map(({ trigger }) => trigger)).toEqual(Array.from({ length: 180 }, (_, at) => at))
  const early = batches().findIndex(({ cursor }) => cursor > 0)
  const before = batches().slice(0, early + 1)
  expect(before.flatMap((batch) => batch.fired).length).toBeGreaterThanOrEqual(batches()[early]?.cursor ?? 0)
})

test('a rule that is turned on learns from what was, and fires only for what is', () => {
  for (let at = 0; at < 6; at++) log.add('hs-crypto.secrets.wrap', 'k1', at)
  const when: Condition = { kind: 'count', query: 'action:*.wrap', threshold: 4, within: '1h' }
  const watched = watch([live(when, {}, { liveFrom: 6, joined: false })], 6)
  run(watched)
  expect(fired()).toEqual([])
  expect(batches().flatMap(({ joined }) => joined)).toEqual([{ id: 'deleted', version: 1 }])
  // Two of the second four were there before.
  log.add('hs-crypto.secrets.wrap', 'k1', 7)
  run(watched)
  expect(fired()).toEqual([])
  log.add('hs-crypto.secrets.wrap', 'k1', 8)
  run(watched)
  expect(fired()).toMatchObject([{ trigger: 7, count: 4 }])
})

test.each([
  ['its memory was written', true],
  ['its memory is lost, and learnt again from the log', false],
])('after a stop where %s a rule goes on as if nothing had been', (_how, isKept) => {
  const when: Condition = { kind: 'count', query: 'action:*.wrap', threshold: 3, within: '1h' }
  const first = watch([live(when)])
  for (let at = 0; at < 5; at++) log.add('hs-crypto.secrets.wrap', 'k1', at)
  const cursor = run(first)
  expect(fired()).toHaveLength(1)
  first.close(true)
  expect(existsSync(stateFile())).toBe(true)
  if (!isKept) rmSync(stateFile())
  said = []
  // What came while nobody looked.
  log.add('hs-crypto.secrets.wrap', 'k1', 6)
  run(watch([live(when)], cursor))
  expect(fired()).toMatchObject([{ trigger: 5, count: 3 }])
})

test('what fired and was not committed before a crash fires again; what was committed does not', () => {
  const rules = [live({ kind: 'match', query: deletes })]
  log.add('hs-crypto.secrets.delete', 'k1', 1)
  const cursor = run(watch(rules))
  log.add('hs-crypto.secrets.delete', 'k2', 2)
  const crashed = watch(rules, cursor)
  crashed.grown(2)
  crashed.step()
  crashed.step()
  expect(fired()).toHaveLength(2)
  said = []
  run(watch(rules, cursor))
  expect(fired().map(({ trigger }) => trigger)).toEqual([1])
})

test.each([
  ['cut off', () => '{"format":"keywitness-alert-state/1","ori'],
  ['of another log', (text: string) => text.replace('us-south/1', 'us-south/2')],
  ['ahead of what was committed', (text: string) => text.replace(/"cursor":\d+/, '"cursor":999999')],
  ['of another version of a rule', (text: string) => text.replaceAll('"version":1', '"version":7')],
  ['with a state that is none', (text: string) => text.replaceAll('keywitness-rule-state/1', 'nonsense')],
])('a memory that is %s is not used', (_what, spoil) => {
  const rules = [live({ kind: 'count', query: 'action:*.wrap', threshold: 3, within: '1h' })]
  for (let at = 0; at < 2; at++) log.add('hs-crypto.secrets.wrap', 'k1', at)
  const first = watch(rules)
  now += 2_000
  const cursor = run(first)
  first.close(true)
  writeFileSync(stateFile(), spoil(readFileSync(stateFile(), 'utf8')))
  log.add('hs-crypto.secrets.wrap', 'k1', 3)
  run(watch(rules, cursor))
  expect(fired()).toMatchObject([{ trigger: 2, count: 3 }])
})

test('what fell due is told by the time of the entries, and by the clock once all of them are seen', () => {
  const when: Condition = { kind: 'absence', query: 'action:*.wrap', within: '10m' }
  const watched = watch([live(when, { groupBy: [] })])
  log.add('hs-crypto.secrets.wrap', 'k1', 0)
  log.add('hs-crypto.secrets.delete', 'k1', 660)
  run(watched)
  expect(fired()).toMatchObject([{ trigger: 0 }])
  log.add('hs-crypto.secrets.wrap', 'k1', 700)
  run(watched)
  now = logStart + 1_300_000
  watched.tick()
  expect(fired()).toHaveLength(1)
  // Ten minutes and the moment that an entry may be on its way.
  now = logStart + 1_304_000
  watched.tick()
  watched.settle(true)
  watched.tick()
  expect(fired()).toMatchObject([{ trigger: 0 }, { trigger: 2 }])
})

test('its own events of alerts are not looked at: no rule fires for what it said', () => {
  log.add('activity-tracker.alert.raise', 'k1', 1)
  log.add('activity-tracker.alert.repeat', 'k1', 2)
  log.add('activity-tracker.alert.close', 'k1', 3)
  run(watch([live({ kind: 'match', query: '' }, { groupBy: [] })]))
  expect(fired().map(({ trigger }) => trigger)).toEqual([2])
})

test('a mute marks what it is about, by rule, group and the event behind it', () => {
  log.add('hs-crypto.secrets.delete', 'k1', 1)
  log.add('hs-crypto.secrets.delete', 'k2', 2)
  const until = now + 1_000
  const mutesOf = (mute: object): (string | undefined)[] => {
    said = []
    run(watch([live({ kind: 'match', query: deletes })], 0, { mutes: [{ id: 'm', until, ...mute }] }))
    return fired().map((one) => one.mute)
  }
  expect(mutesOf({})).toEqual(['m', 'm'])
  expect(mutesOf({ rule: 'deleted' })).toEqual(['m', 'm'])
  expect(mutesOf({ rule: 'other' })).toEqual([undefined, undefined])
  expect(mutesOf({ group: { key: 'k2' } })).toEqual([undefined, 'm'])
  expect(mutesOf({ group: { initiator: 'k2' } })).toEqual([undefined, undefined])
  expect(mutesOf({ query: 'key:k1' })).toEqual(['m', undefined])
  expect(mutesOf({ until: now })).toEqual([undefined, undefined])
})

test('a rule that takes too long for events is named and let go of at the second, and the others go on', () => {
  const costly = live({ kind: 'match', query: 'action:*.wrap' }, { id: 'costly' })
  const watched = watch([costly, live({ kind: 'match', query: deletes })])
  run(watched)
  for (let at = 0; at < 200; at++) log.add('hs-crypto.secrets.wrap', `k${at}`, at)
  log.add('hs-crypto.secrets.delete', 'k1', 300)
  cpuStep = 300
  watched.grown(201)
  watched.step()
  cpuStep = 0.001
  expect(said.filter((message) => message.kind === 'costly')).toMatchObject([
    { rule: 'costly', version: 1, why: expect.stringMatching(/^It took 300 ms for one event/) },
  ])
  watched.settle(true)
  run(watched)
  expect(fired().filter(({ rule }) => rule === 'deleted')).toMatchObject([{ trigger: 200 }])
})

test('a rule that takes a little too long for every event goes while events wait, and stays while none do', () => {
  const slow = live({ kind: 'match', query: 'action:*.wrap' }, { id: 'slow' })
  const costlyOf = (count: number): FromAlerts[] => {
    said = []
    const watched = watch([slow])
    for (let at = 0; at < count; at++) log.add('hs-crypto.secrets.wrap', `k${at}`, at)
    cpuStep = 1.5
    run(watched)
    cpuStep = 0.001
    return said.filter(({ kind }) => kind === 'costly')
  }
  expect(costlyOf(900)).toEqual([])
  expect(costlyOf(8_000)).toMatchObject([
    { rule: 'slow', why: expect.stringMatching(/ms for an event while events waited\.$/) },
  ])
})

test('a rule that cannot be made is let go of with words, and the others are watched', () => {
  const broken = live({ kind: 'match', query: '/everywhere/' }, { id: 'broken' })
  const late = live({ kind: 'match', query: deletes }, { id: 'late', during: { calendar: 'none', is: 'inside' } })
  log.add('hs-crypto.secrets.delete', 'k1', 1)
  run(watch([broken, late, live({ kind: 'match', query: deletes })]))
  expect(fired()).toMatchObject([{ rule: 'deleted' }])
  expect(said.filter((message) => message.kind === 'costly')).toMatchObject([
    { rule: 'broken', why: expect.stringContaining('It cannot be evaluated') },
    { rule: 'late', why: expect.stringContaining('There is no calendar none') },
  ])
})

test('what fires quicker than it is committed waits in the log: no more than so much waits here', () => {
  for (let at = 0; at < 5_000; at++) log.add('hs-crypto.secrets.delete', `k${at}`, at)
  const watched = watch([live({ kind: 'match', query: deletes })])
  watched.grown(5_000)
  let most = 0
  for (let steps = 0; steps < 400 && watched.isDue; steps++) {
    watched.step()
    most = Math.max(most, watched.waiting)
    watched.settle(true)
  }
  expect(most).toBeGreaterThan(900)
  expect(most).toBeLessThan(1_600)
  expect(fired().map(({ trigger }) => trigger)).toEqual(Array.from({ length: 5_000 }, (_, at) => at))
})

test('a clock that was hours ahead and is put right stops nothing', () => {
  const when: Condition = { kind: 'absence', query: 'action:*.wrap', within: '5m' }
  const watched = watch([live(when, { groupBy: [] })])
  now = logStart + 10 * 3_600_000
  log.add('hs-crypto.secrets.wrap', 'k1', 10 * 3_600)
  run(watched)
  now = logStart + 60_000
  log.add('hs-crypto.secrets.wrap', 'k1', 60)
  run(watched)
  said = []
  now = logStart + 15 * 60_000
  watched.tick()
  watched.settle(true)
  watched.tick()
  expect(fired().length).toBeGreaterThan(0)
})

test('a rule that fires for every event is told once for many, with all that fired counted', () => {
  for (let at = 0; at < 300; at++) log.add('hs-crypto.secrets.delete', 'k1', at)
  run(watch([live({ kind: 'match', query: deletes })]))
  expect(fired().length).toBeLessThan(20)
  expect(fired().flatMap(({ trigger, triggers = [trigger] }) => triggers)).toEqual(
    Array.from({ length: 300 }, (_, at) => at),
  )
  expect(fired().at(-1)?.events).toHaveLength(10)
})

test('an event that is dated far ahead makes nothing late, and silences no rule', () => {
  const when: Condition = { kind: 'absence', query: 'action:*.wrap', within: '5m' }
  const watched = watch([live(when, { groupBy: [] })])
  for (let minute = 0; minute < 10; minute++) {
    log.add('hs-crypto.secrets.wrap', 'k1', minute * 60)
    if (minute === 4) log.add('hs-crypto.secrets.delete', 'k1', 174 * 365 * 86_400)
  }
  run(watched)
  now = logStart + 10 * 60_000
  watched.tick()
  expect(fired()).toEqual([])
  now = logStart + 20 * 60_000
  watched.tick()
  expect(fired()).toMatchObject([{ trigger: 10 }])
})

test('a mute that cannot be read mutes nothing and is told of; the others hold', () => {
  log.add('hs-crypto.secrets.delete', 'k1', 1)
  const until = now + 10_000
  const mutes = [
    { id: 'bad', until, query: '/[/' },
    { id: 'good', until, query: 'key:k1' },
  ]
  const watched = watch([live({ kind: 'match', query: deletes })], 0, { mutes })
  run(watched)
  expect(fired()).toMatchObject([{ mute: 'good' }])
  now += 1_000
  watched.tick()
  expect(said.findLast((message) => message.kind === 'health')).toMatchObject({ brokenMutes: ['bad'] })
})

test('a rule that is changed while it is on sees what its last version had not seen, and nothing twice', () => {
  const when: Condition = { kind: 'match', query: deletes }
  const watched = watch([live(when)])
  log.add('hs-crypto.secrets.delete', 'k0', 1)
  const cursor = run(watched)
  // Recorded before the change, and not seen yet: the new version begins where the cursor is.
  log.add('hs-crypto.secrets.delete', 'k1', 2)
  said = []
  watched.use({
    rules: [live(when, { name: 'Other' }, { version: 2, liveFrom: cursor, joined: false })],
    mutes: [],
    calendars: [],
  })
  run(watched)
  expect(fired()).toMatchObject([{ version: 2, trigger: 1 }])
})

test('what a rule learns again after a long stop is counted from when it was, not from now', () => {
  const when: Condition = { kind: 'count', query: deletes, threshold: 5, within: '10m' }
  for (let at = 0; at < 6; at++) log.add('hs-crypto.secrets.delete', 'k1', at)
  now += 3 * 3_600_000
  run(watch([live(when)], 3))
  expect(fired()).toMatchObject([{ trigger: 4, count: 5 }])
})

test('when room is short the rule that remembers most goes, and it is said why', () => {
  const few = live({ kind: 'count', query: deletes, threshold: 9, within: '1h' }, { id: 'few' })
  const many = live({ kind: 'count', query: 'action:*.wrap', threshold: 9, within: '1h' }, { id: 'many' })
  const watched = watch([few, many])
  for (let at = 0; at < 100; at++) log.add('hs-crypto.secrets.wrap', `k${at}`, at)
  run(watched)
  expect(watched.heaviest).toMatchObject({ rule: 'many', bytes: expect.any(Number) })
  watched.letGoOf('many', 'There is no more room.')
  expect(watched.heaviest).toMatchObject({ rule: 'few' })
  expect(said).toContainEqual({ kind: 'costly', token: 1, rule: 'many', version: 1, why: 'There is no more room.' })
})

test('health says how far it is, since when entries wait, and which rules learn', () => {
  for (let at = 0; at < 600; at++) log.add('hs-crypto.secrets.wrap', 'k1', at)
  const watched = watch(
    [live({ kind: 'count', query: 'action:*.wrap', threshold: 9_000, within: '2h' }, {}, { joined: false })],
    600,
  )
  watched.grown(600)
  watched.step()
  const health = (): Extract<FromAlerts, { kind: 'health' }>[] => said.filter((message) => message.kind === 'health')
  expect(health()[0]).toMatchObject({ cursor: 600, isRecovering: false })
  run(watched)
  now += 1_000
  watched.tick()
  expect(health().at(-1)).toMatchObject({ cursor: 600, rules: [{ id: 'deleted', state: 'on', matched: 600 }] })
})

test('a log that cannot be read is not passed over: the error goes to whoever begins anew', () => {
  const watched = watch([live({ kind: 'match', query: deletes })])
  log.add('hs-crypto.secrets.delete', 'k1', 1)
  run(watched)
  log.add('hs-crypto.secrets.delete', 'k2', 2)
  watched.grown(2)
  log.isBroken = true
  expect(() => watched.step()).toThrow('the disk is gone')
  log.isBroken = false
  said = []
  run(watch([live({ kind: 'match', query: deletes })], 1))
  expect(fired()).toMatchObject([{ trigger: 1 }])
})
