/** Public key objects: an SPKI, and behind it what the unit that made it vouches for ("MACed SPKI", section 5). */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { DerReader, octets, tags } from '../tke/der.ts'
import type { MasterKey } from '../registers.ts'
import { kindOf, publicKeyOf, spkiOf } from './asymmetric-forms.ts'
import { WKID_BYTES, keyOfWkid, purposeKey, wkidOf } from './derived-keys.ts'
import { Ep11Error } from './ep11-error.ts'
import { brokenBlob } from './key-blob.ts'
import { noSession, type OpenedKey, type PublicObjectKey } from './opened-key.ts'
import { sessionId, unwrapBinding, wrapBinding, WRAPPED_BINDING_BYTES } from './session-id.ts'

/**
 * Behind the SPKI, each an OCTET STRING: WKID, 16 bytes; session id, 32, all zero for none; salt, 8, zero; mode, 8, zero;
 * attribute bits, 8; where there is a session, 40 bytes from which its id is made under the next master key too; MAC, 32:
 * HMAC-SHA-256 over the instance behind its length, and all before it.
 */
const LONG_BYTES = 8
const MAC_BYTES = 32
const MAC_ELEMENT_BYTES = 2 + MAC_BYTES
const BINDING_ELEMENT_BYTES = 2 + WRAPPED_BINDING_BYTES
const head = [WKID_BYTES, noSession.length, LONG_BYTES, LONG_BYTES, LONG_BYTES] as const
const TAIL_BYTES = head.reduce((sum, bytes) => sum + 2 + bytes, MAC_ELEMENT_BYTES)
const BOUND_TAIL_BYTES = TAIL_BYTES + BINDING_ELEMENT_BYTES

/** What every public key begins with, and no blob. */
export function isPublic(object: Buffer): boolean {
  return object[0] === tags.SEQUENCE
}

/** What of a key becomes an object. */
type MadePublic = Pick<PublicObjectKey, 'key' | 'bits' | 'binding'>

export function makePublicObject({ key, bits, binding }: MadePublic, instance: string, master: MasterKey): Buffer {
  const bitBytes = Buffer.alloc(LONG_BYTES)
  bitBytes.writeUInt32BE(bits >>> 0, 4)
  const long = octets(Buffer.alloc(LONG_BYTES))
  const session = binding === undefined ? noSession : sessionId(master, binding)
  const told = [octets(wkidOf(master)), octets(session), long, long, octets(bitBytes)]
  const bound = binding === undefined ? [] : [octets(wrapBinding(master, binding))]
  const before = Buffer.concat([spkiOf(key), ...told, ...bound])
  return Buffer.concat([before, octets(macOf(before, instance, master))])
}

/** The SPKI that an object begins with. @throws Ep11Error `CKR_IBM_BLOB_ERROR` when what follows is no such tail */
export function spkiPart(object: Buffer): Buffer {
  const spki = leadingSequence(object)
  const left = object.length - (spki?.length ?? 0)
  if (spki === undefined || ![0, TAIL_BYTES, BOUND_TAIL_BYTES].includes(left)) throw brokenBlob()
  return spki
}

/**
 * Opens a raw SPKI, or an object under one of these master keys.
 * @throws Ep11Error `CKR_IBM_WKID_MISMATCH`, `CKR_IBM_BLOB_ERROR` as `openKey`; `CKR_PUBLIC_KEY_INVALID` for a raw SPKI
 *   that is none, and what `kindOf` throws
 */
export function openPublic(object: Buffer, instance: string, keys: readonly MasterKey[]): OpenedKey<PublicObjectKey> {
  const spki = spkiPart(object)
  const vouched = spki.length === object.length ? undefined : readTail(object, spki.length, instance, keys)
  const key = publicKeyOf(spki)
  return {
    class: 'public',
    ...kindOf(key),
    bits: vouched?.bits ?? 0,
    key,
    spki: Buffer.from(spki),
    isMaced: vouched !== undefined,
    binding: vouched?.binding,
    session: vouched?.session ?? noSession,
    wkid: vouched?.wkid,
  }
}

interface Vouched {
  readonly bits: number
  readonly binding: Buffer | undefined
  readonly session: Buffer
  readonly wkid: Buffer
}

function readTail(object: Buffer, from: number, instance: string, keys: readonly MasterKey[]): Vouched {
  const isBound = object.length - from === BOUND_TAIL_BYTES
  let at = from
  const values = [...head, ...(isBound ? [WRAPPED_BINDING_BYTES] : []), MAC_BYTES].map((bytes) => {
    if (object[at] !== tags.OCTET_STRING || object[at + 1] !== bytes) throw brokenBlob()
    at += 2 + bytes
    return object.subarray(at - bytes, at)
  })
  const [wkid, session, , , bits, wrapped] = values as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer]
  const master = keyOfWkid(keys, wkid)
  if (master === undefined) throw new Ep11Error('CKR_IBM_WKID_MISMATCH', 'The public key is under another master key.')
  const before = object.subarray(0, object.length - MAC_ELEMENT_BYTES)
  if (!timingSafeEqual(object.subarray(-MAC_BYTES), macOf(before, instance, master))) throw brokenBlob()
  return {
    bits: bits.readUInt32BE(4),
    binding: isBound ? unwrapBinding(master, wrapped) : undefined,
    session: Buffer.from(session),
    wkid: Buffer.from(wkid),
  }
}

function macOf(before: Buffer, instance: string, master: MasterKey): Buffer {
  const name = Buffer.from(instance)
  return createHmac('sha256', purposeKey(master, 'publicKey'))
    .update(Buffer.from([name.length]))
    .update(name)
    .update(before)
    .digest()
}

/** The first element as it stands; undefined when there is none. */
function leadingSequence(object: Buffer): Buffer | undefined {
  try {
    return new DerReader(object).whole(tags.SEQUENCE)
  } catch {
    return undefined
  }
}
