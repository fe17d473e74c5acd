/** The material of objects under the root key of their adapter: sealed, opened, made. It is never kept in the clear. */
import type { KeyEncoding } from '@keywitness/crypto-unit/asymmetric-key'
import type { Derivation } from '@keywitness/crypto-unit/derivation'
import type { KeyPairKind } from '@keywitness/crypto-unit/key-pair-kind'
import { Refusal } from '../../errors.ts'
import type { UsableKey } from '../../keys/key-row.ts'
import { fromUnit } from '../../keys/refusals.ts'
import { ACTIVE, DEACTIVATED, DESTROYED, stateAt } from '../../keys/states.ts'
import type { KeyStore } from '../../keys/store.ts'
import type { Condition } from '../../store/store.ts'
import type { Sealed, SealedKey, StoredBlob, UnitClient } from '../../units/unit-client.ts'
import type { AdapterRow } from '../management/rows.ts'
import type { KmipObject, SealedMaterial } from './kmip-object.ts'

const IV_BYTES = 12

/** Which object material belongs to: bound into it, so that no blob serves in another's row (reference section 16.2). */
export type MaterialName = Pick<KmipObject, 'instance' | 'adapter' | 'id' | 'type' | 'created'>

export interface MaterialParts {
  readonly keys: Pick<KeyStore, 'usable' | 'versionBlob'>
  readonly unit: Pick<UnitClient, 'wrap' | 'unwrap' | 'sealFresh' | 'sealPair' | 'derive' | 'apply' | 'random'>
}

/** A root key that was found fit, and what must still hold of it at commit. */
export interface Root {
  readonly key: UsableKey
  readonly condition: Condition
}

const unchanged = 'SELECT 1 FROM keys WHERE instance = ? AND id = ? AND state = ? AND newest = ?'

/**
 * The adapter's root key, if it may do this now (reference section 16.2): an expired key still opens what it wrapped, as
 * in the key service.
 * @throws Refusal `KMIP_ROOT_KEY_UNAVAILABLE` (403) while it is disabled or expired, `KMIP_ROOT_KEY_GONE` once destroyed
 */
export function requireRoot(
  act: 'seal' | 'open',
  adapter: AdapterRow,
  now: number,
  { keys }: Pick<MaterialParts, 'keys'>,
): Root {
  const key = keys.usable(adapter.instance, adapter.crk)
  if (key === undefined) throw new Refusal('KMIP_ROOT_KEY_GONE')
  const state = stateAt(key, now)
  if (state === DESTROYED) throw new Refusal('KMIP_ROOT_KEY_GONE')
  if (state !== ACTIVE && !(act === 'open' && state === DEACTIVATED)) throw new Refusal('KMIP_ROOT_KEY_UNAVAILABLE')
  const params = [adapter.instance, key.id, key.state, key.newest]
  return { key, condition: { sql: unchanged, params } }
}

/** Seals material that a client brought. The caller's buffer is zeroed afterwards. */
export async function sealMaterial(
  root: Root,
  name: MaterialName,
  material: Uint8Array,
  { unit }: MaterialParts,
): Promise<SealedMaterial> {
  try {
    return sealed(root, await fromUnit(unit.wrap(newestOf(root, name), material, aadOf(name))))
  } finally {
    material.fill(0)
  }
}

/** New random material, and its SHA-256 for the Digest attribute. */
export async function makeMaterial(
  root: Root,
  name: MaterialName,
  bytes: number,
  form: 'any' | 'des',
  { unit }: MaterialParts,
): Promise<{ material: SealedMaterial; sha256: Uint8Array }> {
  const made = await fromUnit(unit.sealFresh(newestOf(root, name), bytes, aadOf(name), form))
  return { material: sealed(root, made), sha256: made.sha256 }
}

/** A new key pair: its private key sealed, with its SHA-256, and its public key as SubjectPublicKeyInfo. */
export async function makePair(
  root: Root,
  name: MaterialName,
  kind: KeyPairKind,
  encoding: KeyEncoding,
  { unit }: MaterialParts,
): Promise<{ material: SealedMaterial; sha256: Uint8Array; publicKey: Uint8Array }> {
  const made = await fromUnit(unit.sealPair(newestOf(root, name), kind, encoding, aadOf(name)))
  return { material: sealed(root, made), sha256: made.sha256, publicKey: made.publicKey }
}

/** Material that is derived from that of another object of the adapter, and its SHA-256. */
export async function deriveMaterial(
  root: Root,
  { base, derivation }: { readonly base: SealedKey; readonly derivation: Derivation },
  name: MaterialName,
  bytes: number,
  form: 'any' | 'des',
  { unit }: MaterialParts,
): Promise<{ material: SealedMaterial; sha256: Uint8Array }> {
  const to = { root: newestOf(root, name), aad: aadOf(name) }
  const made = await unit.derive(base, derivation, to, bytes, form)
  return { material: sealed(root, made), sha256: made.sha256 }
}

/** In the clear: the caller zeroes it once it is sent. @throws Error for what was altered in the store */
export async function openMaterial(root: Root, object: KmipObject, parts: MaterialParts): Promise<Uint8Array> {
  const { root: blob, sealed: material, aad } = sealedKey(root, object, parts)
  try {
    return await fromUnit(parts.unit.unwrap(blob, material, aad))
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'UNPROCESSABLE_CIPHERTEXT_ERR')) throw error
    // No client sent it: it lay in the store, and was put there by nobody of ours.
    throw new Error('kmip: the material of an object does not open under its root key', { cause: error })
  }
}

/** The material for the crypto unit, which opens it where it is used. */
export function sealedKey({ key }: Root, object: KmipObject, { keys }: Pick<MaterialParts, 'keys'>): SealedKey {
  const { material, instance } = object
  if (material === undefined) throw new Refusal('KMIP_KEY_VALUE_NOT_PRESENT')
  const { rootVersion, blob } = material
  const versionBlob = rootVersion === key.newest ? key.blob : keys.versionBlob(instance, key.id, rootVersion)
  if (versionBlob === undefined) throw new Refusal('KMIP_ROOT_KEY_GONE')
  return {
    root: { instance, kind: 'root-key', id: rootVersion, blob: versionBlob },
    sealed: { iv: blob.subarray(0, IV_BYTES), ciphertext: blob.subarray(IV_BYTES) },
    aad: aadOf(object),
  }
}

function newestOf({ key }: Root, { instance }: MaterialName): StoredBlob {
  return { instance, kind: 'root-key', id: key.newest, blob: key.blob }
}

function sealed({ key }: Root, { iv, ciphertext }: Sealed): SealedMaterial {
  return { blob: Buffer.concat([iv, ciphertext]), rootVersion: key.newest }
}

function aadOf({ instance, adapter, id, type, created }: MaterialName): Buffer {
  return Buffer.from(['kmip', instance, adapter, id, type, created.at].join('\0'))
}
