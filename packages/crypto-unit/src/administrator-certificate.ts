/** The certificate of an administrator: the one shape that clients of the TKE protocol can read (TKE reference, 4.3). */
import { createHash, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { DerReader, element, tags } from './der.ts'
import { ProtocolError } from './frames.ts'

/** The name stands in the certificate in a field of exactly this many characters, blank padded. */
export const ADMINISTRATOR_NAME_CHARACTERS_MAX = 30

export interface AdministratorCertificate {
  readonly name: string
  /** SHA-256 over the uncompressed point `04 X Y`, 64 hex digits (TKE reference, section 4.2). */
  readonly ski: string
  readonly publicKey: KeyObject
}

const POINT_BYTES = 133
/** Where name and key stand in the to-be-signed part; the part with another name and key has the same length. */
const NAME_OFFSET = 66
const POINT_OFFSET = 229
const TO_BE_SIGNED_BYTES = 409

const ecdsaWithSha512 = Buffer.from('300a06082a8648ce3d040304', 'hex')
/** SubjectPublicKeyInfo of a P-521 key, up to the point. */
const spkiHead = Buffer.from('30819b301006072a8648ce3d020106052b8104002303818600', 'hex')
const subjectKeyIdentifierOid = Buffer.from('0603551d0e', 'hex')

/**
 * Makes the self-signed certificate of a P-521 key.
 * @throws ProtocolError `MALFORMED` when the name is longer than 30 characters or not printable ASCII
 */
export function createAdministratorCertificate(name: string, privateKey: KeyObject): Buffer {
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  const toBeSigned = toBeSignedPart(name, spki.subarray(spki.length - POINT_BYTES))
  const signature = sign('sha512', toBeSigned, privateKey)
  return element(tags.SEQUENCE, toBeSigned, ecdsaWithSha512, bitString(signature))
}

/**
 * Reads a certificate and insists on the exact shape: what differs is refused, not interpreted. The signature inside is
 * not checked, because clients are known to make wrong ones; authority comes from the signed command that adds it.
 * @throws ProtocolError `MALFORMED`
 */
export function parseAdministratorCertificate(certificate: Uint8Array): AdministratorCertificate {
  const outer = new DerReader(certificate)
  const content = outer.take(tags.SEQUENCE)
  outer.end()
  const members = new DerReader(content)
  members.take(tags.SEQUENCE)
  const toBeSigned = content.subarray(0, members.offset)
  members.take(tags.SEQUENCE)
  members.take(tags.BIT_STRING)
  members.end()
  if (toBeSigned.length !== TO_BE_SIGNED_BYTES) throw shapeError()
  const name = toBeSigned.toString('latin1', NAME_OFFSET, NAME_OFFSET + ADMINISTRATOR_NAME_CHARACTERS_MAX).trimEnd()
  const point = toBeSigned.subarray(POINT_OFFSET, POINT_OFFSET + POINT_BYTES)
  if (!toBeSignedPart(name, point).equals(toBeSigned)) throw shapeError()
  return { name, ski: pointSki(point), publicKey: publicKeyOf(point) }
}

/** The subject key identifier of a P-521 key, 64 hex digits. */
export function administratorSki(key: KeyObject): string {
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'der', type: 'spki' })
  return pointSki(spki.subarray(spki.length - POINT_BYTES))
}

function pointSki(point: Uint8Array): string {
  return createHash('sha256').update(point).digest('hex')
}

function publicKeyOf(point: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.concat([spkiHead, point]), format: 'der', type: 'spki' })
  } catch {
    throw new ProtocolError('MALFORMED', "The certificate's point is not on the curve.")
  }
}

function toBeSignedPart(name: string, point: Uint8Array): Buffer {
  if (!/^[\x20-\x7e]{1,30}$/.test(name)) {
    throw new ProtocolError('MALFORMED', "An administrator's name is at most 30 printable characters.")
  }
  const ski = element(tags.OCTET_STRING, Buffer.from(pointSki(point), 'hex'))
  const subject = element(
    tags.SEQUENCE,
    attribute(0x0b, 'TKE Administration'),
    attribute(0x03, name.padEnd(ADMINISTRATOR_NAME_CHARACTERS_MAX)),
  )
  return element(
    tags.SEQUENCE,
    element(0xa0, Buffer.from('020102', 'hex')),
    Buffer.from('020100', 'hex'),
    ecdsaWithSha512,
    subject,
    element(tags.SEQUENCE, generalizedTime('20000101000000Z'), generalizedTime('21001231235959Z')),
    subject,
    Buffer.concat([spkiHead, point]),
    element(
      0xa3,
      element(tags.SEQUENCE, element(tags.SEQUENCE, subjectKeyIdentifierOid, element(tags.OCTET_STRING, ski))),
    ),
  )
}

function attribute(type: number, value: string): Buffer {
  const oid = Buffer.from([0x06, 0x03, 0x55, 0x04, type])
  return element(0x31, element(tags.SEQUENCE, oid, element(0x13, Buffer.from(value, 'latin1'))))
}

function generalizedTime(value: string): Buffer {
  return element(0x18, Buffer.from(value, 'latin1'))
}

function bitString(content: Uint8Array): Buffer {
  return element(tags.BIT_STRING, Buffer.from([0]), content)
}

function shapeError(): ProtocolError {
  return new ProtocolError('MALFORMED', 'The certificate is not an administrator certificate.')
}
