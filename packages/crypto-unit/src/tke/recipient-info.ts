/** RecipientInfo: a master key part on its way to one importer (TKE reference, section 3.10; RFC 5753, RFC 3394). */
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHash,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  type KeyObject,
} from 'node:crypto'
import { DerReader, element, malformed, membersOf, octets, sequence, tags, wordBytes } from './der.ts'
import { POINT_BYTES, pointOfKey, publicKeyOfPoint, sharedSecret } from './p521.ts'

const PART_BYTES = 32
const WRAPPED_BYTES = 40
const UKM_BYTES = 40
const SKI_BYTES = 32
const RSA_BYTES = 256
/** Length of the key-encryption key in bits, as ECC-CMS-SharedInfo names it. */
const KEK_BITS = 256

const ecPublicKeyOid = Buffer.from('06072a8648ce3d0201', 'hex')
const stdDhSha256KdfOid = Buffer.from('06062b8104010b01', 'hex')
const rsaEncryption = Buffer.from('06092a864886f70d0101010500', 'hex')
const aes256Wrap = sequence(Buffer.from('060960864801650304012d0500', 'hex'))
const version3 = Buffer.from('020103', 'hex')
const version2 = Buffer.from('020102', 'hex')
/** The initial value of RFC 3394. */
const wrapIv = Buffer.alloc(8, 0xa6)

export interface KeyAgreement {
  /** The sender's ephemeral public point, `04 X Y`. */
  readonly point: Uint8Array
  /** User keying material: 40 random bytes. */
  readonly ukm: Uint8Array
  /** Key identifier of the importer: 32 bytes that nobody compares. */
  readonly recipient: Uint8Array
  /** The part, wrapped: 40 bytes. */
  readonly wrapped: Uint8Array
}

/** The structure with its ECDH key agreement: 313 bytes. */
export function encodeKeyAgreement({ point, ukm, recipient, wrapped }: KeyAgreement): Buffer {
  return sequence(
    version3,
    element(
      tags.CONSTRUCTED_0,
      element(tags.CONSTRUCTED_1, sequence(ecPublicKeyOid, element(tags.BIT_STRING, Buffer.from([0]), point))),
    ),
    element(tags.CONSTRUCTED_1, octets(ukm)),
    sequence(stdDhSha256KdfOid, aes256Wrap),
    sequence(sequence(element(tags.CONSTRUCTED_0, octets(recipient)), octets(wrapped))),
  )
}

/** @throws ProtocolError `MALFORMED` */
export function decodeKeyAgreement(bytes: Uint8Array): KeyAgreement {
  const members = membersOf(bytes)
  if (!members.whole(tags.INTEGER).equals(version3)) throw malformed('A key part is of another version.')
  const point = originatorOf(members)
  const agreement = inner(members, tags.CONSTRUCTED_1)
  const ukm = agreement.sized(tags.OCTET_STRING, UKM_BYTES)
  agreement.end()
  const algorithm = inner(members, tags.SEQUENCE)
  if (!algorithm.whole(tags.OBJECT_IDENTIFIER).equals(stdDhSha256KdfOid)) throw malformed()
  if (!algorithm.whole(tags.SEQUENCE).equals(aes256Wrap)) throw malformed()
  algorithm.end()
  const keys = inner(members, tags.SEQUENCE)
  const key = inner(keys, tags.SEQUENCE)
  keys.end()
  const identifier = inner(key, tags.CONSTRUCTED_0)
  const recipient = identifier.sized(tags.OCTET_STRING, SKI_BYTES)
  identifier.end()
  const wrapped = key.sized(tags.OCTET_STRING, WRAPPED_BYTES)
  key.end()
  members.end()
  return { point, ukm, recipient, wrapped }
}

function originatorOf(members: DerReader): Buffer {
  const originator = inner(members, tags.CONSTRUCTED_0)
  const originatorKey = inner(originator, tags.CONSTRUCTED_1)
  originator.end()
  const key = inner(originatorKey, tags.SEQUENCE)
  originatorKey.end()
  if (!key.whole(tags.OBJECT_IDENTIFIER).equals(ecPublicKeyOid)) throw malformed()
  const bits = key.sized(tags.BIT_STRING, POINT_BYTES + 1)
  key.end()
  if (bits[0] !== 0) throw malformed('A point ends inside a byte.')
  return bits.subarray(1)
}

function inner(members: DerReader, tag: number): DerReader {
  return new DerReader(members.take(tag))
}

