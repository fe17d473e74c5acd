/** A continuity report as it came from a server: read member by member, none of them trusted to be there. */
import { memberOf } from './api-client.ts'
import { formatCount, printable } from './printable.ts'

/** A member deep inside; undefined when there is none. */
export function within(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => memberOf(inner, name), value)
}

/** A count; 0 when there is none. */
export function countOf(value: unknown, ...path: readonly string[]): number {
  const found = within(value, ...path)
  return typeof found === 'number' && Number.isFinite(found) ? found : 0
}

export function listOf(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = within(value, ...path)
  return Array.isArray(found) ? found : []
}

/** Text that is safe to print; empty when there is none. */
export function textOf(value: unknown, ...path: readonly string[]): string {
  const found = within(value, ...path)
  return typeof found === 'string' ? printable(found) : ''
}

/** A line of the report: good, a fault that proves the log incomplete, or something to look at. */
export interface Line {
  readonly mark: 'good' | 'fault' | 'look'
  readonly text: string
}

const nounOf = (count: number, one: string, many: string): string => `${formatCount(count)} ${count === 1 ? one : many}`

/** Where something was found, the first places of it. */
function places(found: unknown, wordsOf: (place: unknown) => string): string {
  const first = listOf(found, 'places').slice(0, 3).map(wordsOf)
  const more = listOf(found, 'places').length > 3 ? ', …' : ''
  return first.length === 0 ? '' : `: ${first.join(', ')}${more}`
}

function numbers(place: unknown): string {
  const [first, last] = [countOf(place, 'first'), countOf(place, 'last')]
  return `${first === last ? formatCount(first) : `${formatCount(first)} to ${formatCount(last)}`} (entry ${formatCount(countOf(place, 'index'))})`
}

function event(place: unknown): string {
  return `entry ${formatCount(countOf(place, 'index'))} of ${textOf(place, 'time')}`
}

function silence(place: unknown): string {
  return `${duration(countOf(place, 'seconds'))} after entry ${formatCount(countOf(place, 'after', 'index'))} of ${textOf(place, 'after', 'time')}`
}

/** `2 h 5 min`: two units at most. */
export function duration(seconds: number): string {
  const units: readonly [number, string][] = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ]
  let rest = Math.round(seconds)
  const parts: string[] = []
  for (const [size, name] of units) {
    const count = Math.floor(rest / size)
    if (count > 0) parts.push(`${count} ${name}`)
    rest -= count * size
  }
  return parts.length === 0 ? '0 s' : parts.slice(0, 2).join(' ')
}

const findings: readonly [
  member: readonly string[],
  mark: Line['mark'],
  one: string,
  many: string,
  wordsOf: (place: unknown) => string,
][] = [
  [['missing'], 'fault', 'number is missing', 'numbers are missing', numbers],
  [['reused'], 'fault', 'number was used twice', 'numbers were used twice', numbers],
  [['missingEpochs'], 'fault', 'epoch is missing', 'epochs are missing', numbers],
  [['contradictions'], 'fault', 'start contradicts the log', 'starts contradict the log', numbers],
  [['late'], 'look', 'missing number came late', 'missing numbers came late', numbers],
  [
    ['earlier'],
    'look',
    'number is below those looked at: late or used twice',
    'numbers are below those looked at: late or used twice',
    numbers,
  ],
  [
    ['lateDated'],
    'look',
    'event is dated before the one before it',
    'events are dated before those before them',
    event,
  ],
  [['futureDated'], 'look', 'event is dated in the future', 'events are dated in the future', event],
  [['heartbeats', 'missed'], 'look', 'heartbeat is missing', 'heartbeats are missing', silence],
  [['heartbeats', 'stops'], 'look', 'time the service did not run', 'times the service did not run', silence],
]

/** What was found of one producer; nothing when all is well. */
export function findingsOf(producer: unknown): Line[] {
  return findings.flatMap(([member, mark, one, many, wordsOf]): Line[] => {
    const found = within(producer, ...member)
    const count = countOf(found, 'count')
    return count === 0 ? [] : [{ mark, text: `${nounOf(count, one, many)}${places(found, wordsOf)}` }]
  })
}

/** What was found of the log as a whole. */
export function linesOf(report: unknown): Line[] {
  const lines: Line[] = []
  const unreadable = countOf(report, 'unreadable')
  if (unreadable > 0) {
    lines.push({ mark: 'fault', text: `${nounOf(unreadable, 'entry is', 'entries are')} not in the entry format` })
  }
  const compared = countOf(report, 'reconciliation', 'compared')
  const differing = within(report, 'reconciliation', 'differing')
  const differ = countOf(differing, 'count')
  if (compared > differ) {
    const agree = nounOf(compared - differ, 'period of counted events agrees', 'periods of counted events agree')
    lines.push({ mark: 'good', text: `${agree} with the log` })
  }
  if (differ > 0) {
    const words = (place: unknown): string =>
      `${textOf(place, 'began')} recorded ${formatCount(countOf(place, 'recorded'))}, in the log ${formatCount(countOf(place, 'logged'))}`
    const what = nounOf(differ, 'period of counted events differs', 'periods of counted events differ')
    lines.push({ mark: 'fault', text: `${what} from the log${places(differing, words)}` })
  }
  const uncovered = countOf(report, 'checkpoints', 'longestUncoveredOfLastHour', 'seconds')
  const kept = countOf(report, 'checkpoints', 'kept')
  const gap = countOf(report, 'checkpoints', 'largestGapKept', 'entries')
  const apart = gap === 0 ? '' : `, ${formatCount(gap)} entries apart at most`
  lines.push({ mark: 'good', text: `${nounOf(kept, 'checkpoint is kept', 'checkpoints are kept')}${apart}` })
  if (within(report, 'checkpoints', 'longestUncoveredOfLastHour') !== undefined) {
    const text = `in the last hour no event waited longer than ${uncovered.toFixed(1)} s for a checkpoint`
    lines.push({ mark: 'good', text })
  }
  const repeats = countOf(report, 'repeats')
  if (repeats > 0) {
    lines.push({ mark: 'good', text: `${nounOf(repeats, 'delivery was', 'deliveries were')} repeated and dropped` })
  }
  return lines
}
