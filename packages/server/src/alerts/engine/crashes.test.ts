/** Whatever crashes whenever, and whatever is lost with it: the alerts are those of a server that never crashed. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import type { Condition } from '@keywitness/tracker/alerts'
import { expect, test } from 'vitest'
import { raise } from '../raising/raise.ts'
import { type AlertHouse, openAlertHouse, plainRule, tracker } from '../testing/alert-house.ts'
import { type EntryLog, entryLog, logStart } from '../testing/entry-log.ts'
import { LogWatch } from './log-watch.ts'
import type { FromAlerts } from './messages.ts'

const wraps = 'action:hs-crypto.secrets.wrap'
const deletes = 'action:hs-crypto.secrets.delete'
const conditions: readonly Condition[] = [
  { kind: 'match', query: deletes },
  { kind: 'count', query: wraps, threshold: 3, within: '1h' },
  { kind: 'distinct', query: wraps, of: 'key', threshold: 2, within: '30m' },
  { kind: 'sequence', steps: [{ query: wraps, count: 2 }, { query: deletes }], within: '1h' },
  { kind: 'new', query: wraps, fields: ['key'], remember: '30d', learn: '1m' },
  { kind: 'ratio', query: deletes, of: '', share: 0.5, least: 4, within: '1h' },
]

type Act =
  | { readonly kind: 'event'; readonly action: 'wrap' | 'delete'; readonly key: number; readonly after: number }
  | { readonly kind: 'step' }
  /** What was said is committed, and the thread hears of it; or it is committed and the thread ends first. */
  | { readonly kind: 'commit'; readonly isHeard: boolean }
  | { readonly kind: 'refuse' }
  /** The process ends as it is; its memory may be lost with it. */
  | { readonly kind: 'crash'; readonly isMemoryLost: boolean }
  | { readonly kind: 'stop' }

const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({
        kind: fc.constant('event' as const),
        action: fc.constantFrom('wrap' as const, 'delete' as const),
        key: fc.nat(2),
        after: fc.nat(600),
      }),
    },
    { weight: 5, arbitrary: fc.constant({ kind: 'step' as const }) },
    { weight: 3, arbitrary: fc.boolean().map((isHeard) => ({ kind: 'commit' as const, isHeard })) },
    { weight: 1, arbitrary: fc.constant({ kind: 'refuse' as const }) },
    { weight: 2, arbitrary: fc.boolean().map((isMemoryLost) => ({ kind: 'crash' as const, isMemoryLost })) },
    { weight: 1, arbitrary: fc.constant({ kind: 'stop' as const }) },
  ),
  { minLength: 5, maxLength: 120 },
)

/** A server whose parts end when they are told to. */
class Server {
  readonly house: AlertHouse = openAlertHouse()
  readonly log: EntryLog = entryLog()
  readonly #folder = mkdtempSync(join(tmpdir(), 'keywitness-crashes-'))
  #said: FromAlerts[] = []
  #watch: LogWatch
  #seconds = 0
  readonly #rules = conditions.map((when) =>
    this.house.rule({ id: when.kind, when, groupBy: when.kind === 'distinct' || when.kind === 'ratio' ? [] : ['key'] }),
  )

  constructor() {
    this.#watch = this.#start()
  }

  #start(): LogWatch {
    this.#said = []
    const rules = this.#rules.map((rule) => ({ rule: plainRule(rule), version: 1, liveFrom: 0, joined: true }))
    return new LogWatch(
      {
        token: 1,
        place: { account: 'a', location: 'us-south', origin: 'o', folder: '', keyFolder: '' },
        stateFile: join(this.#folder, 'state.json'),
        cursor: this.house.parts.rules.cursor(tracker.id) ?? 0,
        settings: { rules, mutes: [], calendars: [] },
      },
      {
        openReader: () => this.log.reader,
        locate: undefined,
        say: (message) => void this.#said.push(message),
        // What one commit does not take is committed by the next, before the cursor moves.
        batchMax: 2,
        // The cursor is due at each look, and the memory, too.
        now: () => logStart + this.#seconds * 1_000,
        monotonic: () => (this.#clock += 61_000),
        cpuMs: () => 0,
      },
    )
  }
  #clock = 0

  event(action: 'wrap' | 'delete', key: number, after: number): void {
    this.#seconds += after
    this.log.add(`hs-crypto.secrets.${action}`, `k${key}`, this.#seconds)
    this.#watch.grown(this.log.reader.size())
  }

  step(): void {
    if (this.#watch.isDue) this.#watch.step()
  }

  async commit(isHeard: boolean): Promise<void> {
    const batch = this.#waiting()
    if (batch === undefined) return
    await raise(this.house.parts, tracker, batch)
    if (!isHeard) return this.crash(false)
    this.#said = []
    this.#watch.settle(true)
  }

  refuse(): void {
    if (this.#waiting() === undefined) return
    this.#said = []
    this.#watch.settle(false)
  }

  crash(isMemoryLost: boolean): void {
    if (isMemoryLost) rmSync(join(this.#folder, 'state.json'), { force: true })
    this.#watch = this.#start()
  }

  stop(): void {
    this.#watch.close(true)
    this.#watch = this.#start()
  }

  /** Until all is seen and committed. */
  async finish(): Promise<void> {
    for (let turns = 0; turns < 2_000; turns++) {
      if (this.#waiting() !== undefined) await this.commit(true)
      else if (this.#watch.isDue) this.#watch.step()
      else return
    }
    throw new Error('it does not come to an end')
  }

  #waiting(): Extract<FromAlerts, { kind: 'batch' }> | undefined {
    return this.#said.findLast((message) => message.kind === 'batch')
  }

  alerts(): string[] {
    return this.house
      .alerts()
      .map(({ rule, groupKey, count, lastTrigger }) => `${rule} ${groupKey} ${count} ${lastTrigger}`)
      .toSorted()
  }

  end(): void {
    this.house.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

test('the alerts after any crashes are those without one', async () => {
  let alerts = 0
  const isSame = fc.asyncProperty(acts, async (todo) => {
    const crashing = new Server()
    const calm = new Server()
    try {
      for (const act of todo) {
        if (act.kind === 'event') {
          crashing.event(act.action, act.key, act.after)
          calm.event(act.action, act.key, act.after)
        } else if (act.kind === 'step') crashing.step()
        else if (act.kind === 'commit') await crashing.commit(act.isHeard)
        else if (act.kind === 'refuse') crashing.refuse()
        else if (act.kind === 'crash') crashing.crash(act.isMemoryLost)
        else crashing.stop()
      }
      await crashing.finish()
      await calm.finish()
      expect(crashing.alerts()).toEqual(calm.alerts())
      alerts += calm.alerts().length
    } finally {
      crashing.end()
      calm.end()
    }
  })
  await fc.assert(isSame, { numRuns: 150 })
  expect(alerts).toBeGreaterThan(100)
}, 120_000)
