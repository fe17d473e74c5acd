/** Which checkpoints are proved against each other again: neighbours, from the one before the period up to the report's. */
import type { ListedCheckpoint } from '../api/reports-api.ts'
import type { Period } from './periods.ts'

/** Each pair costs a proof; more of a long period are spread evenly over it. */
const pairsMax = 40

/** @param listed the largest first, the report's own at the beginning */
export function chosenPairs(
  listed: readonly ListedCheckpoint[],
  { from }: Pick<Period, 'from'>,
): readonly (readonly [older: ListedCheckpoint, newer: ListedCheckpoint])[] {
  const before = listed.findIndex(({ signedAt }) => Date.parse(signedAt) < Date.parse(from))
  const within = spread(listed.slice(0, before === -1 ? listed.length : before + 1).toReversed())
  return within.slice(1).flatMap((newer, at) => {
    const older = within[at]
    return older === undefined ? [] : [[older, newer] as const]
  })
}

/** The first and the last are always among them. */
function spread(all: readonly ListedCheckpoint[]): readonly ListedCheckpoint[] {
  if (all.length <= pairsMax + 1) return all
  return Array.from({ length: pairsMax + 1 }, (_, at) => all[Math.round((at * (all.length - 1)) / pairsMax)]).filter(
    (each) => each !== undefined,
  )
}
