/** Blobs of secret and private keys: what the client keeps of a key, readable only inside, under the master key. */
import { createPrivateKey } from 'node:crypto'
import { Fields, ProtocolError, type FrameBatch } from '../frames.ts'
import type { IvPool } from '../iv-pool.ts'
import type { MasterKey } from '../registers.ts'
import { keyOfWkid, purposeKey, wkidOf } from './derived-keys.ts'
import { Ep11Error } from './ep11-error.ts'
import { noSession, type BlobKey, type OpenedKey } from './opened-key.ts'
import { gather, headerOf, seal, unseal, versions, type ObjectHeader } from './sealed-object.ts'
import { bindingBytes, sessionId } from './session-id.ts'

/**
 * Sealed: version 1; class, 3 private or 4 secret; key type, 4 bytes; size, 4; curve behind one byte of length; generating
 * mechanism, 4 bytes, all ones for none; creation, 8; binding to a session behind its length; the value, or PKCS #8, behind
 * its length.
 */
const VERSION = 1
const classes = { private: 3, secret: 4 } as const
const NO_MECHANISM = 0xffff_ffff
/** Longest blob, and longest public key object. PKCS #8 of an ML-DSA key, not 5 KiB, makes the longest that there is. */
export const OBJECT_BYTES_MAX = 16 * 1024

/** `scratch` is a batch with nothing in it; it is zeroed after use. */
export interface Sealing {
  readonly instance: string
  readonly master: MasterKey
  readonly ivs: IvPool
  readonly scratch: FrameBatch
}

export function sealKey(key: BlobKey, { instance, master, ivs, scratch }: Sealing): Buffer {
  const material = key.class === 'secret' ? key.value : key.key.export({ format: 'der', type: 'pkcs8' })
  const plaintext = gatherKey(key, material, scratch)
  try {
    const session = key.binding === undefined ? noSession : sessionId(master, key.binding)
    const header: ObjectHeader = { session, wkid: wkidOf(master), bits: key.bits, version: versions.keyBlob }
    return seal(purposeKey(master, 'keyBlob'), instance, header, plaintext, ivs)
  } finally {
    scratch.recycle(plaintext)
  }
}

/** Zeroes the material of a private key, which was exported for this. */
function gatherKey(key: BlobKey, material: Buffer, scratch: FrameBatch): Buffer {
  try {
    return gather(scratch, (out) => {
      out.u8(VERSION)
      out.u8(classes[key.class])
      out.u32(key.keyType)
      out.u32(key.size)
      out.text(key.curve)
      out.u32(key.generatedBy ?? NO_MECHANISM)
      out.room(8).writeBigUInt64BE(BigInt(key.createdAt))
      out.bytes(key.binding ?? Buffer.alloc(0))
      out.bytes(material)
    })
  } finally {
    if (key.class === 'private') material.fill(0)
  }
}

/**
 * Opens a blob under one of these master keys.
 * @throws Ep11Error `CKR_IBM_WKID_MISMATCH` when it is under none of them, `CKR_IBM_BLOB_ERROR` when it is no blob, was
 *   altered, or is of another instance
 */
export function openKey(blob: Buffer, instance: string, keys: readonly MasterKey[]): OpenedKey<BlobKey> {
  const header = headerOf(blob, versions.keyBlob)
  if (header === undefined) throw brokenBlob()
  const master = keyOfWkid(keys, header.wkid)
  if (master === undefined) throw new Ep11Error('CKR_IBM_WKID_MISMATCH', 'The key is under another master key.')
  const plaintext = unseal(purposeKey(master, 'keyBlob'), instance, blob)
  if (plaintext === undefined) throw brokenBlob()
  try {
    return {
      ...readKey(new Fields(plaintext), header.bits),
      session: Buffer.from(header.session),
      wkid: Buffer.from(header.wkid),
    }
  } catch (error) {
    if (error instanceof ProtocolError) throw brokenBlob()
    throw error
  } finally {
    plaintext.fill(0)
  }
}

function readKey(fields: Fields, bits: number): BlobKey {
  if (fields.u8() !== VERSION) throw brokenBlob()
  const kind = fields.u8()
  const keyType = fields.u32()
  const size = fields.u32()
  const curve = fields.text()
  const mechanism = fields.u32()
  const generatedBy = mechanism === NO_MECHANISM ? undefined : mechanism
  const createdAt = Number(fields.raw(8).readBigUInt64BE())
  const binding = bindingBytes(fields)
  const material = fields.bytes(OBJECT_BYTES_MAX)
  const facts = { keyType, size, curve, bits, generatedBy, createdAt, binding }
  if (kind === classes.secret) return { class: 'secret', ...facts, value: ownCopy(material) }
  if (kind !== classes.private) throw brokenBlob()
  return { class: 'private', ...facts, key: createPrivateKey({ key: material, format: 'der', type: 'pkcs8' }) }
}

/** Memory of its own, which can be zeroed. */
function ownCopy(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(copy)
  return copy
}

/** One text for whatever is wrong. */
export function brokenBlob(): Ep11Error {
  return new Ep11Error('CKR_IBM_BLOB_ERROR', 'This is no key of this instance, or it was altered.')
}
