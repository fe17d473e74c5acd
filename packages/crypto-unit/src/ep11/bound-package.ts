/**
 * Keys on their way with their attributes (CKM_IBM_ATTRIBUTEBOUND_WRAP). The format is ours: the device's is not published.
 *
 * Magic `KWAB`, version 1; kind of KEK, 1 RSA or 2 secret; 2 bytes of length and the transport key under an RSA KEK (OAEP with
 * SHA-256), or a salt for a secret one; nonce, 12 bytes; ciphertext; tag, 16; HMAC-SHA-256 over all before it, by a key that HKDF makes of the MAC key: whoever
 * may sign by the MAC key can sign no package with it.
 * AES-256-GCM; authenticated with it is all before the nonce.
 */
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { Fields, type FrameBatch } from '../frames.ts'
import { isPossible } from './attribute-rules.ts'
import { attributeBits, keyTypes } from './attributes.ts'
import { pkcs8Of, privateKeyOf, kindOf } from './asymmetric-forms.ts'
import { Ep11Error } from './ep11-error.ts'
import type { BlobKey, OpenedKey, PrivateBlobKey, PublicObjectKey, SecretBlobKey } from './opened-key.ts'
import { gather } from './sealed-object.ts'
import { isSecretLength, isSecretType } from './secret-key.ts'

const MAGIC = Buffer.from('KWAB\u0001', 'latin1')
const kekKinds = { rsa: 1, secret: 2 } as const
const HEAD_BYTES = MAGIC.length + 3
const KEY_BYTES = 32
const SALT_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const MAC_BYTES = 32
const MATERIAL_BYTES_MAX = 16 * 1024
/** OAEP with SHA-256 leaves room for the transport key from here on (RFC 8017, section 7.1.1). */
const MODULUS_BITS_MIN = 8 * (KEY_BYTES + 2 * 32 + 2)
const LABEL = 'keywitness/ep11/attribute-bound/1'
const MAC_LABEL = 'keywitness/ep11/attribute-bound/1/mac'

const classes = { private: 3, secret: 4 } as const

/** What arrives of a key. */
export type PackagedKey =
  | Pick<SecretBlobKey, 'class' | 'keyType' | 'size' | 'curve' | 'bits' | 'value'>
  | Pick<PrivateBlobKey, 'class' | 'keyType' | 'size' | 'curve' | 'bits' | 'key'>

/** @throws Ep11Error `CKR_WRAPPING_KEY_TYPE_INCONSISTENT`, `CKR_WRAPPING_KEY_SIZE_RANGE` */
export function packKey(
  key: OpenedKey<BlobKey>,
  kek: OpenedKey<SecretBlobKey | PublicObjectKey>,
  macKey: OpenedKey<SecretBlobKey>,
  scratch: FrameBatch,
): Buffer {
  const { head, transportKey } = kek.class === 'public' ? newTransportKey(kek) : newSaltedKey(kek)
  const material = key.class === 'secret' ? Buffer.from(key.value) : pkcs8Of(key.key)
  const plaintext = gather(scratch, (out) => {
    out.u8(classes[key.class])
    out.u32(key.keyType)
    out.u32(key.bits >>> 0)
    out.bytes(material)
  })
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', transportKey, nonce)
  cipher.setAAD(head)
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
  for (const bytes of [transportKey, material]) bytes.fill(0)
  scratch.recycle(plaintext)
  const signed = Buffer.concat([head, nonce, ciphertext])
  return Buffer.concat([signed, macOf(signed, macKey)])
}

/**
 * One text for whatever is wrong: nobody learns more of a package that was altered.
 * @throws Ep11Error `CKR_WRAPPED_KEY_INVALID`; `CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT`
 */
export function unpackKey(
  wrapped: Buffer,
  kek: OpenedKey<SecretBlobKey | PrivateBlobKey>,
  macKey: OpenedKey<SecretBlobKey>,
): PackagedKey {
  if (kek.class === 'private' && kek.keyType !== keyTypes.CKK_RSA) {
    throw new Ep11Error('CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT', 'The unwrapping key is an RSA key or a secret one.')
  }
  const signed = wrapped.subarray(0, wrapped.length - MAC_BYTES)
  if (wrapped.length < HEAD_BYTES + NONCE_BYTES + TAG_BYTES + MAC_BYTES) throw invalid()
  if (!timingSafeEqual(wrapped.subarray(signed.length), macOf(signed, macKey))) throw invalid()
  const plaintext = opened(signed, kek)
  try {
    return readPackage(new Fields(plaintext))
  } catch {
    throw invalid()
  } finally {
    plaintext.fill(0)
  }
}

