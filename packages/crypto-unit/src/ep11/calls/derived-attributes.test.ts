/** What a derived key may be, given what it is derived from: nothing leaves by a derivation that could not leave by itself. */
import { generateKeyPairSync } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { attributeBits } from '../attributes.ts'
import type { MechanismUse } from '../calls.ts'
import type { MechanismName } from '../mechanisms.ts'
import type { BtcParameter } from '../parameter.ts'
import { Ep11Unit, none, template, use, type Attributes } from '../testing/ep11-unit.ts'

const unit = new Ep11Unit()
const HARDENED = 0x8000_0000
const yes = { CKA_DERIVE: true }
const boundToo = { CKA_IBM_ATTRBOUND: true }
const leaving = { CKA_EXTRACTABLE: true }
const child = { CKA_KEY_TYPE: 3n, CKA_EC_PARAMS: Buffer.from('SECP256K1') } as const
let seed = none

beforeAll(async () => {
  seed = await seedWith({})
})

function seedWith(attributes: Attributes): Promise<Buffer> {
  return unit.secret('CKM_GENERIC_SECRET_KEY_GEN', {
    CKA_VALUE_LEN: 32n,
    CKA_IBM_USE_AS_DATA: true,
    ...yes,
    ...attributes,
  })
}

function deriving(mechanism: MechanismUse, baseKey: Buffer, attributes: Attributes) {
  return { mechanism, baseKey, data: none, template: template(attributes) }
}

function wallet(changed: Partial<BtcParameter>): MechanismUse {
  return use('CKM_IBM_BTC_DERIVE', { kind: 'btc', type: 4, childIndex: 0, chainCode: none, version: 1, ...changed })
}

/** A master of a wallet, and the chain code with which its children are derived. */
async function masterWith(attributes: Attributes, from = seed): Promise<{ key: Buffer; chainCode: Buffer }> {
  const { key, checkSum } = await unit.call(
    'DeriveKey',
    deriving(wallet({}), from, { ...child, ...yes, ...attributes }),
  )
  return { key, chainCode: checkSum }
}

test.each([
  ['BIP32', 1, [0, 5, HARDENED - 1]],
  ['SLIP-10', 5, [0, HARDENED - 1]],
] as const)('a private key that may not leave has no child by %s that gives it away', async (_name, type, indices) => {
  const { key, chainCode } = await masterWith({})
  for (const childIndex of indices) {
    const asked = (attributes: Attributes) =>
      unit.refusal('DeriveKey', deriving(wallet({ type, childIndex, chainCode }), key, { ...child, ...attributes }))
    expect(await asked(leaving)).toBe('CKR_TEMPLATE_INCONSISTENT')
    expect(await asked({})).toBe('CKR_OK')
  }
  const hardened = deriving(wallet({ type, childIndex: HARDENED, chainCode }), key, { ...child, ...leaving })
  expect(await unit.refusal('DeriveKey', hardened)).toBe('CKR_OK')
  const parent = await masterWith(leaving)
  const ofLeaving = wallet({ type, childIndex: 0, chainCode: parent.chainCode })
  expect(await unit.refusal('DeriveKey', deriving(ofLeaving, parent.key, { ...child, ...leaving }))).toBe('CKR_OK')
})

test('a child that gives its parent away leaves under trusted keys only, when its parent does', async () => {
  const { key, chainCode } = await masterWith({ ...leaving, CKA_WRAP_WITH_TRUSTED: true })
  const step = wallet({ type: 1, childIndex: 7, chainCode })
  const made = await unit.call('DeriveKey', deriving(step, key, { ...child, ...leaving, CKA_WRAP_WITH_TRUSTED: false }))
  expect(made.key.readUInt32BE(52) & attributeBits.WRAP_WITH_TRUSTED).not.toBe(0)
  const kek = await unit.aes({ CKA_WRAP: true })
  const wrap = { mechanism: use('CKM_AES_CBC_PAD', Buffer.alloc(16)), key: made.key, kek, macKey: none }
  expect(await unit.refusal('WrapKey', wrap)).toBe('CKR_KEY_NOT_WRAPPABLE')
})

test('a wallet has no bound key of a seed or a parent that is not bound', async () => {
  expect(await unit.refusal('DeriveKey', deriving(wallet({}), seed, { ...child, ...boundToo }))).toBe(
    'CKR_TEMPLATE_INCONSISTENT',
  )
  const { key, chainCode } = await masterWith({})
  for (const type of [1, 2]) {
    const asked = deriving(wallet({ type, chainCode }), key, { ...child, ...boundToo })
    expect(await unit.refusal('DeriveKey', asked)).toBe('CKR_TEMPLATE_INCONSISTENT')
  }
  const boundSeed = await seedWith(boundToo)
  const bound = await masterWith(boundToo, boundSeed)
  const step = wallet({ type: 1, chainCode: bound.chainCode })
  expect(await unit.refusal('DeriveKey', deriving(step, bound.key, { ...child, ...boundToo }))).toBe('CKR_OK')
})

