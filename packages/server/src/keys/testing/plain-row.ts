/** A stored key without anything special, for tests that put rows into the store themselves. */
import type { KeyRow } from '../key-row.ts'

/** @param row what is special about it; its version and its times follow from id and creation unless they are given */
export function plainRow(row: Pick<KeyRow, 'instance' | 'id' | 'createdAt'> & Partial<KeyRow>): KeyRow {
  return {
    revision: 1,
    name: 'any',
    description: null,
    tags: '[]',
    ring: 'default',
    state: 1,
    extractable: 0,
    imported: 0,
    bits: 256,
    versions: 1,
    newest: row.id,
    newestAt: row.createdAt,
    createdBy: 'somebody',
    updatedAt: null,
    rotatedAt: null,
    rotatedByHandAt: null,
    expiresAt: null,
    deletedAt: null,
    deletedBy: null,
    deletedFrom: null,
    authorisedBy: null,
    authorisedUntil: null,
    actedAt: null,
    syncedAt: null,
    ...row,
  }
}