/**
 * Encrypts a part to an importer of P-521 or RSA-2048.
 * @param part 32 bytes; the caller zeroes them
 */
export function sealPart(part: Uint8Array, importer: KeyObject, recipient: Uint8Array): Buffer {
  if (importer.asymmetricKeyType === 'rsa') {
    const ciphertext = publicEncrypt({ key: importer, padding: constants.RSA_PKCS1_PADDING }, part)
    return sequence(version2, element(tags.CONTEXT_0, recipient), sequence(rsaEncryption), octets(ciphertext))
  }
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' })
  const ukm = randomBytes(UKM_BYTES)
  const secret = sharedSecret(privateKey, importer)
  const kek = keyEncryptionKey(secret, ukm)
  const wrapped = wrapPart(part, kek)
  secret.fill(0)
  kek.fill(0)
  return encodeKeyAgreement({ point: pointOfKey(privateKey), ukm, recipient, wrapped })
}

/**
 * Decrypts a part with the importer's private key. The caller zeroes it.
 * @returns undefined when it does not open: whether the format, the padding or the size was wrong is not told
 * @throws ProtocolError `MALFORMED` when it is no RecipientInfo of the importer's kind
 */
export function openPart(bytes: Uint8Array, importer: KeyObject): Buffer | undefined {
  if (importer.asymmetricKeyType === 'rsa') return openRsaPart(bytes, importer)
  const { point, ukm, wrapped } = decodeKeyAgreement(bytes)
  const secret = sharedSecret(importer, publicKeyOfPoint(point))
  const kek = keyEncryptionKey(secret, ukm)
  try {
    return unwrapPart(wrapped, kek)
  } finally {
    secret.fill(0)
    kek.fill(0)
  }
}

function openRsaPart(bytes: Uint8Array, importer: KeyObject): Buffer | undefined {
  const members = membersOf(bytes)
  if (!members.whole(tags.INTEGER).equals(version2)) throw malformed('A key part is of another version.')
  members.sized(tags.CONTEXT_0, SKI_BYTES)
  if (!members.take(tags.SEQUENCE).equals(rsaEncryption)) throw malformed()
  const ciphertext = members.sized(tags.OCTET_STRING, RSA_BYTES)
  members.end()
  let block
  try {
    block = privateDecrypt({ key: importer, padding: constants.RSA_NO_PADDING }, ciphertext)
  } catch {
    return undefined
  }
  const part = unpadded(block)
  block.fill(0)
  return part
}

/**
 * PKCS #1 v1.5, block type 2, with a part of 32 bytes at its end: every byte is looked at, whatever was wrong before
 * (RFC 8017, section 7.2.2; how an attacker with many tries would otherwise learn a part).
 */
function unpadded(block: Buffer): Buffer | undefined {
  const zeroAt = RSA_BYTES - PART_BYTES - 1
  let wrong = (block[0] ?? 1) | ((block[1] ?? 0) ^ 2) | (block[zeroAt] ?? 1)
  for (let at = 2; at < zeroAt; at++) wrong |= (((block[at] ?? 0) - 1) >> 8) & 1
  const part = Buffer.from(block.subarray(zeroAt + 1))
  if (wrong === 0) return part
  part.fill(0)
  return undefined
}

/**
 * ANSI X9.63 with SHA-256 over ECC-CMS-SharedInfo (RFC 5753, section 7.2). That it is these bytes is our decision: the
 * public client never computes them (TKE reference, section 3.10 and vector V9).
 */
export function keyEncryptionKey(secret: Uint8Array, ukm: Uint8Array): Buffer {
  const sharedInfo = sequence(
    aes256Wrap,
    element(tags.CONSTRUCTED_0, octets(ukm)),
    element(0xa2, octets(wordBytes(KEK_BITS))),
  )
  return createHash('sha256').update(secret).update(wordBytes(1)).update(sharedInfo).digest()
}

export function wrapPart(part: Uint8Array, kek: Uint8Array): Buffer {
  const cipher = createCipheriv('id-aes256-wrap', kek, wrapIv)
  return Buffer.concat([cipher.update(part), cipher.final()])
}

function unwrapPart(wrapped: Uint8Array, kek: Uint8Array): Buffer | undefined {
  try {
    const decipher = createDecipheriv('id-aes256-wrap', kek, wrapIv)
    return Buffer.concat([decipher.update(wrapped), decipher.final()])
  } catch {
    return undefined
  }
}
