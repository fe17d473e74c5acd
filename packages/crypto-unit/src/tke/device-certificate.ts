/** The certificate of a module's signing key, version 2 (TKE reference, section 3.5), and the root it hangs from. */
import { sign, verify, type KeyObject } from 'node:crypto'
import { malformed } from './der.ts'
import { COORDINATE_BYTES, POINT_BYTES, pointOfKey, pointSki, publicKeyOfPoint } from './p521.ts'

/** What people compare with what the operator published: the point's hash and its coordinates, hexadecimal. */
export interface DeviceRoot {
  readonly ski: string
  readonly x: string
  readonly y: string
}

export interface DeviceCertificate {
  /** The module's public point, `04 X Y`. */
  readonly point: Buffer
  /** 64 hex digits each. */
  readonly subjectSki: string
  readonly signerSki: string
}

const HEAD_BYTES = 32
const INFO_BYTES = 8
const META_BYTES = 173
const META_ROOM = 176
const SPKI_BYTES = 158
const SPKI_ROOM = 160
const SIGNER_BYTES = 207
const SIGNER_ROOM = 208
const CERTIFICATE_BYTES = HEAD_BYTES + INFO_BYTES + META_ROOM + SPKI_ROOM + SIGNER_ROOM
const META_AT = HEAD_BYTES + INFO_BYTES
const SPKI_AT = META_AT + META_ROOM
const SIGNER_AT = SPKI_AT + SPKI_ROOM
const SUBJECT_SKI_AT = META_AT + 87
const SIGNER_SKI_AT = META_AT + 121
const POINT_AT = SPKI_AT + 25
const R_AT = SIGNER_AT + 73
const S_AT = SIGNER_AT + 141

const MAGIC = 0x45
const SECTIONS = 5
/** Signed by a root, and not a root itself. */
const KEY_TYPE = 1

export function rootOf(key: KeyObject): DeviceRoot {
  const point = pointOfKey(key)
  return {
    ski: pointSki(point).toString('hex'),
    x: point.toString('hex', 1, 1 + COORDINATE_BYTES),
    y: point.toString('hex', 1 + COORDINATE_BYTES),
  }
}

/** @throws ProtocolError `MALFORMED` when the coordinates are not those of a point, or the hash is another one's */
export function rootKey({ ski, x, y }: DeviceRoot): KeyObject {
  const point = Buffer.from(`04${x}${y}`, 'hex')
  const key = publicKeyOfPoint(point)
  if (pointSki(point).toString('hex') !== ski) throw malformed("The root's hash is not the one of its coordinates.")
  return key
}

/** A module's certificate signed by the root: 584 bytes, without auxiliary section and without device information. */
export function makeDeviceCertificate(module: KeyObject, root: KeyObject): Buffer {
  const certificate = Buffer.alloc(CERTIFICATE_BYTES)
  certificate[0] = MAGIC
  certificate[3] = SECTIONS
  certificate.writeUInt32BE(CERTIFICATE_BYTES, 4)
  for (const [index, bytes] of [4, META_BYTES, 0, SPKI_BYTES, SIGNER_BYTES].entries()) {
    certificate.writeUInt32BE(bytes, 8 + index * 4)
  }
  // ECDSA over P-521 with SHA-512.
  certificate.writeUInt32BE(0x209, HEAD_BYTES)
  const modulePoint = pointOfKey(module)
  const rootSki = pointSki(pointOfKey(root))
  metaData(pointSki(modulePoint), rootSki).copy(certificate, META_AT)
  Buffer.from('30819b301006072a8648ce3d020106052b8104002303818600', 'hex').copy(certificate, SPKI_AT)
  modulePoint.copy(certificate, POINT_AT)
  const signature = sign('sha512', certificate.subarray(0, SIGNER_AT), { key: root, dsaEncoding: 'ieee-p1363' })
  signerInfo(rootSki, signature).copy(certificate, SIGNER_AT)
  return certificate
}

