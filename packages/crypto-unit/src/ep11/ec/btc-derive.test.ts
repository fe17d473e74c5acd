/** Hierarchical wallets: the published vectors of BIP32 and SLIP-10, along private keys, public keys and both. */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { expect, test } from 'vitest'
import { keyTypes } from '../attributes.ts'
import type { BtcParameter } from '../parameter.ts'
import { vectors as readVectors } from '../../testing/asymmetric-keys.ts'
import type { AsymmetricKey, SecretKey } from '../usable-key.ts'
import { btcDerive, type DerivedWalletKey } from './btc-derive.ts'
import { curveOfParameters, type Curve } from './curves.ts'
import { generateEc, pointOf, privateKeyOfSecret, secretOf } from './ec-keys.ts'
import { compressedBytes, pointOfBytes } from './points.ts'
import { refusalOf } from '../../testing/refusals.ts'

const PRIVATE = 1
const PRIVATE_TO_PUBLIC = 2
const PUBLIC = 3
const MASTER = 4
const SLIP10 = 4
const HARDENED = 0x8000_0000

interface Vectors {
  readonly groups: readonly {
    readonly title: string
    readonly curve: string
    readonly seed: string
    readonly chains: readonly (readonly string[])[]
  }[]
}

function vectors(file: string): Vectors['groups'] {
  return readVectors<Vectors>(`wallets/${file}`).groups
}

function curveNamed(name: string): Curve {
  return curveOfParameters(Buffer.from(name === 'nist256p1' ? 'P-256' : name))
}

function seedKey(seed: string): SecretKey {
  return { keyType: keyTypes.CKK_GENERIC_SECRET, value: Buffer.from(seed, 'hex') }
}

function usable(key: KeyObject): AsymmetricKey {
  return { keyType: keyTypes.CKK_EC, key }
}

function wanted(type: number, childIndex = 0, chainCode: Buffer = Buffer.alloc(0)): BtcParameter {
  return { kind: 'btc', type, childIndex, chainCode, version: 1 }
}

/** m/0'/1 as indexes. */
function indexesOf(path: string): number[] {
  const steps = path.split('/').slice(1)
  return steps.map((step) => Number.parseInt(step, 10) + (step.endsWith("'") ? HARDENED : 0))
}

function child(parent: DerivedWalletKey, curve: Curve, type: number, index: number): DerivedWalletKey {
  return btcDerive(usable(parent.key), curve, wanted(type, index, parent.chainCode))
}

/** As SLIP-10 writes them: a compressed point, or a zero and the bytes of an Edwards key. */
function serializedPoint(curve: Curve, key: KeyObject): Buffer {
  const point = pointOf(key)
  if (curve.kind !== 'weierstrass') return Buffer.concat([Buffer.from([0]), point])
  return compressedBytes(curve, pointOfBytes(curve, point))
}

test('SLIP-10: keys and chain codes are those published, those that take a second try too', () => {
  let checked = 0
  for (const { title, curve: name, seed, chains } of vectors('slip10.json')) {
    const curve = curveNamed(name)
    const master = btcDerive(seedKey(seed), curve, wanted(SLIP10 + MASTER))
    for (const [path = '', chainCode, secret, point] of chains) {
      const found = indexesOf(path).reduce((key, index) => child(key, curve, SLIP10 + PRIVATE, index), master)
      const said = [title, path, found.chainCode.toString('hex'), secretOf(found.key).toString('hex')]
      expect(said).toEqual([title, path, chainCode, secret])
      expect(serializedPoint(curve, found.key).toString('hex')).toBe(point)
      checked++
    }
  }
  expect(checked).toBe(40)
})