function opened(signed: Buffer, kek: OpenedKey<SecretBlobKey | PrivateBlobKey>): Buffer {
  const lengthAt = MAGIC.length + 1
  const head = signed.subarray(0, HEAD_BYTES + signed.readUInt16BE(lengthAt))
  const kind = kek.class === 'private' ? kekKinds.rsa : kekKinds.secret
  const rest = signed.subarray(head.length)
  if (!head.subarray(0, MAGIC.length).equals(MAGIC) || head[MAGIC.length] !== kind) throw invalid()
  if (rest.length < NONCE_BYTES + TAG_BYTES) throw invalid()
  const transportKey = transportKeyOf(head.subarray(HEAD_BYTES), kek)
  const decipher = createDecipheriv('aes-256-gcm', transportKey, rest.subarray(0, NONCE_BYTES))
  decipher.setAAD(head)
  decipher.setAuthTag(rest.subarray(rest.length - TAG_BYTES))
  const plaintext = decipher.update(rest.subarray(NONCE_BYTES, rest.length - TAG_BYTES))
  transportKey.fill(0)
  try {
    decipher.final()
  } catch {
    plaintext.fill(0)
    throw invalid()
  }
  return plaintext
}

function readPackage(fields: Fields): PackagedKey {
  const kind = fields.u8()
  const keyType = fields.u32()
  const bits = fields.u32()
  const material = fields.bytes(MATERIAL_BYTES_MAX)
  fields.end()
  if (!isBoundBits(bits, kind, keyType)) throw invalid()
  if (kind === classes.private) {
    const key = privateKeyOf(material, keyType)
    return { class: 'private', ...kindOf(key), bits, key }
  }
  if (kind !== classes.secret || !isSecretType(keyType) || !isSecretLength(keyType, material.length)) throw invalid()
  const value = Buffer.allocUnsafeSlow(material.length)
  material.copy(value)
  return { class: 'secret', keyType, size: value.length * 8, curve: '', bits, value }
}

/** Attributes with which a key can have left: those of its kind, bound and extractable. */
function isBoundBits(bits: number, kind: number, keyType: number): boolean {
  const needed = attributeBits.ATTRBOUND | attributeBits.EXTRACTABLE
  return (bits & needed) === needed && isPossible(bits, kind === classes.private ? 'private' : 'secret', keyType)
}

interface Transport {
  /** All before the nonce. */
  readonly head: Buffer
  readonly transportKey: Buffer
}

function newTransportKey({ keyType, size, key }: OpenedKey<PublicObjectKey>): Transport {
  if (keyType !== keyTypes.CKK_RSA) {
    throw new Ep11Error('CKR_WRAPPING_KEY_TYPE_INCONSISTENT', 'The wrapping key is an RSA key or a secret one.')
  }
  if (size < MODULUS_BITS_MIN) {
    throw new Ep11Error('CKR_WRAPPING_KEY_SIZE_RANGE', `The modulus needs ${MODULUS_BITS_MIN} bits.`)
  }
  const transportKey = randomBytes(KEY_BYTES)
  return { head: headOf(kekKinds.rsa, publicEncrypt({ key, ...oaep }, transportKey)), transportKey }
}

function newSaltedKey(kek: OpenedKey<SecretBlobKey>): Transport {
  const salt = randomBytes(SALT_BYTES)
  return { head: headOf(kekKinds.secret, salt), transportKey: saltedKey(salt, kek.value) }
}

function headOf(kind: number, transport: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  MAGIC.copy(head)
  head.writeUInt8(kind, MAGIC.length)
  head.writeUInt16BE(transport.length, MAGIC.length + 1)
  return Buffer.concat([head, transport])
}

function transportKeyOf(transport: Buffer, kek: OpenedKey<SecretBlobKey | PrivateBlobKey>): Buffer {
  if (kek.class === 'secret') return saltedKey(transport, kek.value)
  try {
    const key = privateDecrypt({ key: kek.key, ...oaep }, transport)
    if (key.length === KEY_BYTES) return key
  } catch {
    // Answered below.
  }
  throw invalid()
}

function saltedKey(salt: Buffer, kek: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', kek, salt, LABEL, KEY_BYTES))
}

const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' } as const

function macOf(signed: Buffer, { value }: OpenedKey<SecretBlobKey>): Buffer {
  const key = Buffer.from(hkdfSync('sha256', value, '', MAC_LABEL, MAC_BYTES))
  try {
    return createHmac('sha256', key).update(signed).digest()
  } finally {
    key.fill(0)
  }
}

function invalid(): Ep11Error {
  return new Ep11Error('CKR_WRAPPED_KEY_INVALID', 'What is wrapped was not made for these keys, or was altered.')
}
