/** What was odd becomes events of the tracker's own numbers: each once, whatever fails. */
import { expect, test } from 'vitest'
import type { Tracker } from './api.ts'
import { TrackerError } from './errors.ts'
import { toldEventsMax } from './limits.ts'
import { realDisk } from './store/disk.ts'
import { summariesOf } from './tell.ts'
import { type Fault, FaultDisk } from './testing/fault-disk.ts'
import { deliveries, delivery, producerA, producerB, sampleTime, uuidOf } from './testing/sample-entries.ts'
import { oddSteps } from './testing/odd-life.ts'
import { sampleVoice } from './testing/sample-voice.ts'
import { type TestLog, testLog } from './testing/test-log.ts'

interface Told {
  readonly index: number
  readonly words: string
  readonly epoch: number
  readonly sequence: number
}

/** The tracker's own entries. */
function toldIn(log: TestLog): Told[] {
  const reader = log.reader()
  return reader.range(0, reader.size(), 1_000).flatMap(({ index, bytes }) => {
    const entry = JSON.parse(Buffer.from(bytes).toString())
    const [producer, epoch] = entry.producer.split('.')
    if (producer === producerA || producer === producerB) return []
    return [{ index, words: entry.event.target.name, epoch: Number(epoch), sequence: entry.sequence }]
  })
}

const words = (log: TestLog): string[] => toldIn(log).map((told) => told.words)

/** Numbers missing, late, reused; epochs skipped. */
function makeTrouble(tracker: Tracker): void {
  for (const step of oddSteps.slice(0, 5)) step.run(tracker)
}

const trouble = ['missing 4-5 (2) at 3-3', 'late 5-5 (1) at 6-6', 'reused 2-3 (2) at 7-8', 'epochs 2-3 (2) at 9-9']

test('each anomaly is told once, in the order they showed, after an event that opens the epoch', async () => {
  const log = testLog()
  const tracker = log.open()
  makeTrouble(tracker)
  expect(tracker.tell(sampleVoice)).toBe(5)
  expect(tracker.tell(sampleVoice)).toBe(0)
  const told = toldIn(log)
  expect(told.map((one) => one.words)).toEqual(['after 0/0', ...trouble])
  expect(told.map(({ epoch, sequence }) => [epoch, sequence])).toEqual(told.map((_, place) => [1, place + 1]))
  tracker.publish()
  expect(await log.check()).toMatchObject({ good: true, findings: [] })
})

test('what is told is no anomaly itself, and a new start opens the next epoch only when there is something to tell', async () => {
  const log = testLog()
  makeTrouble(log.open())
  log.closeAll()
  expect(log.open().tell(sampleVoice)).toBe(5)
  log.closeAll()
  const later = log.open()
  expect(later.tell(sampleVoice)).toBe(0)
  later.append([delivery(12)])
  expect(later.tell(sampleVoice)).toBe(2)
  later.append([delivery(14)])
  expect(later.tell(sampleVoice)).toBe(1)
  expect(toldIn(log).slice(-3)).toMatchObject([
    { words: 'after 1/5', epoch: 2, sequence: 6 },
    { words: 'missing 10-11 (2) at 15-15', epoch: 2, sequence: 7 },
    { words: 'missing 13-13 (1) at 18-18', epoch: 2, sequence: 8 },
  ])
  expect(await log.check()).toMatchObject({ good: true, findings: [] })
})

test('numbers are taken from the entry, not from what a delivery says beside it', () => {
  const log = testLog()
  const tracker = log.open()
  tracker.append(deliveries(1, 5))
  expect(tracker.append([{ ...delivery(3), epoch: 9, sequence: 6 }])).toMatchObject({ appended: 0, duplicates: 1 })
  tracker.append([{ ...delivery(8), sequence: 6 }])
  expect(tracker.lastOf(producerA)).toEqual({ epoch: 1, sequence: 8 })
  expect(tracker.anomalies(0, 10)).toMatchObject([{ kind: 'missing', first: 6, last: 7 }])
})

test('an entry that bears the tracker’s name and was delivered is told as forged, and the tracker’s numbers go on', async () => {
  const log = testLog()
  const tracker = log.open()
  tracker.append([delivery(1), delivery(3)])
  tracker.tell(sampleVoice)
  const own = JSON.parse(Buffer.from(log.reader().entry(2)).toString()).producer.split('.')[0] as string
  tracker.append([delivery(3, { producer: own, name: 'made up' })])
  expect(tracker.tell(sampleVoice)).toBe(1)
  expect(toldIn(log).map(({ words: told, sequence }) => [told, sequence])).toEqual([
    ['after 0/0', 1],
    ['missing 2-2 (1) at 1-1', 2],
    ['made up', 3],
    ['forged 3-3 (1) at 4-4', 4],
  ])
  expect(await log.check()).toMatchObject({ good: true, findings: [] })
})

