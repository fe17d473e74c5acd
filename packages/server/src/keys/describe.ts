/** What the reads of one key note about it in their event. */
import { formatDate } from './date.ts'
import type { KeyRow } from './key-row.ts'
import { stateAt } from './states.ts'

interface Described {
  keyState?: number | undefined
  keyVersionId?: string | undefined
  keyVersionCreationDate?: string | undefined
  expirationDate?: string | undefined
}

/** Version fields are left out for standard keys, which have no versions. */
export function describe(key: KeyRow, response: Described, now: number): void {
  response.keyState = stateAt(key, now)
  if (key.extractable === 0) {
    response.keyVersionId = key.newest
    response.keyVersionCreationDate = formatDate(key.newestAt)
  }
  if (key.expiresAt !== null) response.expirationDate = formatDate(key.expiresAt)
}
