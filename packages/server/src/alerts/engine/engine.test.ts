/** The engine when its thread is down: seen at once, started again, and nothing that was to be told is lost. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Refusal } from '../../errors.ts'
import type { Seen } from '../raising/raise.ts'
import { type AlertHouse, openAlertHouse, plainRule, tracker } from '../testing/alert-house.ts'
import { openTrailHouse, type TrailHouse } from '../../testing/trail-house.ts'
import type { TrackerRow } from '../../trail/trail.ts'
import { beginEngine } from '../rules/rule-rows.ts'
import { AlertEngine } from './engine.ts'

let house: AlertHouse
let log: TrailHouse
let folder: string
let engine: AlertEngine | undefined
let row: TrackerRow
let seen: Seen[]
/** How many commits fail. */
let failures: number

beforeEach(async () => {
  house = openAlertHouse()
  log = await openTrailHouse({ accounts: 1, rows: 50 })
  await log.whole()
  folder = mkdtempSync(join(tmpdir(), 'keywitness-engine-'))
  row = log.trail.trackers(log.places[0]?.account ?? '')[0] as TrackerRow
  seen = []
  failures = 0
  house.apply([beginEngine(row.id, 0)])
  house.rule({ when: { kind: 'match', query: '' }, groupBy: [] }, { tracker: row.id })
})
afterEach(async () => {
  await engine?.stop()
  await log.remove()
  house.close()
  rmSync(folder, { recursive: true, force: true })
})

function open(locationDatabase?: string): AlertEngine {
  const { rules, mutes } = house.parts
  engine = new AlertEngine({
    trail: log.trail,
    rules,
    mutes,
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    log: house.log,
    folder,
    locationDatabase,
    isThere: () => true,
    commit: async (_tracker, what) => {
      if (failures-- > 0) throw new Refusal('AUDIT_UNAVAILABLE')
      seen.push(what)
    },
    suspend: async () => undefined,
  })
  engine.start()
  engine.watch(row)
  return engine
}

async function until(holds: () => boolean): Promise<void> {
  for (const began = performance.now(); !holds();) {
    if (performance.now() - began > 20_000) throw new Error('it did not come about')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
const triggers = (): number[] =>
  seen.flatMap(({ fired }) => fired.flatMap(({ trigger, triggers: every = [trigger] }) => every))
const all = Array.from({ length: 50 }, (_, index) => index)

test('whatever is in the log is seen, in order, up to its end', async () => {
  const opened = open()
  await until(() => triggers().length >= all.length)
  expect(triggers()).toEqual(all)
  await until(() => opened.health(row).state === 'running' && opened.health(row).lagEvents === 0)
  await until(() => opened.ruleHealth(row).get('deleted')?.matched === 50)
  expect(opened.ruleHealth(row).get('deleted')).toMatchObject({ state: 'on', isSaturated: false })
})

test('what cannot be committed is told as trouble, tried again, and then committed once', async () => {
  failures = 1
  const opened = open()
  await until(() => opened.health(row).state === 'failed')
  expect(opened.health(row).problem).toBe('Alerts cannot be recorded; it is tried again.')
  await until(() => triggers().length >= all.length)
  expect(triggers()).toEqual(all)
  await until(() => opened.health(row).state === 'running')
})

test('a thread that ends is seen as a failure at once; it is started again and sees what was not seen', async () => {
  // What is no database ends the thread as it begins.
  const database = join(folder, 'locations.mmdb')
  writeFileSync(database, 'none')
  const opened = open(database)
  await until(() => opened.health(row).state === 'failed')
  expect(opened.health(row)).toMatchObject({ problem: 'The alert engine ended; it is started again.', lagEvents: 50 })
  const tested = await opened.test(row, { rule: plainRule(), calendars: [], from: 0, to: 1 })
  expect(tested).toEqual({ problem: 'RESTARTED' })
  expect(triggers()).toEqual([])
  await opened.stop()
  const again = open()
  await until(() => triggers().length >= all.length)
  expect(triggers()).toEqual(all)
  expect(again.all()).toHaveLength(1)
})

test('a tracker that nobody watches is no silence to trust', () => {
  const opened = open()
  expect(opened.health({ ...tracker, location: 'eu-de' })).toMatchObject({
    state: 'failed',
    problem: 'Its events are not watched.',
  })
})
