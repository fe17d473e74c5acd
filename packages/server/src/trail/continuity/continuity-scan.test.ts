/** What a log says of its own completeness: numbers, epochs, times, silences, heartbeats, checkpoints, counts. */
import type { SignedSize, StoredEntry } from '@keywitness/tracker'
import { expect, test } from 'vitest'
import type { ContinuityReport, CountedPeriod } from './continuity-report.ts'
import { ContinuityScan } from './continuity-scan.ts'

const service = '0b6c0e5e-7b1c-4a3e-9a52-1f1c2d3e4f50'
const tracker = '5b0f7f0c-2f0e-4d0d-8d8e-6a7d3a1c9b21'
const began = Date.UTC(2026, 2, 1, 12, 0, 0)

interface Sample {
  readonly number: number
  readonly producer?: string
  readonly epoch?: number
  /** After `began`. */
  readonly seconds?: number
  readonly action?: string
  readonly outcome?: string
  /** Of an opening event: what it says came before it. */
  readonly previous?: readonly [epoch: number, number: number]
  readonly heartbeatSeconds?: number
}

function entry(index: number, sample: Sample): StoredEntry {
  const { number, producer = service, epoch = 1, seconds = index, previous, heartbeatSeconds } = sample
  const action = sample.action ?? (previous === undefined ? 'hs-crypto.secrets.wrap' : 'hs-crypto.producer.start')
  const of = producer === tracker ? 'activity-tracker' : 'hs-crypto'
  const event = {
    action,
    eventTime: new Date(began + seconds * 1_000).toISOString().replace(/0Z$/, '+0000'),
    logSourceCRN: `crn:v1:keywitness:public:${of}:eu-de:a/1:::`,
    outcome: sample.outcome ?? 'success',
    requestData: {
      ...(heartbeatSeconds === undefined ? {} : { heartbeatSeconds }),
      ...(previous === undefined ? {} : { previousEpoch: previous[0], previousSequence: previous[1] }),
    },
  }
  const text = JSON.stringify({
    event,
    format: 'keywitness-entry/1',
    producer: `${producer}.${epoch}`,
    sequence: number,
  })
  return { index, bytes: Buffer.from(text) }
}

interface Asked {
  readonly from?: number
  readonly checkpoints?: readonly SignedSize[]
  readonly periods?: readonly CountedPeriod[]
  readonly delivered?: readonly string[]
  readonly nowSeconds?: number
}

function examine(samples: readonly Sample[], asked: Asked = {}): ContinuityReport {
  const { from = 0, checkpoints = [], periods = [], delivered = [], nowSeconds = samples.length } = asked
  const scan = new ContinuityScan({ from, now: began + nowSeconds * 1_000, checkpoints, periods, delivered })
  for (const [at, sample] of samples.entries()) scan.add(entry(from + at, sample))
  const size = from + samples.length
  return scan.report({ origin: 'o', size, covered: size, looked: { from, to: size, isWhole: true } })
}

const numbered = (...numbers: number[]): Sample[] => numbers.map((number) => ({ number }))

test('missing, late and reused numbers are told apart, with the entries that showed them', () => {
  const { producers } = examine(numbered(1, 2, 6, 4, 4, 2, 7))
  expect(producers).toMatchObject([
    {
      producer: service,
      kind: 'service',
      events: 7,
      first: 1,
      last: 7,
      missing: { count: 3, places: [{ first: 3, last: 5, index: 2 }] },
      late: { count: 1, places: [{ first: 4, last: 4, index: 3 }] },
      reused: {
        count: 2,
        places: [
          { first: 4, index: 4 },
          { first: 2, index: 5 },
        ],
      },
      earlier: { count: 0 },
    },
  ])
})

test('a log that does not begin with number 1 lacks what is before; a stretch of a log says what it cannot tell', () => {
  expect(examine(numbered(3, 4)).producers[0]?.missing).toMatchObject({ count: 2 })
  const [stretch] = examine(numbered(30, 31, 12), { from: 100 }).producers
  expect(stretch).toMatchObject({ missing: { count: 0 }, reused: { count: 0 }, earlier: { count: 1 } })
})

test('epochs are listed with their openings; skipped ones and contradictions are found', () => {
  const [one] = examine([
    { number: 1, previous: [0, 0] },
    { number: 2 },
    { number: 3, epoch: 2, previous: [1, 2] },
    { number: 4, epoch: 5, previous: [4, 3] },
    { number: 3, epoch: 3, previous: [2, 2] },
    { number: 5, epoch: 3 },
  ]).producers
  expect(one?.epochs).toMatchObject({
    count: 4,
    places: [
      { epoch: 1, first: 1, last: 2, events: 2, opened: { index: 0 } },
      { epoch: 2, first: 3, last: 3, events: 1, opened: { index: 2 } },
      { epoch: 5, first: 4, last: 4, events: 1, opened: { index: 3 } },
      { epoch: 3, first: 3, last: 5, events: 2, opened: { index: 4 } },
    ],
  })
  expect(one?.missingEpochs).toMatchObject({ count: 2, places: [{ first: 3, last: 4, index: 3 }] })
  expect(one?.contradictions).toMatchObject({ count: 1, places: [{ first: 3, last: 4, index: 4 }] })
})

