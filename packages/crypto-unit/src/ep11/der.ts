/** DER of keys beyond what the TKE protocol has: integers, identifiers, bit strings, key structures of PKCS #8 and X.509. */
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

/** The whole OBJECT IDENTIFIER of its dotted decimal. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return element(tags.OBJECT_IDENTIFIER, Buffer.from([first * 40 + second, ...rest].flatMap(base128)))
}

/** BIT STRING of whole bytes. */
export function bitString(contents: Uint8Array): Buffer {
  return element(tags.BIT_STRING, Buffer.alloc(1), contents)
}

/** The bytes of a BIT STRING's contents. @throws ProtocolError `MALFORMED` when they are not whole */
export function wholeBytes(contents: Buffer): Buffer {
  if (contents[0] !== 0) throw malformed()
  return contents.subarray(1)
}

/** SubjectPublicKeyInfo (RFC 5280, section 4.1). */
export function publicKeyInfo(algorithm: Uint8Array, key: Uint8Array): Buffer {
  return sequence(algorithm, bitString(key))
}

/** @throws ProtocolError `MALFORMED` */
export function readPublicKeyInfo(der: Uint8Array): PublicKeyInfo {
  const members = membersOf(der)
  const algorithm = members.whole(tags.SEQUENCE)
  const key = wholeBytes(members.take(tags.BIT_STRING))
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
export function algorithmIdentifier(identifier: Uint8Array, parameters: Uint8Array): Buffer {
  return sequence(element(tags.OBJECT_IDENTIFIER, identifier), parameters)
}

/** The parameters of an AlgorithmIdentifier that must be a SEQUENCE, as they stand. @throws ProtocolError `MALFORMED` */
export function parametersOf(algorithm: Uint8Array): Buffer {
  const members = membersOf(algorithm)
  members.take(tags.OBJECT_IDENTIFIER)
  return members.whole(tags.SEQUENCE)
}

function base128(arc: number): number[] {
  const bytes = [arc & 0x7f]
  for (let rest = arc >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80)
  return bytes
}
