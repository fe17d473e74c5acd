/** Opens keys and public key objects for one instance: from the cache, where they stay while its master key is active. */
import { createHash, createSecretKey, timingSafeEqual } from 'node:crypto'
import { KeyCache } from '../key-cache.ts'
import type { MasterKey } from '../registers.ts'
import { Ep11Error } from './ep11-error.ts'
import { OBJECT_BYTES_MAX, brokenBlob, openKey } from './key-blob.ts'
import type { AnyKey, OpenedKey } from './opened-key.ts'
import { isPublic, openPublic } from './public-object.ts'
import type { ReturnValue } from './return-values.ts'

interface CachedKey {
  readonly key: OpenedKey
  readonly fingerprint: string
}

const FINGERPRINT_BYTES = 16
/** A call works with three keys at most; none of them may be forgotten before it is over. */
const KEYS_MIN = 4

/** Opened objects of all instances by their exact bytes. Secret values are zeroed when they are forgotten. */
export class OpenedObjects {
  readonly #cache: KeyCache<CachedKey>
  /** What was opened last: one key used again and again needs no name. */
  #newest: { readonly object: Buffer; readonly instance: string; readonly cached: CachedKey } | undefined

  constructor(countMax: number) {
    this.#cache = new KeyCache(Math.max(countMax, KEYS_MIN), ({ key }) => {
      if (key.class === 'secret') key.value.fill(0)
    })
  }

  /** A master key changed, or which of them is in force. */
  clear(): void {
    this.#cache.clear()
    this.#newest = undefined
  }

  /**
   * The object's key and fingerprint. Nothing is said yet about the session it needs.
   * @param tell is told the fingerprint before anything can be refused
   * @throws Ep11Error as `openKey` and `openPublic`
   */
  open(object: Buffer, instance: string, keys: readonly MasterKey[], tell: (fingerprint: string) => void): OpenedKey {
    const newest = this.#newest
    if (newest !== undefined && newest.instance === instance && newest.object.equals(object)) {
      tell(newest.cached.fingerprint)
      return newest.cached.key
    }
    const name = `${instance} ${object.toString('latin1')}`
    let cached = this.#cache.get(name)
    if (cached === undefined) {
      cached = openedAnew(object, instance, keys, tell)
      this.#cache.set(name, cached)
    } else tell(cached.fingerprint)
    this.#newest = { object: Buffer.from(object), instance, cached }
    return cached.key
  }
}

function openedAnew(
  object: Buffer,
  instance: string,
  keys: readonly MasterKey[],
  tell: (fingerprint: string) => void,
): CachedKey {
  let fingerprint = ''
  const opened = openOnce(object, instance, keys, (told) => {
    fingerprint = told
    tell(told)
  })
  const key = opened.class === 'secret' ? { ...opened, held: createSecretKey(opened.value) } : opened
  return { key, fingerprint }
}

/** The same without remembering it: whoever opened the key zeroes a secret value. */
export function openOnce(
  object: Buffer,
  instance: string,
  keys: readonly MasterKey[],
  tell: (fingerprint: string) => void,
): OpenedKey {
  tell(fingerprintOf(object))
  return isPublic(object) ? openPublic(object, instance, keys) : openKey(object, instance, keys)
}

/** What an event calls an object: the first 16 bytes of its SHA-256, 32 hex digits. */
export function fingerprintOf(object: Uint8Array): string {
  return createHash('sha256').update(object).digest().toString('hex', 0, FINGERPRINT_BYTES)
}

/** @throws Ep11Error `CKR_SESSION_CLOSED` for a key of a login session that is not this one */
export function demandSession({ binding: needed }: AnyKey, session: Buffer | undefined): void {
  if (needed === undefined || (session !== undefined && timingSafeEqual(needed, session))) return
  throw new Ep11Error('CKR_SESSION_CLOSED', 'The key belongs to a login session, which the call does not show.')
}

/**
 * Nothing is opened that would fill the cache, or a state, with more than a key.
 * @throws Ep11Error `missing` for no object at all, `CKR_IBM_BLOB_ERROR` for one that is longer than any
 */
export function demandObject(object: Buffer, missing: ReturnValue = 'CKR_KEY_HANDLE_INVALID'): void {
  if (object.length === 0) throw new Ep11Error(missing, 'There is no key.')
  if (object.length > OBJECT_BYTES_MAX) throw brokenBlob()
}
