/** What a tracker found odd in what it was given, the gravest first. */
import type { Oddities } from '../api/integrity-api.ts'

export interface OddityLine {
  readonly name: Exclude<keyof Oddities, 'altered' | 'repeats'>
  readonly count: number
  /** Something may be lost, or somebody may have lied; the others are unusual. */
  readonly isGrave: boolean
}

const order = [
  ['forged', true],
  ['missing', true],
  ['epochs', true],
  ['opening', true],
  ['reused', true],
  ['late', false],
  ['lateDated', false],
  ['futureDated', false],
] as const

/** Without what did not occur, and without deliveries that were only repeated: those are dropped and harm nothing. */
export function oddityLines(oddities: Oddities): readonly OddityLine[] {
  return order.flatMap(([name, isGrave]) => {
    const count = oddities[name]
    return count === 0 ? [] : [{ name, count, isGrave }]
  })
}
