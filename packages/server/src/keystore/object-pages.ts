/** Pages of objects: as many as were asked for and as fit into one answer, opened, and where the next one begins. */
import type { KeystoreRow, ObjectHead, StoredObject } from './keystore-row.ts'
import { sealName } from './key-content.ts'
import { keystoreLimits } from './limits.ts'
import type { KeystoreParts } from './parts.ts'
import type { Sized } from './store.ts'

export interface PageWish {
  readonly limit: number
  /** Where the page before said that this one begins. */
  readonly token: Buffer | undefined
}

export interface ObjectPageWish extends PageWish {
  /** Whether the objects themselves are wanted, besides what is known of them. */
  readonly withObjects: boolean
}

export interface ObjectPage {
  readonly objects: readonly StoredObject[]
  readonly next: Buffer | undefined
}

/** What an answer says of each object besides it and its attributes. */
const HEAD_BYTES = 512

/** Fills up to what one answer may hold; the first object always goes in. */
export class Room {
  readonly #limit: number
  readonly #withObjects: boolean
  #count = 0
  #bytes = 0

  constructor({ limit, withObjects }: ObjectPageWish) {
    this.#limit = limit
    this.#withObjects = withObjects
  }

  /** Whether there is room for another one, which is then taken. */
  takes({ objectBytes, attributeBytes }: Omit<Sized, 'number'>): boolean {
    const bytes = HEAD_BYTES + attributeBytes + (this.#withObjects ? objectBytes : 0)
    if (this.#count >= this.#limit || (this.#count > 0 && this.#bytes + bytes > keystoreLimits.pageBytes)) return false
    this.#count += 1
    this.#bytes += bytes
    return true
  }
}

/** An object as it is answered. @throws Error when what is sealed does not open: the store was altered */
export function openedObject(
  keystore: KeystoreRow,
  head: ObjectHead,
  withObject: boolean,
  { keystores, sealer }: Pick<KeystoreParts, 'keystores' | 'sealer'>,
): StoredObject {
  const kept = withObject ? keystores.content(head.number) : undefined
  const object = kept?.sealed === undefined ? kept?.blob : sealer.open(sealName(keystore, head.id), kept.sealed)
  return { ...head, keystore, object }
}
