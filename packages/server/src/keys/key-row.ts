/** A key as it is stored. */
import type { KeyState } from './states.ts'

/** A stored key. Times are milliseconds since the epoch. */
export interface KeyRow {
  readonly instance: string
  readonly id: string
  /** Grows with every change; a change names the one it was decided on. */
  readonly revision: number
  readonly name: string
  readonly description: string | null
  /** JSON array of strings. */
  readonly tags: string
  readonly ring: string
  /** As written down; `stateAt` says what it is now. */
  readonly state: KeyState
  /** 1: a standard key, whose payload may leave. 0: a root key. */
  readonly extractable: 0 | 1
  readonly imported: 0 | 1
  /** Length of the newest version's material. */
  readonly bits: number
  readonly versions: number
  /** Id of the newest version; of a standard key, the key's own id. */
  readonly newest: string
  readonly newestAt: number
  readonly createdAt: number
  readonly createdBy: string
  readonly updatedAt: number | null
  readonly rotatedAt: number | null
  /** The last rotation that somebody asked for, not a policy. */
  readonly rotatedByHandAt: number | null
  readonly expiresAt: number | null
  readonly deletedAt: number | null
  readonly deletedBy: string | null
  /** The state it was deleted in. */
  readonly deletedFrom: KeyState | null
  /** Who has authorised the deletion, and until when that holds; of a key that two people must agree to delete. */
  readonly authorisedBy: string | null
  readonly authorisedUntil: number | null
  /** The last rotation, enabling, disabling, deletion or restoring; the last synchronisation. */
  readonly actedAt: number | null
  readonly syncedAt: number | null
}

/** What using a key needs: one row, with the blob of its newest version. */
export interface UsableKey extends Pick<
  KeyRow,
  'id' | 'name' | 'ring' | 'state' | 'extractable' | 'expiresAt' | 'newest'
> {
  readonly blob: Uint8Array
}

/** The columns of a `KeyRow`, named as its members. */
export const keyColumns = `instance, id, revision, name, description, tags, ring, state, extractable, imported, bits,
  versions, newest, newest_at AS newestAt, created_at AS createdAt, created_by AS createdBy, updated_at AS updatedAt,
  rotated_at AS rotatedAt, expires_at AS expiresAt, deleted_at AS deletedAt, deleted_by AS deletedBy,
  deleted_from AS deletedFrom, authorised_by AS authorisedBy, authorised_until AS authorisedUntil, acted_at AS actedAt,
  synced_at AS syncedAt, rotated_by_hand_at AS rotatedByHandAt`
