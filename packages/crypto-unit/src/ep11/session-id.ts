/** Login sessions (reference grep11, section 14.4): ids that come of a PIN, and the blob by which a client shows one. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto'
import type { Fields } from '../frames.ts'
import type { IvPool } from '../iv-pool.ts'
import type { MasterKey } from '../registers.ts'
import { keyOfWkid, purposeKey, wkidOf } from './derived-keys.ts'
import { Ep11Error } from './ep11-error.ts'
import { headerOf, seal, unseal, versions } from './sealed-object.ts'

const BINDING_BYTES = 32
const STORE_ID_BYTES_MAX = 64
const PIN_BYTES_MIN = 6
const PIN_BYTES_MAX = 64

/**
 * What a session's ids are made of under any master key: the same for the same instance, store and PIN, so that nobody needs
 * to keep it. Secret, since PINs can be guessed against it.
 * @throws Ep11Error `CKR_ARGUMENTS_BAD`, `CKR_PIN_LEN_RANGE`
 */
export function bindingOf(instance: string, storeId: Buffer, pin: Buffer): Buffer {
  if (storeId.length === 0 || storeId.length > STORE_ID_BYTES_MAX) {
    throw new Ep11Error('CKR_ARGUMENTS_BAD', `A store id has 1 to ${STORE_ID_BYTES_MAX} bytes.`)
  }
  if (pin.length < PIN_BYTES_MIN || pin.length > PIN_BYTES_MAX) {
    throw new Ep11Error('CKR_PIN_LEN_RANGE', `A PIN has ${PIN_BYTES_MIN} to ${PIN_BYTES_MAX} bytes.`)
  }
  const info = Buffer.concat([Buffer.from(`keywitness/ep11/session/1 ${instance} `), storeId])
  return Buffer.from(hkdfSync('sha256', pin, '', info, BINDING_BYTES))
}

/** Its first byte is neither 0x30, which begins public keys, nor zero. */
export function sessionId(master: MasterKey, binding: Buffer): Buffer {
  const id = createHmac('sha256', purposeKey(master, 'session')).update(binding).digest()
  id.writeUInt8(id.readUInt8(0) | 0x80, 0)
  return id
}

/** Reads a binding inside a blob: it is there or not. */
export function bindingBytes(fields: Fields): Buffer | undefined {
  const bytes = fields.bytes(BINDING_BYTES)
  return bytes.length === 0 ? undefined : Buffer.from(bytes)
}

/** Length of a binding under `wrapBinding`. */
export const WRAPPED_BINDING_BYTES = BINDING_BYTES + 8
/** RFC 3394, section 2.2.3.1. */
const WRAP_IV = Buffer.alloc(8, 0xa6)

/** A binding as it may stand in an object that is not sealed (RFC 3394): the same for each object of its session. */
export function wrapBinding(master: MasterKey, binding: Buffer): Buffer {
  const cipher = createCipheriv('id-aes256-wrap', purposeKey(master, 'binding'), WRAP_IV)
  return Buffer.concat([cipher.update(binding), cipher.final()])
}

/** @throws Error for bytes that `wrapBinding` did not make under this master key */
export function unwrapBinding(master: MasterKey, wrapped: Buffer): Buffer {
  const decipher = createDecipheriv('id-aes256-wrap', purposeKey(master, 'binding'), WRAP_IV)
  return Buffer.concat([decipher.update(wrapped), decipher.final()])
}

/** What a client shows of its session: no two are alike. */
export function sealPinBlob(instance: string, master: MasterKey, binding: Buffer, ivs: IvPool): Buffer {
  const header = { session: sessionId(master, binding), wkid: wkidOf(master), bits: 0, version: versions.pinBlob }
  return seal(purposeKey(master, 'pinBlob'), instance, header, binding, ivs)
}

/**
 * The binding of the session that a client shows.
 * @throws Ep11Error `CKR_SESSION_HANDLE_INVALID` when it is none or of another instance, `CKR_IBM_WKID_MISMATCH` after the
 *   master key changed: the client logs in again
 */
export function openPinBlob(blob: Buffer, instance: string, keys: readonly MasterKey[]): Buffer {
  const header = headerOf(blob, versions.pinBlob)
  if (header === undefined) throw invalid()
  const master = keyOfWkid(keys, header.wkid)
  if (master === undefined) {
    throw new Ep11Error('CKR_IBM_WKID_MISMATCH', 'The session was opened under another master key.')
  }
  const plaintext = unseal(purposeKey(master, 'pinBlob'), instance, blob)
  if (plaintext === undefined) throw invalid()
  const binding = Buffer.from(plaintext.subarray(0, BINDING_BYTES))
  plaintext.fill(0)
  return binding
}

function invalid(): Ep11Error {
  return new Ep11Error('CKR_SESSION_HANDLE_INVALID', 'This is no session of this instance.')
}
