/** Whether the crypto units of an instance are alike: all are to have the same people, thresholds and master key. */
import type { CryptoUnit } from '../api/units-api.ts'

const differenceKinds = ['administrators', 'thresholds', 'currentKey', 'newKey'] as const
type Difference = (typeof differenceKinds)[number]

const told: Readonly<Record<Difference, (unit: CryptoUnit) => string>> = {
  administrators: ({ administrators }) =>
    administrators
      .map(({ ski }) => ski)
      .toSorted()
      .join(),
  thresholds: ({ signatureThreshold, revocationThreshold }) => `${signatureThreshold}/${revocationThreshold}`,
  currentKey: ({ masterKey: { current } }) => current.verificationPattern ?? '',
  newKey: ({ masterKey: { new: next } }) => `${next.state}/${next.verificationPattern ?? ''}`,
}

/** In what the units differ; empty when they are alike. */
export function differencesOf(units: readonly CryptoUnit[]): readonly Difference[] {
  return differenceKinds.filter((kind) => new Set(units.map(told[kind])).size > 1)
}
