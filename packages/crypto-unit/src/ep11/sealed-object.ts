/**
 * The shape that blobs and states share (reference grep11, section 5): session id, 32 bytes; WKID, 16; attribute bits, 8;
 * mode, 8; version, 2; nonce, 12; ciphertext; tag, 16. AES-256-GCM; authenticated with it are the instance and all of the
 * header.
 */
import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'
import type { FrameBatch } from '../frames.ts'
import { IV_BYTES, type IvPool } from '../iv-pool.ts'

export const SESSION_ID_BYTES = 32
const WKID_AT = SESSION_ID_BYTES
const BITS_AT = WKID_AT + 16
const VERSION_AT = BITS_AT + 16
const HEADER_BYTES = VERSION_AT + 2
const TAG_BYTES = 16
/** What is sealed is padded to a multiple of this: its length tells no more of a key than its kind. */
const PADDED_BYTES = 64

/** A version for each thing that has this shape: neither is mistaken for the other. */
export const versions = { keyBlob: 0x1234, state: 0x1235, pinBlob: 0x1236 } as const

export interface ObjectHeader {
  /** 32 bytes; all zero for what is bound to no session. */
  readonly session: Buffer
  /** 16 bytes. */
  readonly wkid: Buffer
  /** Attribute bits. */
  readonly bits: number
  readonly version: number
}

/** The header of an object; undefined when it is none of this version. Nothing of it is proven yet. */
export function headerOf(sealed: Buffer, version: number): ObjectHeader | undefined {
  const inside = sealed.length - HEADER_BYTES - IV_BYTES - TAG_BYTES
  if (inside < PADDED_BYTES || inside % PADDED_BYTES !== 0) return undefined
  if (sealed.readUInt16BE(VERSION_AT) !== version) return undefined
  return {
    session: sealed.subarray(0, SESSION_ID_BYTES),
    wkid: sealed.subarray(WKID_AT, BITS_AT),
    bits: sealed.readUInt32BE(BITS_AT + 4),
    version,
  }
}

/** Bytes that no two objects have in common, whatever they are of: the nonce. */
export function nonceOf(sealed: Buffer): Buffer {
  return sealed.subarray(HEADER_BYTES, HEADER_BYTES + IV_BYTES)
}

/** What `put` puts, to be sealed and then recycled; `scratch` has nothing in it before and after. */
export function gather(scratch: FrameBatch, put: (scratch: FrameBatch) => void): Buffer {
  try {
    put(scratch)
  } catch (error) {
    scratch.recycle(scratch.take())
    throw error
  }
  return scratch.take()
}

export function seal(
  key: KeyObject,
  instance: string,
  { session, wkid, bits, version }: ObjectHeader,
  plaintext: Uint8Array,
  ivs: IvPool,
): Buffer {
  const padding = PADDED_BYTES - (plaintext.length % PADDED_BYTES || PADDED_BYTES)
  const inside = plaintext.length + padding
  const sealed = Buffer.alloc(HEADER_BYTES + IV_BYTES + inside + TAG_BYTES)
  session.copy(sealed)
  wkid.copy(sealed, WKID_AT)
  sealed.writeUInt32BE(bits >>> 0, BITS_AT + 4)
  sealed.writeUInt16BE(version, VERSION_AT)
  const iv = ivs.take()
  iv.copy(sealed, HEADER_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(Buffer.concat([sealed.subarray(0, HEADER_BYTES), Buffer.from(instance)]))
  cipher.update(plaintext).copy(sealed, HEADER_BYTES + IV_BYTES)
  cipher.update(Buffer.alloc(padding)).copy(sealed, HEADER_BYTES + IV_BYTES + plaintext.length)
  cipher.final()
  cipher.getAuthTag().copy(sealed, sealed.length - TAG_BYTES)
  return sealed
}

/** What was sealed, with its padding; the caller zeroes it. Undefined when anything was altered or is another's. */
export function unseal(key: KeyObject, instance: string, sealed: Buffer): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(sealed))
  decipher.setAAD(Buffer.concat([sealed.subarray(0, HEADER_BYTES), Buffer.from(instance)]))
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
  const plaintext = decipher.update(sealed.subarray(HEADER_BYTES + IV_BYTES, sealed.length - TAG_BYTES))
  try {
    decipher.final()
  } catch {
    plaintext.fill(0)
    return undefined
  }
  return plaintext
}
