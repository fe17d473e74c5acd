/** What was odd, added up over logs. */
import type { AnomalyKind, Oddities } from '@keywitness/tracker'

export const anomalyKinds = [
  'missing',
  'late',
  'reused',
  'epochs',
  'opening',
  'late-dated',
  'future-dated',
  'forged',
] as const satisfies readonly AnomalyKind[]

function oddities(repeats: number, count: (kind: AnomalyKind) => number): Oddities {
  const anomalies = Object.fromEntries(anomalyKinds.map((kind) => [kind, count(kind)])) as Record<AnomalyKind, number>
  return { repeats, anomalies }
}

export const noOddities: Oddities = oddities(0, () => 0)

export function sumOf(each: Iterable<Oddities>): Oddities {
  let sum = noOddities
  for (const one of each) {
    const before = sum
    sum = oddities(before.repeats + one.repeats, (kind) => before.anomalies[kind] + one.anomalies[kind])
  }
  return sum
}