test('SLIP-10: public keys are derived from private ones, and from public ones where the step is not hardened', () => {
  let fromPublic = 0
  for (const { curve: name, seed, chains } of vectors('slip10.json')) {
    const curve = curveNamed(name)
    const master = btcDerive(seedKey(seed), curve, wanted(SLIP10 + MASTER))
    for (const [path = '', chainCode, , point] of chains.slice(1)) {
      const indexes = indexesOf(path)
      const index = indexes.at(-1) as number
      const parent = indexes.slice(0, -1).reduce((key, step) => child(key, curve, SLIP10 + PRIVATE, step), master)
      const neutered = child(parent, curve, SLIP10 + PRIVATE_TO_PUBLIC, index)
      expect(neutered.key.type).toBe('public')
      expect([serializedPoint(curve, neutered.key).toString('hex'), neutered.chainCode.toString('hex')]).toEqual([
        point,
        chainCode,
      ])
      if (index >= HARDENED) continue
      const publicParent = { ...parent, key: createPublicKey(parent.key) }
      const derived = child(publicParent, curve, SLIP10 + PUBLIC, index)
      expect([serializedPoint(curve, derived.key).toString('hex'), derived.chainCode.toString('hex')]).toEqual([
        point,
        chainCode,
      ])
      fromPublic++
    }
  }
  expect(fromPublic).toBe(13)
})

test('BIP32: extended private and public keys are those published', () => {
  const curve = curveNamed('SECP256K1')
  let checked = 0
  for (const { title, seed, chains } of vectors('bip32.json')) {
    const master = btcDerive(seedKey(seed), curve, wanted(MASTER))
    for (const [path = '', xprv = '', xpub = ''] of chains) {
      const found = indexesOf(path).reduce((key, index) => child(key, curve, PRIVATE, index), master)
      const extended = base58Payload(xprv)
      expect([title, path, found.chainCode]).toEqual([title, path, extended.subarray(13, 45)])
      expect(secretOf(found.key)).toEqual(extended.subarray(46))
      expect(serializedPoint(curve, found.key)).toEqual(base58Payload(xpub).subarray(45))
      checked++
    }
  }
  expect(checked).toBe(17)
})

test('BIP32: children of public keys are the public keys of children', () => {
  const curve = curveNamed('SECP256K1')
  const master = btcDerive(seedKey('000102030405060708090a0b0c0d0e0f'), curve, wanted(MASTER))
  const publicMaster = { ...master, key: createPublicKey(master.key) }
  for (const index of [0, 1, 1_000_000_000, HARDENED - 1]) {
    const derived = child(publicMaster, curve, PUBLIC, index)
    const neutered = child(master, curve, PRIVATE_TO_PUBLIC, index)
    expect(derived.key.equals(neutered.key)).toBe(true)
    expect(derived.chainCode).toEqual(neutered.chainCode)
  }
  expect(child(master, curve, PRIVATE_TO_PUBLIC, HARDENED).chainCode.toString('hex')).toBe(
    '47fdacbd0f1097043b78c63c20c34ef4ed9a111d980047ad16282c7ae6236141',
  )
})

test('hardened children of public keys, and any others on ed25519 but hardened ones of private keys, are refused', () => {
  const chainCode = Buffer.alloc(32, 1)
  for (const [name, type] of [
    ['SECP256K1', PUBLIC],
    ['P-256', SLIP10 + PUBLIC],
  ] as const) {
    const { publicKey } = generateEc(curveNamed(name))
    expect(refusalOf(() => btcDerive(usable(publicKey), curveNamed(name), wanted(type, HARDENED, chainCode)))).toBe(
      'CKR_MECHANISM_PARAM_INVALID',
    )
  }
  const { privateKey, publicKey } = generateEc(curveNamed('ed25519'))
  const ed25519 = curveNamed('ed25519')
  for (const [key, type, index] of [
    [privateKey, SLIP10 + PRIVATE, 0],
    [privateKey, SLIP10 + PRIVATE_TO_PUBLIC, HARDENED - 1],
    [publicKey, SLIP10 + PUBLIC, 0],
    [publicKey, SLIP10 + PUBLIC, HARDENED],
  ] as const) {
    expect(refusalOf(() => btcDerive(usable(key), ed25519, wanted(type, index, chainCode)))).toBe(
      'CKR_MECHANISM_PARAM_INVALID',
    )
  }
})

