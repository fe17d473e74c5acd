/** The certificate of an administrator: the shapes that clients of the TKE protocol can read (TKE reference, 4.3). */
import { constants, createHash, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { element, malformed, membersOf, octets, sequence, tags } from './der.ts'
import { POINT_BYTES, pointOfKey, pointSki, publicKeyOfPoint, spkiHead } from './p521.ts'

/** The name stands in the certificate in a field of exactly this many characters, blank padded. */
export const ADMINISTRATOR_NAME_CHARACTERS_MAX = 30
/** The two shapes are shorter; what a signature could be longer by is nobody's. */
export const CERTIFICATE_BYTES_MAX = 1_024

export interface AdministratorCertificate {
  readonly name: string
  /** SHA-256 over the point `04 X Y`, or over the RSAPublicKey (TKE reference, section 4.2). 64 hex digits. */
  readonly ski: string
  /** P-521 or RSA with a modulus of 2048 bits. */
  readonly publicKey: KeyObject
}

/** One of the two shapes: with another name and key the to-be-signed part keeps its length and all other bytes. */
interface Shape {
  readonly toBeSignedBytes: number
  readonly algorithm: Buffer
  /** SubjectPublicKeyInfo up to `key`, and where `key` stands. */
  readonly spkiHead: Buffer
  readonly keyBytes: number
}

/** Where the issuer's name stands, in the P-521 shape; one byte further where the algorithm is one byte longer. */
const NAME_OFFSET = 66

const p521: Shape = {
  toBeSignedBytes: 409,
  algorithm: Buffer.from('300a06082a8648ce3d040304', 'hex'),
  spkiHead,
  keyBytes: POINT_BYTES,
}

const RSA_MODULUS_BITS = 2048
/** RSAPublicKey: SEQUENCE { modulus of 257 bytes, exponent 65537 }. */
const RSA_KEY_BYTES = 270
const rsa: Shape = {
  toBeSignedBytes: 546,
  algorithm: Buffer.from('300b06092a864886f70d01010b', 'hex'),
  spkiHead: Buffer.from('30820122300d06092a864886f70d01010105000382010f00', 'hex'),
  keyBytes: RSA_KEY_BYTES,
}

const subjectKeyIdentifierOid = Buffer.from('0603551d0e', 'hex')

/**
 * Makes the self-signed certificate of a P-521 or RSA-2048 key.
 * @throws ProtocolError `MALFORMED` when the name is longer than 30 characters or not printable ASCII
 */
export function createAdministratorCertificate(name: string, privateKey: KeyObject): Buffer {
  const isRsa = privateKey.asymmetricKeyType === 'rsa'
  const toBeSigned = administratorToBeSigned(name, privateKey)
  const signature = isRsa
    ? sign('sha256', toBeSigned, { key: privateKey, padding: constants.RSA_PKCS1_PADDING })
    : sign('sha512', toBeSigned, privateKey)
  return administratorCertificate(toBeSigned, signature)
}

/** What the key signs, for keys that sign elsewhere. @throws as `createAdministratorCertificate` */
export function administratorToBeSigned(name: string, key: KeyObject): Buffer {
  return toBeSignedPart(key.asymmetricKeyType === 'rsa' ? rsa : p521, name, keyBytesOf(key))
}

/** The certificate of a to-be-signed part and the signature over it. */
export function administratorCertificate(toBeSigned: Uint8Array, signature: Uint8Array): Buffer {
  const { algorithm } = toBeSigned.length === rsa.toBeSignedBytes ? rsa : p521
  return sequence(toBeSigned, algorithm, element(tags.BIT_STRING, Buffer.from([0]), signature))
}

/**
 * Reads a certificate and insists on the exact shape: what differs is refused, not interpreted. The signature inside is
 * not checked, because clients are known to make wrong ones; authority comes from the signed command that adds it.
 * @throws ProtocolError `MALFORMED`
 */
export function parseAdministratorCertificate(certificate: Uint8Array): AdministratorCertificate {
  if (certificate.length > CERTIFICATE_BYTES_MAX) throw shapeError()
  const members = membersOf(certificate)
  const toBeSigned = members.whole(tags.SEQUENCE)
  const algorithm = members.whole(tags.SEQUENCE)
  members.take(tags.BIT_STRING)
  members.end()
  const shape = [p521, rsa].find(({ toBeSignedBytes }) => toBeSignedBytes === toBeSigned.length)
  if (shape === undefined || !algorithm.equals(shape.algorithm)) throw shapeError()
  const nameAt = NAME_OFFSET + shape.algorithm.length - p521.algorithm.length
  const name = toBeSigned.toString('latin1', nameAt, nameAt + ADMINISTRATOR_NAME_CHARACTERS_MAX).trimEnd()
  const keyAt = toBeSigned.indexOf(shape.spkiHead) + shape.spkiHead.length
  const key = toBeSigned.subarray(keyAt, keyAt + shape.keyBytes)
  if (key.length !== shape.keyBytes || !toBeSignedPart(shape, name, key).equals(toBeSigned)) throw shapeError()
  return { name, ski: skiOf(key).toString('hex'), publicKey: shape === rsa ? rsaKeyOf(key) : publicKeyOfPoint(key) }
}

/** The subject key identifier of an administrator's key, 64 hex digits. */
export function administratorSki(key: KeyObject): string {
  return skiOf(keyBytesOf(key)).toString('hex')
}

/** A point or an RSAPublicKey: what stands in the certificate, and what the identifier is the hash of. */
function keyBytesOf(key: KeyObject): Buffer {
  if (key.asymmetricKeyType !== 'rsa') return pointOfKey(key)
  const der = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'der', type: 'pkcs1' })
  if (der.length !== RSA_KEY_BYTES) throw malformed('The RSA key has no modulus of 2048 bits with exponent 65537.')
  return der
}

