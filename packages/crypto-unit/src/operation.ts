/** What every operation of a unit gets: the request's fields, the open answer frame, and what the process holds. */
import { createSecretKey, type KeyObject } from 'node:crypto'
import type { DeviceKeys } from './device-keys.ts'
import type { Ep11Holdings } from './ep11/call.ts'
import type { Fields, FrameBatch } from './frames.ts'
import type { IvPool } from './iv-pool.ts'
import { demandKind, openBlob, type NamedBlob } from './key-blob.ts'
import type { KeyCache } from './key-cache.ts'
import type { UnitSet } from './unit-set.ts'

export interface Holdings {
  readonly seal: KeyObject
  readonly device: DeviceKeys
  readonly units: UnitSet
  readonly keys: KeyCache
  readonly ivs: IvPool
  readonly ep11: Ep11Holdings
}

/** A master key changed, or which of them is in force: what was opened under it must not be used any more. */
export function forgetKeys({ keys, ep11 }: Holdings): void {
  keys.clear()
  ep11.opened.clear()
}

/**
 * Reads its request to the last byte and puts its answer. Throwing drops what was put and answers the error instead.
 * @throws UnitError, ProtocolError `MALFORMED`
 */
export type Operation = (request: Fields, answer: FrameBatch, holdings: Holdings) => void

/**
 * As `Operation`, for one that may take long: what it answers is put then, into a frame of its own. Until it gives a promise
 * it is like the others; afterwards nothing of the request may be used.
 */
export type LaterOperation = (
  request: Fields,
  answer: FrameBatch,
  holdings: Holdings,
) => Promise<(answer: FrameBatch) => void> | undefined

/** The opened root key of a blob: from the cache, where it is only while its master key is active. */
export function rootKey(stored: NamedBlob, { units, keys }: Holdings): KeyObject {
  demandKind(stored, 'root-key')
  const cached = keys.get(stored.cacheName)
  if (cached !== undefined) return cached
  const material = openBlob(stored, units)
  const key = createSecretKey(material)
  material.fill(0)
  keys.set(stored.cacheName, key)
  return key
}
