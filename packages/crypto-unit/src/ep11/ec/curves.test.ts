/** Every curve of EP11: found by identifier and by name, with the constants that OpenSSL itself has. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { DerReader, membersOf, tags } from '../../tke/der.ts'
import { keyTypes } from '../attributes.ts'
import { objectIdentifier } from '../der.ts'
import { integerOf } from '../integers.ts'
import { curveOf, curveOfParameters, curveOfUsable, curves } from './curves.ts'
import { generateEc } from './ec-keys.ts'
import { refusalOf } from '../../testing/refusals.ts'

test('there are 24 curves, and each is found by its object identifier and by its name in any case', () => {
  expect(curves.length).toBe(24)
  for (const curve of curves) {
    expect(curveOfParameters(curve.oid)).toBe(curve)
    expect(curveOfParameters(Buffer.from(curve.name))).toBe(curve)
    expect(curveOfParameters(Buffer.from(curve.name.toLowerCase()))).toBe(curve)
  }
})

test('the identifiers are those of the standards', () => {
  const known = {
    'P-192': '06082a8648ce3d030101',
    'P-224': '06052b81040021',
    'P-256': '06082a8648ce3d030107',
    'P-521': '06052b81040023',
    SECP256K1: '06052b8104000a',
    'BP-160R': '06092b2403030208010101',
    'BP-256T': '06092b2403030208010108',
    'BP-512T': '06092b240303020801010e',
    curve25519: '06032b656e',
    ed448: '06032b6571',
  }
  for (const [name, oid] of Object.entries(known)) {
    expect(curveOfParameters(Buffer.from(name)).oid.toString('hex')).toBe(oid)
  }
})

test('what names no curve here is refused, a curve of OpenSSL too', () => {
  const bls = objectIdentifier('1.3.6.1.4.1.2.267.999.3.2')
  const withTerminator = Buffer.from('P-256\0')
  for (const parameters of ['', 'P-255', 'prime256v1', bls, withTerminator, Buffer.from('06082a8648ce3d0301', 'hex')]) {
    expect(refusalOf(() => curveOfParameters(Buffer.from(parameters)))).toBe('CKR_CURVE_NOT_SUPPORTED')
  }
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp224k1' })
  expect(refusalOf(() => curveOf(publicKey))).toBe('CKR_CURVE_NOT_SUPPORTED')
})

test('a key whose curve stands in it by the constants of one of ours is on that one', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1', paramEncoding: 'explicit' })
  const spki = publicKey.export({ format: 'der', type: 'spki' })
  expect(curveOf(createPublicKey({ key: spki, format: 'der', type: 'spki' })).name).toBe('P-256')
})

test('a key of another algorithm is refused, and one on a curve of another kind', () => {
  const { publicKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 1024 })
  expect(refusalOf(() => curveOf(rsa))).toBe('CKR_KEY_TYPE_INCONSISTENT')
  const { publicKey: key } = generateEc(curveOfParameters(Buffer.from('ed25519')))
  expect(refusalOf(() => curveOfUsable({ keyType: keyTypes.CKK_RSA, key }, 'edwards'))).toBe(
    'CKR_KEY_TYPE_INCONSISTENT',
  )
  expect(refusalOf(() => curveOfUsable({ keyType: keyTypes.CKK_EC, key }, 'weierstrass'))).toBe(
    'CKR_CURVE_NOT_SUPPORTED',
  )
  expect(curveOfUsable({ keyType: keyTypes.CKK_EC, key }, 'edwards').name).toBe('ed25519')
})

test('prime and order of each curve are OpenSSL’s', () => {
  for (const curve of curves) {
    if (curve.kind !== 'weierstrass') continue
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: curve.node, paramEncoding: 'explicit' })
    const { prime, order } = explicitParameters(publicKey.export({ format: 'der', type: 'spki' }))
    expect(curve.prime).toBe(prime)
    expect(curve.order).toBe(order)
    expect(curve.order.toString(2).length).toBe(curve.bits)
    expect(curve.prime.toString(2).length).toBe(curve.bits)
  }
})

/** ECParameters (SEC 1, C.2): version, field, curve, base, order. */
function explicitParameters(spki: Buffer): { readonly prime: bigint; readonly order: bigint } {
  const algorithm = new DerReader(membersOf(spki).take(tags.SEQUENCE))
  algorithm.take(tags.OBJECT_IDENTIFIER)
  const parameters = new DerReader(algorithm.take(tags.SEQUENCE))
  parameters.take(tags.INTEGER)
  const field = new DerReader(parameters.take(tags.SEQUENCE))
  field.take(tags.OBJECT_IDENTIFIER)
  const prime = integerOf(field.take(tags.INTEGER))
  parameters.take(tags.SEQUENCE)
  parameters.take(tags.OCTET_STRING)
  return { prime, order: integerOf(parameters.take(tags.INTEGER)) }
}
