/** P-521 keys as the TKE protocol writes them: uncompressed points of 133 bytes, private scalars of 66. */
import { createECDH, createHash, createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto'
import { element, malformed, octets, sequence } from './der.ts'

/** `04 X Y`. */
export const POINT_BYTES = 133
export const COORDINATE_BYTES = 66
export const SCALAR_BYTES = 66
const UNCOMPRESSED = 0x04

/** SubjectPublicKeyInfo of a P-521 key, up to the point. */
export const spkiHead = Buffer.from('30819b301006072a8648ce3d020106052b8104002303818600', 'hex')
const curveOid = Buffer.from('06052b81040023', 'hex')

/** @throws ProtocolError `MALFORMED` when the point is not on the curve, or not uncompressed */
export function publicKeyOfPoint(point: Uint8Array): KeyObject {
  // OpenSSL takes a hybrid form of the same length too: then one key would have two identifiers.
  if (point.length !== POINT_BYTES || point[0] !== UNCOMPRESSED) throw malformed('A point is 133 bytes, 04 X Y.')
  try {
    return createPublicKey({ key: Buffer.concat([spkiHead, point]), format: 'der', type: 'spki' })
  } catch {
    throw malformed('A point is not on the curve.')
  }
}

/** The point of a key, private or public. @throws ProtocolError `MALFORMED` when the key is of another curve */
export function pointOfKey(key: KeyObject): Buffer {
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'secp521r1') {
    throw malformed('The key is not one of P-521.')
  }
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'der', type: 'spki' })
  return spki.subarray(spki.length - POINT_BYTES)
}

/** The private key of a scalar; the caller zeroes the scalar. */
export function privateKeyOfScalar(scalar: Uint8Array): KeyObject {
  const curve = createECDH('secp521r1')
  curve.setPrivateKey(scalar)
  const point = element(0x03, Buffer.from([0]), curve.getPublicKey())
  const sec1 = sequence(Buffer.from('020101', 'hex'), octets(scalar), element(0xa0, curveOid), element(0xa1, point))
  const key = createPrivateKey({ key: sec1, format: 'der', type: 'sec1' })
  sec1.fill(0)
  return key
}

/** Subject key identifier of administrators, roots and modules: SHA-256 over `04 X Y` (section 4.2). 32 bytes. */
export function pointSki(point: Uint8Array): Buffer {
  return createHash('sha256').update(point).digest()
}

/** Subject key identifier of an importer: SHA-256 over `X Y` alone (section 3.9). 32 bytes. */
export function importerSki(point: Uint8Array): Buffer {
  return createHash('sha256').update(point.subarray(1)).digest()
}

/** The shared X coordinate, 66 bytes; the caller zeroes it. */
export function sharedSecret(privateKey: KeyObject, publicKey: KeyObject): Buffer {
  return diffieHellman({ privateKey, publicKey })
}