test('of two times the wrong way round, the one that lies away from its neighbours is the odd one', () => {
  const at = (...seconds: number[]): Sample[] => seconds.map((one, place) => ({ number: place + 1, seconds: one }))
  const [late] = examine(at(0, 10, 1_000, 900, 1_001), { nowSeconds: 2_000 }).producers
  expect(late).toMatchObject({ futureDated: { count: 0 }, lateDated: { count: 1, places: [{ index: 3 }] } })
  const [future] = examine(at(0, 10, 1_000, 20, 30), { nowSeconds: 2_000 }).producers
  expect(future).toMatchObject({ futureDated: { count: 1, places: [{ index: 2 }] }, lateDated: { count: 0 } })
  const [ahead] = examine(at(0, 10, 5_000, 20), { nowSeconds: 100 }).producers
  expect(ahead).toMatchObject({ futureDated: { count: 1, places: [{ index: 2 }] }, lateDated: { count: 0 } })
  expect(examine(at(0, 59, 0)).producers[0]).toMatchObject({ futureDated: { count: 0 }, lateDated: { count: 0 } })
})

test('missed heartbeats, stops and the longest silence are found, up to the end of the log', () => {
  const beat = { action: 'hs-crypto.producer.heartbeat', heartbeatSeconds: 60 }
  const [one] = examine(
    [
      { number: 1, seconds: 0, previous: [0, 0], heartbeatSeconds: 60 },
      { number: 2, seconds: 60, ...beat },
      { number: 3, seconds: 85 },
      { number: 4, seconds: 400, ...beat },
      { number: 5, seconds: 1_400, epoch: 2, previous: [1, 4], heartbeatSeconds: 60 },
    ],
    { nowSeconds: 1_600 },
  ).producers
  expect(one?.heartbeats).toMatchObject({
    everySeconds: 60,
    recorded: 2,
    missed: { count: 4 + 2, places: [{ seconds: 315, after: { index: 2 }, before: { index: 3 } }, { seconds: 200 }] },
    stops: { count: 1, places: [{ seconds: 1_000, after: { index: 3 }, before: { index: 4 } }] },
  })
  expect(one?.longestSilence).toMatchObject({ seconds: 1_000 })
})

test('the tracker’s own events are a producer of its own, of which no heartbeats are wanted', () => {
  const own = { producer: tracker, number: 1, previous: [0, 0] as const }
  const [, second] = examine([{ number: 1 }, own], { nowSeconds: 90_000 }).producers
  expect(second).toMatchObject({ kind: 'tracker', heartbeats: { everySeconds: undefined, missed: { count: 0 } } })
})

test('how soon events were covered, and how far kept checkpoints lie apart, is in the report', () => {
  const signed = (size: number, seconds: number, isKept: boolean): SignedSize => ({
    size,
    signedAt: began + seconds * 1_000,
    isKept,
  })
  const checkpoints = [signed(2, 2, true), signed(3, 3, false), signed(6, 12, true), signed(8, 8, true)]
  expect(examine(numbered(1, 2, 3, 4, 5, 6, 7), { checkpoints }).checkpoints).toEqual({
    stored: 3,
    kept: 2,
    longestUncovered: { seconds: 9, index: 3 },
    longestUncoveredOfLastHour: { seconds: 9, index: 3 },
    largestGapKept: { entries: 4, from: 2, to: 6 },
    longestGapKept: { seconds: 10, from: 2, to: 6 },
  })
})

test('counts are compared by the numbers they are about; what was not looked at is not compared', () => {
  const wraps = 'hs-crypto.secrets.wrap success'
  const periods = [
    { producer: service, first: 1, last: 2, began, counts: { [wraps]: 2 } },
    { producer: service, first: 3, last: 6, began, counts: { [wraps]: 3, 'hs-crypto.secrets.read failure': 1 } },
    { producer: service, first: 7, last: 9, began, counts: { [wraps]: 3 } },
  ]
  const log = numbered(1, 2, 3, 4, 6, 7)
  expect(examine(log, { periods }).reconciliation).toEqual({
    compared: 2,
    agreeing: 1,
    differing: {
      count: 1,
      places: [
        {
          producer: service,
          first: 3,
          last: 6,
          began,
          recorded: 4,
          logged: 3,
          actions: ['hs-crypto.secrets.read/failure:1:0'],
        },
      ],
    },
    notCompared: 1,
  })
  const all = examine(log, { periods, delivered: [service] }).reconciliation
  expect(all).toMatchObject({ compared: 3, agreeing: 1, notCompared: 0 })
  expect(all.differing.places.map(({ first }) => first)).toEqual([3, 7])
  expect(examine(numbered(3, 4, 5, 6), { from: 9, periods }).reconciliation).toMatchObject({ compared: 1 })
})

test('what is not in the entry format is counted and followed no further', () => {
  const scan = new ContinuityScan({ from: 0, now: began, checkpoints: [], periods: [], delivered: [] })
  scan.add({ index: 0, bytes: Buffer.from('{"event":{}}') })
  const report = scan.report({ origin: 'o', size: 1, covered: 1, looked: { from: 0, to: 1, isWhole: true } })
  expect(report).toMatchObject({ unreadable: 1, producers: [] })
})
