/** Keys in EP11's form: what is handed out comes back, OpenSSL's own forms are taken, and nothing that is off its curve. */
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { element, membersOf, octets, sequence, tags } from '../../tke/der.ts'
import { bitString, objectIdentifier, readPublicKeyInfo } from '../der.ts'
import { unsignedBytes } from '../integers.ts'
import { openssl } from '../../testing/openssl.ts'
import { refusalOf, returnValueOf } from '../../testing/refusals.ts'
import { curveOf, curveOfParameters, curves, type Curve } from './curves.ts'
import { exportEcPkcs8, exportEcSpki, importEcPkcs8, importEcSpki } from './ec-key-formats.ts'
import {
  ecPrivateKey,
  generateEc,
  idEcPublicKey,
  pointOf,
  privateKeyOfSecret,
  publicKeyOfPoint,
  secretOf,
} from './ec-keys.ts'
import { compressedBytes, pointOfBytes } from './points.ts'

const zero = Buffer.from('020100', 'hex')
const one = Buffer.from('020101', 'hex')

function curveNamed(name: string): Curve {
  return curveOfParameters(Buffer.from(name))
}

test('on every curve, what is handed out as SPKI and as PKCS #8 comes back as the same key', () => {
  for (const curve of curves) {
    const { privateKey, publicKey } = generateEc(curve)
    expect(curveOf(privateKey)).toBe(curve)
    const spki = exportEcSpki(publicKey)
    expect(exportEcSpki(privateKey)).toEqual(spki)
    expect(importEcSpki(spki).equals(publicKey)).toBe(true)
    const back = importEcPkcs8(exportEcPkcs8(privateKey))
    expect(back.type).toBe('private')
    expect(secretOf(back)).toEqual(secretOf(privateKey))
    expect(pointOf(back)).toEqual(pointOf(publicKey))
  }
})

test('the algorithm is id-ecPublicKey with the curve, for Edwards and Montgomery keys too', () => {
  for (const curve of curves) {
    const { privateKey, publicKey } = generateEc(curve)
    const { algorithm, key } = readPublicKeyInfo(exportEcSpki(publicKey))
    expect(algorithm).toEqual(sequence(idEcPublicKey, curve.oid))
    expect(key).toEqual(pointOf(publicKey))
    const info = membersOf(exportEcPkcs8(privateKey))
    info.take(tags.INTEGER)
    expect(info.take(tags.SEQUENCE)).toEqual(Buffer.concat([idEcPublicKey, curve.oid]))
  }
})

test('of Weierstrass keys the SPKI is the very one that Node writes, and the PKCS #8 is one that it reads', () => {
  for (const curve of curves) {
    if (curve.kind !== 'weierstrass') continue
    const { privateKey, publicKey } = generateEc(curve)
    expect(exportEcSpki(publicKey)).toEqual(publicKey.export({ format: 'der', type: 'spki' }))
    expect(exportEcPkcs8(privateKey)).toEqual(privateKey.export({ format: 'der', type: 'pkcs8' }))
  }
})

test('the forms of RFC 8410 and of OpenSSL’s commands are taken', () => {
  for (const curve of curves) {
    const { privateKey, publicKey } = generateEc(curve)
    const spki = publicKey.export({ format: 'der', type: 'spki' })
    expect(importEcSpki(spki).equals(publicKey)).toBe(true)
    const info = privateKey.export({ format: 'der', type: 'pkcs8' })
    expect(importEcPkcs8(info).equals(privateKey)).toBe(true)
  }
  for (const name of ['prime256v1', 'secp521r1', 'brainpoolP320t1']) {
    const generation = ['genpkey', '-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${name}`]
    const made = openssl({}, ...generation).toString()
    const key = importEcPkcs8(Buffer.from(made.replace(/-----.*-----/g, ''), 'base64'))
    expect(curveOf(key).node).toBe(name)
    const pem = `-----BEGIN PRIVATE KEY-----\n${exportEcPkcs8(key).toString('base64')}\n-----END PRIVATE KEY-----\n`
    const spki = openssl({ key: pem }, 'pkey', '-in', 'key', '-pubout', '-outform', 'DER')
    expect(exportEcSpki(key)).toEqual(spki)
  }
})

test('a key that came in another form is handed out in this one', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const curve = curveNamed('P-256')
  if (curve.kind !== 'weierstrass') throw new Error('P-256 is no Weierstrass curve.')
  const compressed = compressedBytes(curve, pointOfBytes(curve, pointOf(publicKey)))
  const spki = sequence(sequence(idEcPublicKey, curve.oid), bitString(compressed))
  expect(importEcSpki(spki).equals(publicKey)).toBe(true)
  expect(exportEcSpki(createPublicKey({ key: spki, format: 'der', type: 'spki' }))).toEqual(exportEcSpki(publicKey))
})

