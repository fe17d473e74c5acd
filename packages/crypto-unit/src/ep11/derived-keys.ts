/** Keys that stand under a master key, one for each purpose, so that nothing made for one of them passes for another. */
import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import type { MasterKey } from '../registers.ts'

/** HKDF-SHA-256 without salt; these are its info. */
const labels = {
  keyBlob: 'keywitness/ep11/key blob/1',
  stateBlob: 'keywitness/ep11/state blob/1',
  publicKey: 'keywitness/ep11/SPKI MAC/1',
  session: 'keywitness/ep11/session id/1',
  pinBlob: 'keywitness/ep11/pin blob/1',
  binding: 'keywitness/ep11/session binding/1',
} as const

export type Purpose = keyof typeof labels

/** Gone with the master key they hang from. */
const derived = new WeakMap<KeyObject, Map<Purpose, KeyObject>>()

export function purposeKey({ key: master }: MasterKey, purpose: Purpose): KeyObject {
  const known = derived.get(master) ?? new Map<Purpose, KeyObject>()
  derived.set(master, known)
  const found = known.get(purpose)
  if (found !== undefined) return found
  const bytes = Buffer.from(hkdfSync('sha256', master, '', labels[purpose], 32))
  const key = createSecretKey(bytes)
  bytes.fill(0)
  known.set(purpose, key)
  return key
}

export const WKID_BYTES = 16

/** What an object names its master key by: the first half of the verification pattern. */
export function wkidOf({ pattern }: MasterKey): Buffer {
  return Buffer.from(pattern.slice(0, 2 * WKID_BYTES), 'hex')
}

/** The key with this WKID among some; undefined when none is. */
export function keyOfWkid(keys: readonly MasterKey[], wkid: Buffer): MasterKey | undefined {
  const digits = wkid.toString('hex')
  return keys.find(({ pattern }) => pattern.startsWith(digits))
}
