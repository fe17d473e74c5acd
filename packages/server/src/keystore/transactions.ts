/** TxIDs: a write that comes again under the one it had is answered and not done again (reference grep11, section 18.5). */
import { createHash } from 'node:crypto'
import { Refusal } from '../errors.ts'
import { type AttributeChanges, attributesText, type Value } from './attributes.ts'
import type { KeystoreRow, ObjectHead } from './keystore-row.ts'
import type { KeystoreParts } from './parts.ts'

interface Asked {
  readonly what: 'store' | 'update'
  /** Empty where the service is to choose. */
  readonly id: string
  readonly version: number
  readonly attributes: AttributeChanges
  readonly object: Buffer | undefined
}

/** SHA-256 of what a write asks for, hexadecimal. */
export function contentOfWrite({ what, id, version, attributes, object }: Asked): string {
  const taken = [...attributes].filter(([, value]) => value === undefined).map(([type]) => type)
  const set = attributesText(
    new Map([...attributes].filter((entry): entry is [number, Value] => entry[1] !== undefined)),
  )
  const bytes = object === undefined ? '' : createHash('sha256').update(object).digest('hex')
  return createHash('sha256')
    .update(JSON.stringify([what, id, version, taken.sort((a, b) => a - b), set, bytes]))
    .digest('hex')
}

/**
 * The object as a former write under this TxID left it; undefined when there was none.
 * @throws Refusal `KEYSTORE_REPLAY` when that asked for something else, `KEYSTORE_STALE` when the object was changed since,
 *   `NOT_FOUND` when it was deleted
 */
export function writtenBefore(
  keystore: KeystoreRow,
  tx: string | undefined,
  content: string,
  parts: Pick<KeystoreParts, 'keystores'>,
): ObjectHead | undefined {
  const former = tx === undefined ? undefined : parts.keystores.transaction(keystore.number, tx)
  if (former === undefined) return undefined
  if (former.content !== content) throw new Refusal('KEYSTORE_REPLAY')
  const object = parts.keystores.find(keystore.number, former.id)
  if (object === undefined)
    throw new Refusal('NOT_FOUND', { message: 'This was done, and the object is deleted since.' })
  if (object.version === former.version) return object
  throw new Refusal('KEYSTORE_STALE', { message: 'This was done, and the object was changed since.' })
}