test('points off the curve, at infinity, hybrid, of another curve or length are no public keys', () => {
  const curve = curveNamed('P-256')
  const point = pointOf(generateEc(curve).publicKey)
  const off = Buffer.from(point)
  off[64] = (off[64] as number) ^ 1
  const hybrid = Buffer.from(point)
  hybrid[0] = 6 + ((point[64] as number) & 1)
  const points = [
    off,
    hybrid,
    Buffer.from([0]),
    Buffer.alloc(65),
    Buffer.concat([Buffer.from([4]), Buffer.alloc(64)]),
    Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 0xff)]),
    point.subarray(0, 64),
    Buffer.concat([point, Buffer.alloc(1)]),
    pointOf(generateEc(curveNamed('SECP256K1')).publicKey),
    Buffer.concat([Buffer.from([2]), Buffer.alloc(32, 0xff)]),
    Buffer.alloc(0),
  ]
  for (const bits of points) {
    const spki = sequence(sequence(idEcPublicKey, curve.oid), bitString(bits))
    expect(refusalOf(() => importEcSpki(spki))).toBe('CKR_PUBLIC_KEY_INVALID')
  }
  for (const name of ['ed25519', 'ed448', 'curve25519', 'x448']) {
    const { oid, bytes } = curveNamed(name) as Extract<Curve, { kind: 'edwards' }>
    const spki = sequence(sequence(idEcPublicKey, oid), bitString(Buffer.alloc(bytes - 1)))
    expect(refusalOf(() => importEcSpki(spki))).toBe('CKR_PUBLIC_KEY_INVALID')
  }
})

test('what is no SPKI of an elliptic curve is refused', () => {
  const { publicKey } = generateEc(curveNamed('P-256'))
  const spki = exportEcSpki(publicKey)
  const point = pointOf(publicKey)
  const unusedBit = element(tags.BIT_STRING, Buffer.from([1]), point)
  const unknown = sequence(idEcPublicKey, objectIdentifier('1.3.132.0.32'))
  const invalid = [
    Buffer.alloc(0),
    spki.subarray(1),
    spki.subarray(0, -1),
    Buffer.concat([spki, Buffer.from([0])]),
    sequence(sequence(idEcPublicKey, curveNamed('P-256').oid), unusedBit),
    sequence(sequence(idEcPublicKey), bitString(point)),
    sequence(sequence(idEcPublicKey, curveNamed('P-256').oid, Buffer.from('0500', 'hex')), bitString(point)),
  ]
  for (const bytes of invalid) expect(refusalOf(() => importEcSpki(bytes))).toBe('CKR_PUBLIC_KEY_INVALID')
  expect(refusalOf(() => importEcSpki(sequence(unknown, bitString(point))))).toBe('CKR_CURVE_NOT_SUPPORTED')
  expect(refusalOf(() => importEcSpki(sequence(sequence(curveNamed('P-256').oid), bitString(point))))).toBe(
    'CKR_CURVE_NOT_SUPPORTED',
  )
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'der', type: 'spki' })
  expect(refusalOf(() => importEcSpki(rsa))).toBe('CKR_PUBLIC_KEY_INVALID')
})

test('a private key of leading zeros may come without them, and without its public key', () => {
  const curve = curveNamed('P-384')
  const info = sequence(zero, sequence(idEcPublicKey, curve.oid), octets(sequence(one, octets(Buffer.from([5])))))
  const key = importEcPkcs8(info)
  expect(secretOf(key)).toEqual(unsignedBytes(5n, 48))
  const signature = sign('sha384', Buffer.from('x'), key)
  expect(verify('sha384', Buffer.from('x'), importEcSpki(exportEcSpki(key)), signature)).toBe(true)
})

