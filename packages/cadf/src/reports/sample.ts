/**
 * A random sample of the log that whoever knows the seed draws again: docs/reference/reports.md. Draw `i`, from 1 on, is the
 * SHA-256 of the lines `keywitness-sample/1`, seed, first index, last index and `i`, each with its line end; its first 48
 * bits are a number, big-endian. Numbers from the greatest multiple of the range's length on are left out, so that no index
 * is likelier than another; the remainder is the index above the first one; one that was drawn before is left out, too.
 */
import { columns, count, type ReportKind, row } from './report.ts'
import { isDone } from './report-event.ts'

export interface SampleDraw {
  readonly seed: string
  /** Indexes of the log, both included. */
  readonly first: number
  readonly last: number
  /** How many; all of a range that is shorter. */
  readonly count: number
}

/** Numbers of 48 bits. */
const numbers = 2 ** 48

/** Indexes in the order in which they are drawn. */
export function drawSample(draw: SampleDraw, sha256: (bytes: Uint8Array) => Uint8Array): number[] {
  const { seed, first, last } = draw
  const length = last - first + 1
  const wanted = Math.min(draw.count, length)
  const end = numbers - (numbers % length)
  const drawn = new Set<number>()
  for (let at = 1; drawn.size < wanted; at++) {
    const hash = sha256(new TextEncoder().encode(`keywitness-sample/1\n${seed}\n${first}\n${last}\n${at}\n`))
    const number = hash.subarray(0, 6).reduce((sum, byte) => sum * 256 + byte, 0)
    if (number < end) drawn.add(first + (number % length))
  }
  return [...drawn]
}

/** @param indexes as they were drawn */
export function sampleReport(draw: SampleDraw, indexes: readonly number[]): ReportKind {
  return {
    id: 'sample',
    number: sampleNumber,
    query: `index:[${indexes.toSorted((one, other) => one - other).join(', ')}]`,
    clauses: sampleClauses,
    make: (events) => ({
      summary: [
        count('population', draw.last - draw.first + 1),
        count('firstIndex', draw.first),
        count('lastIndex', draw.last),
        count('sampled', events.length),
        count('succeeded', events.filter(isDone).length),
        count('people', new Set(events.map(({ whoId }) => whoId)).size),
        { id: 'seed', kind: 'text', value: draw.seed },
      ],
      tables: [
        {
          id: 'sampled',
          columns: columns(
            'time:time',
            'draw:count',
            'action:action',
            'who',
            'target',
            'outcome:code',
            'code:count',
            'address',
          ),
          note: 'sample',
          rows: indexes.flatMap((index, at) => {
            const event = events.find((each) => each.index === index)
            if (event === undefined) return []
            const { time, action, who, target, outcome, code, address } = event
            return [row([time, at + 1, action, who, target, outcome, code, address], [event])]
          }),
        },
      ],
    }),
  }
}

export const sampleClauses = ['ISO/IEC 27001:2022: A.5.28', 'AICPA AU-C 530']

/** Its place in the list that auditors ask by. */
export const sampleNumber = 14
