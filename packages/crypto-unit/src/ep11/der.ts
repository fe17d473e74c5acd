/** DER of keys beyond what the TKE protocol has: unsigned integers, key structures of PKCS #8 and X.509. */
import { element, malformed, membersOf, octets, sequence, tags, type DerReader } from '../tke/der.ts'

export interface PublicKeyInfo {
  /** The AlgorithmIdentifier as it stands. */
  readonly algorithm: Buffer
  /** What the bit string holds. */
  readonly key: Buffer
}

/** INTEGER of big-endian bytes without a sign, in its shortest form. */
export function unsignedInteger(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0)
  const significant = first === -1 ? Buffer.alloc(1) : bytes.subarray(first)
  const isNegative = ((significant[0] as number) & 0x80) !== 0
  return element(tags.INTEGER, ...(isNegative ? [Buffer.alloc(1), significant] : [significant]))
}

/** The next INTEGER's bytes, big-endian. @throws ProtocolError `MALFORMED`, for a negative one as well */
export function takeUnsigned(reader: DerReader): Buffer {
  const contents = reader.take(tags.INTEGER)
  if (contents.length === 0 || ((contents[0] as number) & 0x80) !== 0) throw malformed()
  return contents
}

/** SubjectPublicKeyInfo (RFC 5280, section 4.1). */
export function publicKeyInfo(algorithm: Uint8Array, key: Uint8Array): Buffer {
  return sequence(algorithm, element(tags.BIT_STRING, Buffer.alloc(1), key))
}

/** @throws ProtocolError `MALFORMED` */
export function readPublicKeyInfo(der: Uint8Array): PublicKeyInfo {
  const members = membersOf(der)
  const algorithm = members.whole(tags.SEQUENCE)
  const key = members.take(tags.BIT_STRING).subarray(1)
  members.end()
  return { algorithm, key }
}

/** PrivateKeyInfo without attributes (RFC 5208, section 5). Holds the key: whoever asked zeroes it. */
export function privateKeyInfo(algorithm: Uint8Array, key: Uint8Array): Buffer {
  const wrapped = octets(key)
  const der = sequence(element(tags.INTEGER, Buffer.alloc(1)), algorithm, wrapped)
  wrapped.fill(0)
  return der
}

/** What the octet string holds: a view. @throws ProtocolError `MALFORMED` */
export function readPrivateKeyInfo(der: Uint8Array): PublicKeyInfo {
  const members = membersOf(der)
  members.take(tags.INTEGER)
  return { algorithm: members.whole(tags.SEQUENCE), key: members.take(tags.OCTET_STRING) }
}

/** SEQUENCE of an OBJECT IDENTIFIER, given as its contents, and parameters. */
export function algorithmIdentifier(objectIdentifier: Uint8Array, parameters: Uint8Array): Buffer {
  return sequence(element(tags.OBJECT_IDENTIFIER, objectIdentifier), parameters)
}

/** The parameters of an AlgorithmIdentifier that must be a SEQUENCE, as they stand. @throws ProtocolError `MALFORMED` */
export function parametersOf(algorithm: Uint8Array): Buffer {
  const members = membersOf(algorithm)
  members.take(tags.OBJECT_IDENTIFIER)
  return members.whole(tags.SEQUENCE)
}