function metaData(subjectSki: Uint8Array, signerSki: Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from('3081aa0404', 'hex'),
    Buffer.from('00000001', 'hex'),
    Buffer.from('0404', 'hex'),
    // Root flag, trust, issuing and subject segment.
    Buffer.from('00000303', 'hex'),
    Buffer.from('0408', 'hex'),
    Buffer.from('SOFTCU  ', 'latin1'),
    Buffer.from('040c', 'hex'),
    Buffer.from('KEYWITNESS  ', 'latin1'),
    Buffer.from('0420', 'hex'),
    Buffer.alloc(32),
    Buffer.from('0404', 'hex'),
    Buffer.from('00000001', 'hex'),
    Buffer.from('0404', 'hex'),
    Buffer.from([0, 0, 0, KEY_TYPE]),
    Buffer.from('0420', 'hex'),
    subjectSki,
    Buffer.from('0420', 'hex'),
    signerSki,
    Buffer.from('0410', 'hex'),
    // No clock here: the certificate is the same whenever it is made, but for its signature.
    Buffer.from('20000101000000Z ', 'latin1'),
    Buffer.from('0400', 'hex'),
  ])
}

function signerInfo(rootSki: Uint8Array, signature: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from('3081cc020103', 'hex'),
    Buffer.from('8020', 'hex'),
    rootSki,
    Buffer.from('300b0609608648016503040203', 'hex'),
    Buffer.from('300a06082a8648ce3d040304', 'hex'),
    Buffer.from('04818b308188', 'hex'),
    Buffer.from('0242', 'hex'),
    signature.subarray(0, COORDINATE_BYTES),
    Buffer.from('0242', 'hex'),
    signature.subarray(COORDINATE_BYTES),
  ])
}

/** @throws ProtocolError `MALFORMED` when it is not a certificate of this form */
export function decodeDeviceCertificate(bytes: Uint8Array): DeviceCertificate {
  const certificate = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const fits =
    certificate.length === CERTIFICATE_BYTES &&
    certificate[0] === MAGIC &&
    certificate.readUInt32BE(8) === 4 &&
    certificate.readUInt32BE(12) === META_BYTES &&
    certificate.readUInt32BE(16) === 0 &&
    certificate.readUInt32BE(20) === SPKI_BYTES &&
    certificate.readUInt32BE(24) === SIGNER_BYTES
  if (!fits) throw malformed('This is not a device certificate of version 2.')
  return {
    point: certificate.subarray(POINT_AT, POINT_AT + POINT_BYTES),
    subjectSki: certificate.toString('hex', SUBJECT_SKI_AT, SUBJECT_SKI_AT + 32),
    signerSki: certificate.toString('hex', SIGNER_SKI_AT, SIGNER_SKI_AT + 32),
  }
}

/**
 * The module's key, proved by its certificate under this root.
 * @throws ProtocolError `MALFORMED` when the certificate is of another root, was altered, or is no certificate
 */
export function verifyDeviceCertificate(bytes: Uint8Array, root: DeviceRoot): KeyObject {
  const { point, signerSki, subjectSki } = decodeDeviceCertificate(bytes)
  if (signerSki !== root.ski) throw malformed('The device certificate hangs from another root.')
  const signature = Buffer.concat([
    bytes.subarray(R_AT, R_AT + COORDINATE_BYTES),
    bytes.subarray(S_AT, S_AT + COORDINATE_BYTES),
  ])
  const signed = bytes.subarray(0, SIGNER_AT)
  const isSigned = verify('sha512', signed, { key: rootKey(root), dsaEncoding: 'ieee-p1363' }, signature)
  if (!isSigned || subjectSki === signerSki) throw malformed("The device certificate's signature does not verify.")
  // The signature is not over what it stands in.
  const signer = Buffer.alloc(SIGNER_ROOM)
  signerInfo(Buffer.from(root.ski, 'hex'), signature).copy(signer)
  if (!signer.equals(bytes.subarray(SIGNER_AT))) throw malformed("The device certificate's signer is not as expected.")
  return publicKeyOfPoint(point)
}
