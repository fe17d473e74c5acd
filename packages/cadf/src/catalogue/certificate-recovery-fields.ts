/** Fields of events that a recovery leaves: which one, whose key it is about, and the two people who wanted it. */
import type { FieldSpec } from './entry.ts'

export const whenRecovered = 'a recovery deletes it'

export const recoveryId = {
  name: 'recoveryId',
  type: 'uuid',
  meaning: 'The recovery, by its id.',
  source: 'extension',
} as const satisfies FieldSpec

export const administrator = {
  name: 'administrator',
  type: 'identifier',
  meaning: 'The certificate administrator that the recovery is about, by IAM id.',
  source: 'extension',
} as const satisfies FieldSpec

export const proposedBy = {
  name: 'proposedBy',
  type: 'identifier',
  meaning: 'Who proposed the recovery.',
  source: 'extension',
} as const satisfies FieldSpec

export const approvedBy = {
  name: 'approvedBy',
  type: 'identifier',
  meaning: 'Who approved the recovery: never who proposed it.',
  source: 'extension',
} as const satisfies FieldSpec

/** Of what a recovery deletes: nobody signed a command. */
export const byRecovery = [
  {
    name: 'recovery',
    type: 'boolean',
    meaning: 'That no administrator signed: two administrators of the account had it deleted.',
    when: whenRecovered,
    source: 'extension',
  },
  { ...recoveryId, when: whenRecovered },
  { ...administrator, when: whenRecovered },
  { ...proposedBy, when: whenRecovered },
  { ...approvedBy, when: whenRecovered },
] as const satisfies readonly FieldSpec[]