test('no bound key has the value of a key that leaves in the clear: of a bound one all derived keys are bound', async () => {
  const base = await seedWith(boundToo)
  const hash = (attributes: Attributes) =>
    unit.refusal(
      'DeriveKey',
      deriving(use('CKM_SHA256_KEY_DERIVATION'), base, { CKA_KEY_TYPE: 0x1fn, CKA_VALUE_LEN: 32n, ...attributes }),
    )
  expect(await hash(leaving)).toBe('CKR_TEMPLATE_INCONSISTENT')
  expect(await hash({ ...boundToo, CKA_WRAP: true })).toBe('CKR_OK')
  const { key, chainCode } = await masterWith({ ...boundToo, ...leaving }, base)
  for (const childIndex of [0, HARDENED]) {
    const asked = deriving(wallet({ type: 1, childIndex, chainCode }), key, { ...child, ...leaving })
    expect(await unit.refusal('DeriveKey', asked)).toBe('CKR_TEMPLATE_INCONSISTENT')
    const publicly = deriving(wallet({ type: 2, childIndex, chainCode }), key, child)
    expect(await unit.refusal('DeriveKey', publicly)).toBe('CKR_OK')
  }
})

test('what is derived cannot be read byte by byte from check sums of short keys', async () => {
  const outside = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const point = outside.publicKey.export({ format: 'der', type: 'spki' }).subarray(-65)
  const { privateKey } = await unit.ec('P-256', {}, yes)
  const montgomery = await unit.ec('curve25519', {}, yes)
  const peer = (await unit.ec('curve25519')).publicKey.subarray(-116 - 32, -116)
  const des = await unit.secret('CKM_DES3_KEY_GEN', yes)
  const { key: parameters } = await unit.call('GenerateKey', {
    mechanism: use('CKM_DH_PKCS_PARAMETER_GEN'),
    template: template({ CKA_PRIME_BITS: 1024n }),
  })
  const dh = await unit.pair('CKM_DH_PKCS_KEY_PAIR_GEN', { CKA_IBM_STRUCT_PARAMS: parameters }, yes)
  const { attributes } = await unit.call('GetAttributeValue', { object: dh.publicKey, attributes: [0x11] })
  const ecdh = (kdf: number) => use('CKM_ECDH1_DERIVE', { kind: 'ecdh', kdf, shared: none, peer: point })
  const derivations: [MechanismUse, Buffer][] = [
    [use('CKM_ECDH1_DERIVE', point), privateKey],
    [ecdh(6), privateKey],
    [use('CKM_IBM_EC_X25519', peer), montgomery.privateKey],
    [use('CKM_DES3_ECB_ENCRYPT_DATA', Buffer.alloc(24)), des],
    [use('CKM_DH_PKCS_DERIVE', attributes.get(0x11) as Buffer), dh.privateKey],
    ...hashes.map((name): [MechanismUse, Buffer] => [use(name), seed]),
  ]
  for (const [mechanism, base] of derivations) {
    for (const [bytes, expected] of [
      [1n, 'CKR_KEY_SIZE_RANGE'],
      [15n, 'CKR_KEY_SIZE_RANGE'],
      [16n, 'CKR_OK'],
    ] as const) {
      const asked = deriving(mechanism, base, { CKA_KEY_TYPE: 0x10n, CKA_VALUE_LEN: bytes })
      expect([mechanism, bytes, await unit.refusal('DeriveKey', asked)]).toEqual([mechanism, bytes, expected])
    }
  }
  const whole = deriving(use('CKM_DES3_ECB_ENCRYPT_DATA', Buffer.alloc(8)), des, { CKA_KEY_TYPE: 0x10n })
  expect(await unit.refusal('DeriveKey', whole)).toBe('CKR_KEY_SIZE_RANGE')
  // What is generated is random by itself: one tells nothing of another.
  const generated = { mechanism: use('CKM_GENERIC_SECRET_KEY_GEN'), template: template({ CKA_VALUE_LEN: 1n }) }
  expect(await unit.refusal('GenerateKey', generated)).toBe('CKR_OK')
})

test('of a bound key nothing is derived by encrypting, which the base does as well', async () => {
  const des = await unit.secret('CKM_DES3_KEY_GEN', { ...yes, ...boundToo, CKA_ENCRYPT: true })
  const mechanism = use('CKM_DES3_ECB_ENCRYPT_DATA', Buffer.alloc(16))
  const asked = deriving(mechanism, des, { CKA_KEY_TYPE: 0x10n, CKA_VALUE_LEN: 16n, ...boundToo })
  expect(await unit.refusal('DeriveKey', asked)).toBe('CKR_KEY_FUNCTION_NOT_PERMITTED')
})

const hashes: readonly MechanismName[] = [
  'CKM_SHA1_KEY_DERIVATION',
  'CKM_SHA224_KEY_DERIVATION',
  'CKM_SHA256_KEY_DERIVATION',
  'CKM_SHA384_KEY_DERIVATION',
  'CKM_SHA512_KEY_DERIVATION',
]