test('repeats are counted over starts, also when a batch holds nothing else', () => {
  const log = testLog()
  log.open().append(deliveries(1, 5))
  log.closeAll()
  const tracker = log.open()
  tracker.append(deliveries(2, 4))
  tracker.append(deliveries(4, 7))
  expect(tracker.oddities()).toMatchObject({ repeats: 5, anomalies: { missing: 0, reused: 0 } })
})

test('an event dated over a minute before the one before it shows once, and so does a clock that was set right', () => {
  const log = testLog()
  const tracker = log.open()
  const at = (sequence: number, seconds: number) => delivery(sequence, { time: sampleTime + seconds * 1_000 })
  tracker.append([at(1, 0), at(2, 100), at(3, 41), at(4, 39), at(5, 600), at(6, 539), at(7, 540), at(8, 600)])
  tracker.append([at(9, 500)])
  expect(tracker.anomalies(0, 10).map(({ kind, first, last }) => [kind, first, last])).toEqual([
    ['late-dated', 6, 6],
    ['late-dated', 9, 9],
  ])
})

test('events dated over a minute after the tracker’s clock are one anomaly, and no measure for what follows', () => {
  const log = testLog()
  const tracker = log.open({ clock: { now: () => sampleTime } })
  const at = (sequence: number, seconds: number) => delivery(sequence, { time: sampleTime + seconds * 1_000 })
  tracker.append([at(1, 0), at(2, 61), at(3, 3_600), at(4, 60), at(5, 1)])
  expect(tracker.anomalies(0, 10).map(({ kind, first, last }) => [kind, first, last])).toEqual([['future-dated', 2, 3]])
})

test('a flood of anomalies is told in few events', () => {
  const many = Array.from({ length: 500 }, (_, place) => ({
    number: place + 1,
    kind: place % 2 === 0 ? ('missing' as const) : ('reused' as const),
    producer: producerA,
    epoch: 1,
    first: 2 * place,
    last: 2 * place,
    index: place,
  }))
  expect(summariesOf(many)).toMatchObject([
    { kind: 'missing', producer: producerA, first: 0, last: 996, count: 250, index: 0, lastIndex: 498 },
    { kind: 'reused', producer: producerA, first: 2, last: 998, count: 250 },
  ])
  const ofMany = many.map((one, place) => ({ ...one, producer: uuidOf('producer', place % (toldEventsMax + 1)) }))
  expect(summariesOf(ofMany).map(({ kind, producer, count }) => [kind, producer, count])).toEqual([
    ['missing', undefined, 250],
    ['reused', undefined, 250],
  ])
})

const ways: readonly [Fault, string, boolean][] = [
  ['lost', 'is repeated on the same tracker', false],
  ['kept', 'is repeated on the same tracker', false],
  ['lost', 'is followed by a new start', true],
  ['kept', 'is followed by a new start', true],
]

test.each(ways)(
  'a write that fails and is %s, and %s, leaves each anomaly told once',
  async (fault, _what, isNewStart) => {
    const whole = testLog()
    const disk = new FaultDisk(realDisk)
    const first = whole.open({}, disk)
    const opened = disk.writes.length
    for (const step of oddSteps) step.run(first)
    const expected = words(whole).filter((line) => !line.startsWith('after'))
    const writes = disk.writes.slice(opened)
    expect(writes.some((name) => name.includes('UPDATE own_producer'))).toBe(true)
    for (const [place, name] of writes.entries()) {
      const log = testLog()
      let tracker = log.open({}, new FaultDisk(realDisk, { at: opened + place + 1, fault }))
      for (const step of oddSteps) {
        try {
          step.run(tracker)
        } catch (error) {
          if (!(error instanceof TrackerError)) throw error
          if (isNewStart) {
            log.closeAll()
            tracker = log.open()
          }
          step.run(tracker)
        }
      }
      log.closeAll()
      const again = log.open()
      again.tell(sampleVoice)
      const told = toldIn(log)
      const spoken = told.map((one) => one.words).filter((line) => !line.startsWith('after'))
      // What was repeated after a failure is a repeat of the deliveries, or came in other batches: compared by numbers.
      const numbers = (lines: string[]): string[] => lines.map((line) => line.replace(/ at .*/, ''))
      expect(numbers(spoken), `${name} ${fault}`).toEqual(numbers(expected))
      expect(told.map(({ sequence }) => sequence)).toEqual(told.map((_, at) => at + 1))
      again.publish()
      expect(await log.check(), `${name} ${fault}`).toMatchObject({ good: true, findings: [] })
      log.closeAll()
    }
  },
)
