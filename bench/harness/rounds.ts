/** Interleaved rounds: every contender once per round, in a new order each time, the machine calibrated in between. */
import type { Yardstick } from './calibration.ts'
import type { Bench, Figure } from './row.ts'
import { shuffled } from './random.ts'
import { short } from './statistics.ts'

/** Runs once and answers its rate (per second) or its time, as the row likes. */
export type Contender = () => Promise<number> | number

export interface Rounds<Name extends string> {
  readonly values: Readonly<Record<Name, readonly number[]>>
  /** Ratio of each round. */
  ratios(of: Name, beside: Name): number[]
  /** A ratio as a figure; withheld when the machine moved too much between the rounds. */
  figure(of: Name, beside: Name, figure: Omit<Figure, 'rounds' | 'withheld' | 'unit'>): Figure
}

/**
 * Runs the rounds. `leansOn` names the yardsticks that must hold still: a row without any disk does not lean on syncs.
 */
export async function interleaved<Name extends string>(
  bench: Bench,
  contenders: Readonly<Record<Name, Contender>>,
  { count = bench.options.rounds, leansOn = ['echo', 'sync'] }: { count?: number; leansOn?: readonly Yardstick[] } = {},
): Promise<Rounds<Name>> {
  const names = Object.keys(contenders) as Name[]
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  const { calibration } = bench
  const mark = calibration.mark()
  await calibration.measure()
  for (let round = 1; round <= count; round++) {
    const order = shuffled(names, bench.random)
    for (const name of order) values[name].push(await contenders[name]())
    await calibration.measure()
    bench.say(`round ${round}/${count}: ${names.map((name) => `${name} ${short(values[name].at(-1))}`).join(', ')}`)
  }
  const moved = calibration.movedSince(mark, leansOn)
  const ratios = (of: Name, beside: Name): number[] =>
    values[of].map((value, round) => value / (values[beside][round] as number))
  return {
    values,
    ratios,
    figure: (of, beside, figure) => ({
      ...figure,
      unit: 'times',
      rounds: ratios(of, beside),
      ...(moved === undefined ? {} : { withheld: moved }),
    }),
  }
}
