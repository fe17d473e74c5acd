/** Public keys and signatures of EP11 in the forms that other programs read: SubjectPublicKeyInfo, and ECDSA's DER. */

const SEQUENCE = 0x30
const INTEGER = 0x02
const OBJECT_IDENTIFIER = 0x06
const idEcPublicKey = '06072a8648ce3d0201'
/** 1.3.101.110 to 113: X25519, X448, Ed25519, Ed448 (RFC 8410, section 3). */
const rfc8410Curve = /^06032b65(6e|6f|70|71)$/

/**
 * SubjectPublicKeyInfo in DER, as `createPublicKey({ key, format: 'der', type: 'spki' })` and OpenSSL read it, of the public
 * key of a pair. The unit's own bytes behind it are left out, and Edwards and Montgomery keys get the form of RFC 8410.
 * It verifies everywhere, in EP11 too; to encrypt or wrap there, keep the public key as it came.
 * @throws TypeError when it is no public key
 */
export function publicKeyInfo(publicKey: Uint8Array): Buffer {
  const object = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.byteLength)
  const { whole, content } = element(object, SEQUENCE)
  const algorithm = element(content, SEQUENCE)
  const id = element(algorithm.content, OBJECT_IDENTIFIER)
  const curve = algorithm.content.subarray(id.whole.length)
  if (id.whole.toString('hex') !== idEcPublicKey || !rfc8410Curve.test(curve.toString('hex'))) return Buffer.from(whole)
  return der(SEQUENCE, der(SEQUENCE, curve), content.subarray(algorithm.whole.length))
}

/**
 * A signature of ECDSA or DSA, r ‖ s as EP11 makes it, as SEQUENCE of two INTEGERs: what OpenSSL and X.509 have.
 * @throws TypeError when it cannot be halved
 */
export function signatureDer(signature: Uint8Array): Buffer {
  const half = signature.length / 2
  if (!Number.isInteger(half) || half === 0 || half > 512) throw new TypeError('This is no signature of r and s.')
  return der(SEQUENCE, unsignedInteger(signature.subarray(0, half)), unsignedInteger(signature.subarray(half)))
}

/** Without leading zeros but the one that keeps it positive (X.690, section 8.3). */
function unsignedInteger(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0)
  const digits = start === -1 ? Buffer.alloc(1) : bytes.subarray(start)
  return der(INTEGER, ((digits[0] as number) & 0x80) === 0 ? Buffer.alloc(0) : Buffer.alloc(1), digits)
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...head]), content])
}

/** The element that the bytes begin with. @throws TypeError when there is none of this tag */
function element(bytes: Buffer, tag: number): { readonly whole: Buffer; readonly content: Buffer } {
  const first = bytes[1] ?? 0xff
  const lengthBytes = first < 0x80 ? 0 : first - 0x80
  if (bytes[0] !== tag || lengthBytes > 3 || bytes.length < 2 + lengthBytes) throw noPublicKey()
  const start = 2 + lengthBytes
  const end = start + (lengthBytes === 0 ? first : bytes.readUIntBE(2, lengthBytes))
  if (end > bytes.length) throw noPublicKey()
  return { whole: bytes.subarray(0, end), content: bytes.subarray(start, end) }
}

function noPublicKey(): TypeError {
  return new TypeError('This is no public key of EP11.')
}