function skiOf(key: Uint8Array): Buffer {
  return key.length === POINT_BYTES ? pointSki(key) : createHash('sha256').update(key).digest()
}

function rsaKeyOf(der: Buffer): KeyObject {
  try {
    // Not read as RSAPublicKey: Node cannot print such a key as one again, and nobody could ask for its identifier.
    const key = createPublicKey({ key: Buffer.concat([rsa.spkiHead, der]), format: 'der', type: 'spki' })
    const { modulusLength, publicExponent } = key.asymmetricKeyDetails ?? {}
    // OpenSSL reads integers without their leading zero, or with one too many: then one key would have two identifiers.
    const isDer = key.export({ format: 'der', type: 'pkcs1' }).equals(der)
    if (isDer && modulusLength === RSA_MODULUS_BITS && publicExponent === 65_537n) return key
  } catch {
    // Refused below, like any other key of the wrong kind.
  }
  throw malformed("The certificate's RSA key is not one of 2048 bits with exponent 65537.")
}

function toBeSignedPart(shape: Shape, name: string, key: Uint8Array): Buffer {
  if (!/^[\x20-\x7e]{1,30}$/.test(name)) throw malformed("An administrator's name is at most 30 printable characters.")
  const subject = sequence(
    attribute(0x0b, 'TKE Administration'),
    attribute(0x03, name.padEnd(ADMINISTRATOR_NAME_CHARACTERS_MAX)),
  )
  const ski = octets(octets(skiOf(key)))
  return sequence(
    element(0xa0, Buffer.from('020102', 'hex')),
    Buffer.from('020100', 'hex'),
    shape.algorithm,
    subject,
    sequence(generalizedTime('20000101000000Z'), generalizedTime('21001231235959Z')),
    subject,
    Buffer.concat([shape.spkiHead, key]),
    element(0xa3, sequence(sequence(subjectKeyIdentifierOid, ski))),
  )
}

function attribute(type: number, value: string): Buffer {
  const oid = Buffer.from([0x06, 0x03, 0x55, 0x04, type])
  return element(0x31, sequence(oid, element(0x13, Buffer.from(value, 'latin1'))))
}

function generalizedTime(value: string): Buffer {
  return element(0x18, Buffer.from(value, 'latin1'))
}

function shapeError(): Error {
  return malformed('The certificate is not an administrator certificate.')
}