test('what is no private key is refused, each time in the same words', () => {
  const curve = curveNamed('P-256')
  const { privateKey } = generateEc(curve)
  const [secret, point] = [secretOf(privateKey), pointOf(privateKey)]
  const algorithm = sequence(idEcPublicKey, curve.oid)
  const whole = (inner: Buffer, head = algorithm): Buffer => sequence(zero, head, octets(inner))
  const good = whole(ecPrivateKey(secret, point))
  importEcPkcs8(good)
  importEcPkcs8(whole(sequence(one, octets(secret), element(tags.CONSTRUCTED_0, curve.oid))))
  importEcPkcs8(sequence(one, algorithm, octets(ecPrivateKey(secret, point)), element(0x81, Buffer.from([0]), point)))
  const order = unsignedBytes(curve.kind === 'weierstrass' ? curve.order : 0n, 32)
  const otherPoint = pointOf(generateEc(curve).publicKey)
  const other = curveNamed('P-224')
  const refused = [
    Buffer.alloc(0),
    good.subarray(0, -1),
    Buffer.concat([good, Buffer.from([0])]),
    whole(ecPrivateKey(Buffer.alloc(32), point)),
    whole(ecPrivateKey(order, point)),
    whole(ecPrivateKey(Buffer.concat([Buffer.alloc(1), secret]), point)),
    whole(ecPrivateKey(secret, otherPoint)),
    whole(ecPrivateKey(secret, Buffer.concat([Buffer.from([2]), otherPoint.subarray(1, 33)]))),
    whole(sequence(one, octets(secret), element(tags.CONSTRUCTED_0, other.oid))),
    whole(ecPrivateKey(secret, point), sequence(idEcPublicKey, objectIdentifier('1.3.132.0.32'))),
    whole(ecPrivateKey(secret, point), sequence(idEcPublicKey, other.oid)),
    whole(sequence(Buffer.from('020102', 'hex'), octets(secret))),
    sequence(Buffer.from('020102', 'hex'), algorithm, octets(ecPrivateKey(secret, point))),
    sequence(one, algorithm, octets(ecPrivateKey(secret, point)), element(0x81, Buffer.from([0]), otherPoint)),
    sequence(zero, sequence(curveNamed('ed25519').oid), octets(octets(Buffer.alloc(31)))),
    sequence(zero, sequence(curveNamed('ed25519').oid), octets(Buffer.alloc(32))),
    generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ format: 'der', type: 'pkcs8' }),
  ]
  const messages = refused.map((bytes) => {
    expect(refusalOf(() => importEcPkcs8(bytes))).toBe('CKR_WRAPPED_KEY_INVALID')
    try {
      return importEcPkcs8(bytes)
    } catch (error) {
      return (error as Error).message
    }
  })
  expect(new Set(messages).size).toBe(1)
})

test('a key of which any one bit is altered is refused, or is a key that signs', () => {
  for (const name of ['BP-160R', 'ed25519']) {
    const good = exportEcPkcs8(generateEc(curveNamed(name)).privateKey)
    for (let bit = 0; bit < 8 * good.length; bit++) {
      const altered = Buffer.from(good)
      altered[bit >> 3] = (altered[bit >> 3] as number) ^ (1 << (bit & 7))
      // Whoever is handed a key can hand it on.
      const outcome = returnValueOf(() => exportEcPkcs8(importEcPkcs8(altered)))
      expect(['CKR_OK', 'CKR_WRAPPED_KEY_INVALID']).toContain(outcome)
    }
  }
})

test('an SPKI of which any one bit is altered is refused, or is another key that can be handed out', () => {
  for (const name of ['BP-160T', 'x448']) {
    const good = exportEcSpki(generateEc(curveNamed(name)).publicKey)
    for (let bit = 0; bit < 8 * good.length; bit++) {
      const altered = Buffer.from(good)
      altered[bit >> 3] = (altered[bit >> 3] as number) ^ (1 << (bit & 7))
      const outcome = returnValueOf(() => expect(exportEcSpki(importEcSpki(altered))).not.toEqual(good))
      expect(['CKR_OK', 'CKR_PUBLIC_KEY_INVALID', 'CKR_CURVE_NOT_SUPPORTED']).toContain(outcome)
    }
  }
})

test('a secret of another length, or out of range, makes no key', () => {
  for (const curve of curves) {
    expect(() => privateKeyOfSecret(curve, Buffer.alloc(curve.bytes + 1, 1))).toThrow('another length')
    if (curve.kind !== 'weierstrass') continue
    expect(() => privateKeyOfSecret(curve, Buffer.alloc(curve.bytes))).toThrow('not valid')
    expect(() => privateKeyOfSecret(curve, unsignedBytes(curve.order, curve.bytes))).toThrow('not valid')
    privateKeyOfSecret(curve, unsignedBytes(curve.order - 1n, curve.bytes))
    expect(refusalOf(() => publicKeyOfPoint(curve, Buffer.alloc(1)))).toBe('CKR_PUBLIC_KEY_INVALID')
  }
})