test('types, versions, indexes and chain codes that there are not are refused', () => {
  const curve = curveNamed('SECP256K1')
  const key = usable(generateEc(curve).privateKey)
  const good = wanted(PRIVATE, 0, Buffer.alloc(32, 1))
  btcDerive(key, curve, good)
  const parameters = [
    { ...good, type: 0 },
    { ...good, type: 9 },
    { ...good, type: -3 },
    { ...good, type: 1.5 },
    { ...good, version: 0 },
    { ...good, version: 2 },
    { ...good, childIndex: 0x1_0000_0000 },
    { ...good, childIndex: -1 },
    { ...good, chainCode: Buffer.alloc(31, 1) },
    { ...good, chainCode: Buffer.alloc(33, 1) },
    { ...good, chainCode: Buffer.alloc(0) },
    { kind: 'none' },
    { kind: 'bytes', bytes: Buffer.alloc(32) },
  ] as const
  for (const parameter of parameters) {
    expect(refusalOf(() => btcDerive(key, curve, parameter))).toBe('CKR_MECHANISM_PARAM_INVALID')
  }
})

test('BIP32 knows secp256k1 alone, SLIP-10 the three curves', () => {
  const seed = seedKey('00'.repeat(16))
  for (const name of ['P-256', 'ed25519', 'P-384', 'curve25519', 'BP-256R']) {
    expect(refusalOf(() => btcDerive(seed, curveNamed(name), wanted(MASTER)))).toBe('CKR_CURVE_NOT_SUPPORTED')
  }
  for (const name of ['P-384', 'curve25519', 'ed448', 'BP-256R']) {
    expect(refusalOf(() => btcDerive(seed, curveNamed(name), wanted(SLIP10 + MASTER)))).toBe('CKR_CURVE_NOT_SUPPORTED')
  }
})

test('bases of another kind, curve or size are refused', () => {
  const curve = curveNamed('SECP256K1')
  const { privateKey, publicKey } = generateEc(curve)
  const chainCode = Buffer.alloc(32, 1)
  const rows = [
    [usable(privateKey), MASTER],
    [{ keyType: keyTypes.CKK_AES, value: Buffer.alloc(16) }, MASTER],
    [seedKey('00'.repeat(16)), PRIVATE],
    [usable(publicKey), PRIVATE],
    [usable(publicKey), SLIP10 + PRIVATE_TO_PUBLIC],
    [usable(privateKey), PUBLIC],
    [{ keyType: keyTypes.CKK_RSA, key: privateKey }, PRIVATE],
  ] as const
  for (const [base, type] of rows) {
    expect(refusalOf(() => btcDerive(base, curve, wanted(type, 0, chainCode)))).toBe('CKR_KEY_TYPE_INCONSISTENT')
  }
  const other = generateEc(curveNamed('P-256')).privateKey
  expect(refusalOf(() => btcDerive(usable(other), curve, wanted(PRIVATE, 0, chainCode)))).toBe(
    'CKR_TEMPLATE_INCONSISTENT',
  )
  for (const bytes of [15, 65]) {
    expect(refusalOf(() => btcDerive(seedKey('00'.repeat(bytes)), curve, wanted(MASTER)))).toBe('CKR_KEY_SIZE_RANGE')
  }
  for (const bytes of [16, 64]) btcDerive(seedKey('01'.repeat(bytes)), curve, wanted(MASTER))
})

test('the parent and the seed are as they were', () => {
  const curve = curveNamed('P-256')
  const seed = seedKey('0102030405060708090a0b0c0d0e0f10')
  const before = Buffer.from(seed.value)
  const master = btcDerive(seed, curve, wanted(SLIP10 + MASTER))
  expect(seed.value).toEqual(before)
  const chainCode = Buffer.from(master.chainCode)
  const secret = secretOf(master.key)
  child(master, curve, SLIP10 + PRIVATE, 5)
  expect(master.chainCode).toEqual(chainCode)
  expect(secretOf(master.key)).toEqual(secret)
  expect(privateKeyOfSecret(curve, secret).equals(master.key)).toBe(true)
})

/** BIP32's serialisation: 78 bytes, behind them the first four of their double hash. */
function base58Payload(text: string): Buffer {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
  const number = Array.from(text).reduce((sum, letter) => sum * 58n + BigInt(alphabet.indexOf(letter)), 0n)
  const bytes = Buffer.from(number.toString(16).padStart(164, '0'), 'hex')
  const payload = bytes.subarray(0, 78)
  const once = createHash('sha256').update(payload).digest()
  expect(bytes.subarray(78)).toEqual(createHash('sha256').update(once).digest().subarray(0, 4))
  return payload
}
