/** Key material at rest: AES-256-GCM under the master key, bound to instance, kind and id, naming its master key. */
import { createCipheriv, createDecipheriv, type CipherGCMTypes, type KeyObject } from 'node:crypto'
import type { Fields, FrameBatch } from './frames.ts'
import { IV_BYTES, type IvPool } from './iv-pool.ts'
import { ID_BYTES_MAX, MATERIAL_BYTES_MAX, blobKinds } from './protocol.ts'
import type { MasterKey } from './registers.ts'
import { UnitError } from './unit-error.ts'
import type { UnitSet } from './unit-set.ts'

/**
 * Layout: magic `KWB`, version 1; verification pattern of the master key, 32 bytes; iv, 12 bytes; ciphertext; tag, 16
 * bytes. Authenticated with it: magic, version, pattern, and the name as it stands on the pipe.
 */
const MAGIC = Buffer.from('KWB\u0001', 'latin1')
const PATTERN_BYTES = 32
const HEADER_BYTES = MAGIC.length + PATTERN_BYTES
export const TAG_BYTES = 16
/** How much longer a blob is than its material. */
export const BLOB_OVERHEAD_BYTES = HEADER_BYTES + IV_BYTES + TAG_BYTES
const BLOB_BYTES_MAX = MATERIAL_BYTES_MAX + BLOB_OVERHEAD_BYTES

export interface BlobName {
  readonly instance: string
  readonly kind: number
  /** Kind, instance and id as on the pipe: each text behind its length, so that no two names have the same bytes. */
  readonly bytes: Buffer
}

export interface NamedBlob extends BlobName {
  readonly blob: Buffer
  /** Name and blob, byte for byte: what an opened key is remembered by. */
  readonly cacheName: string
}

export function readName(fields: Fields): BlobName {
  const from = fields.offset
  const kind = fields.u8()
  const instance = fields.text(ID_BYTES_MAX)
  fields.text(ID_BYTES_MAX)
  return { instance, kind, bytes: fields.bytesAll.subarray(from, fields.offset) }
}

export function readNamedBlob(fields: Fields): NamedBlob {
  const from = fields.offset
  const name = readName(fields)
  const blob = fields.bytes(BLOB_BYTES_MAX)
  return { ...name, blob, cacheName: fields.bytesAll.toString('latin1', from, fields.offset) }
}

/** Wraps material under the master key, writing the blob into the open frame. */
export function putBlob(out: FrameBatch, name: BlobName, material: Uint8Array, master: MasterKey, ivs: IvPool): void {
  const header = Buffer.concat([MAGIC, Buffer.from(master.pattern, 'hex')])
  const iv = ivs.take()
  const cipher = createCipheriv('aes-256-gcm', master.key, iv)
  cipher.setAAD(Buffer.concat([header, name.bytes]))
  out.raw(header)
  out.raw(iv)
  out.raw(cipher.update(material))
  cipher.final()
  out.raw(cipher.getAuthTag())
}

/**
 * Opens a blob. The caller zeroes what it gets.
 * @throws UnitError `BROKEN_BLOB` when it was altered or is of another name; `NOT_READY` when no unit that works holds the
 *   master key that it names
 */
export function openBlob({ instance, bytes, blob }: NamedBlob, units: Pick<UnitSet, 'holding'>): Buffer {
  if (blob.length <= BLOB_OVERHEAD_BYTES || !blob.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new UnitError('BROKEN_BLOB', 'This is not a blob of wrapped key material.')
  }
  const master = units.holding(instance, blob.toString('hex', MAGIC.length, HEADER_BYTES))
  if (master === undefined) {
    throw new UnitError('NOT_READY', 'The key is wrapped under a master key that no crypto unit holds.')
  }
  const ivEnd = HEADER_BYTES + IV_BYTES
  const tagFrom = blob.length - TAG_BYTES
  const decipher = createDecipheriv('aes-256-gcm', master.key, blob.subarray(HEADER_BYTES, ivEnd))
  decipher.setAAD(Buffer.concat([blob.subarray(0, HEADER_BYTES), bytes])).setAuthTag(blob.subarray(tagFrom))
  const material = decipher.update(blob.subarray(ivEnd, tagFrom))
  try {
    decipher.final()
  } catch {
    material.fill(0)
    throw new UnitError('BROKEN_BLOB', 'The key material was altered, or belongs to another instance, kind or id.')
  }
  return material
}

/** @throws UnitError `KIND` */
export function demandKind(name: BlobName, kind: keyof typeof blobKinds): void {
  if (name.kind !== blobKinds[kind]) throw new UnitError('KIND', 'This operation is not for this kind of key.')
}

/** The cipher of a root key, by its size. */
export function gcmOf(key: KeyObject): CipherGCMTypes {
  switch (key.symmetricKeySize) {
    case 16:
      return 'aes-128-gcm'
    case 24:
      return 'aes-192-gcm'
    default:
      return 'aes-256-gcm'
  }
}

/** Sizes of root keys, bytes. */
const rootKeyBytes = new Set([16, 24, 32])

/** @throws UnitError `KIND` for a kind nobody knows, `LIMIT` for a size the kind does not have */
export function demandMaterialSize(name: BlobName, count: number): void {
  if (name.kind === blobKinds['root-key']) {
    if (!rootKeyBytes.has(count)) throw new UnitError('LIMIT', 'A root key has 16, 24 or 32 bytes.')
    return
  }
  demandKind(name, 'standard-key')
  if (count < 1 || count > MATERIAL_BYTES_MAX)
    throw new UnitError('LIMIT', 'Key material is larger than allowed, or empty.')
}
