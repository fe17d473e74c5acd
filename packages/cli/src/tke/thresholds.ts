/** Thresholds: which are impossible, and which are foolish. */
import { CliError } from '../cli-error.ts'
import type { Danger } from './consent.ts'
import { ADMINISTRATORS_MAX } from './unit-state.ts'

export interface Thresholds {
  readonly signature: number
  readonly revocation: number
}

/** @throws CliError `BAD_INPUT` for what every unit refuses */
export function checkThresholds({ signature, revocation }: Thresholds, administrators: number): void {
  if (administrators > ADMINISTRATORS_MAX) {
    throw new CliError('BAD_INPUT', `a crypto unit has at most ${ADMINISTRATORS_MAX} administrators`)
  }
  for (const [name, value] of [
    ['signature', signature],
    ['revocation', revocation],
  ] as const) {
    if (value >= 1 && value <= administrators) continue
    throw new CliError(
      'BAD_INPUT',
      `a ${name} threshold of ${value} cannot be met by ${administrators} administrators`,
      'thresholds are from 1 to the number of administrators; add administrators first',
    )
  }
}

/** What is foolish about thresholds with this number of administrators. */
export function thresholdDangers({ signature, revocation }: Thresholds, administrators: number): Danger[] {
  const all = administrators === 1 ? 'the only one' : `all ${administrators}`
  return [
    ...(signature === 1
      ? [
          {
            name: 'one-signature',
            words: 'with a signature threshold of 1 one person alone can load and replace master keys',
          },
        ]
      : []),
    ...(revocation === 1
      ? [
          {
            name: 'one-revocation-signature',
            words: 'with a revocation threshold of 1 one person alone can remove administrators',
          },
        ]
      : []),
    ...(signature === administrators
      ? [
          {
            name: 'lost-key-locks-out',
            words: `the signature threshold needs ${all} of the administrators: one lost key locks everybody out`,
          },
        ]
      : []),
    ...(revocation === administrators && signature !== administrators
      ? [
          {
            name: 'lost-key-stays',
            words: `the revocation threshold needs ${all} of the administrators: a lost key can never be removed`,
          },
        ]
      : []),
    ...(revocation < signature
      ? [
          {
            name: 'revocation-below-signature',
            words: 'fewer people can remove administrators than can add them: a minority can take the unit over',
          },
        ]
      : []),
  ]
}
