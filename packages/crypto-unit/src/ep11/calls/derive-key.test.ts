/** Derived keys: what agreement, hashes, encryption and wallets give, cut as PKCS #11 cuts it, and what is refused. */
import { createHash, createPublicKey, diffieHellman, generateKeyPairSync, randomBytes } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import type { MechanismName } from '../mechanisms.ts'
import type { BtcParameter, MechanismParameter } from '../parameter.ts'
import { Ep11Unit, none, template, use, type Attributes } from '../testing/ep11-unit.ts'

const unit = new Ep11Unit()
const iv = Buffer.alloc(16)
const aesTemplate = { CKA_CLASS: 4n, CKA_KEY_TYPE: 0x1fn, CKA_VALUE_LEN: 16n } as const
const yes = { CKA_DERIVE: true }
let generic = none

beforeAll(async () => {
  generic = await imported(Buffer.from('a secret that both sides know.'))
})

/** A generic secret of a known value, which may be derived from. */
async function imported(value: Buffer, attributes: Attributes = {}): Promise<Buffer> {
  const importer = await unit.aes({ CKA_UNWRAP: true })
  const mechanism = use('CKM_AES_CBC_PAD', iv)
  const { ciphered } = await unit.call('EncryptSingle', { mechanism, key: importer, plain: value })
  const asked = { CKA_KEY_TYPE: 0x10n, CKA_CLASS: 4n, CKA_DERIVE: true, ...attributes }
  const came = await unit.call('UnwrapKey', {
    mechanism,
    wrapped: ciphered,
    kek: importer,
    macKey: none,
    template: template(asked),
  })
  return came.key
}

function asking(
  name: MechanismName,
  parameter: MechanismParameter | Buffer | undefined,
  baseKey: Buffer,
  attributes: Attributes = aesTemplate,
  data = none,
) {
  return { mechanism: use(name, parameter ?? { kind: 'none' }), baseKey, data, template: template(attributes) }
}

/** That a key has this value, by what it does. */
async function expectValue(key: Buffer, value: Buffer): Promise<void> {
  const { attributes } = await unit.call('GetAttributeValue', { object: key, attributes: [0x90, 0x161] })
  expect(attributes.get(0x161)).toBe(BigInt(value.length))
  const mechanism = use('CKM_SHA256_HMAC')
  const data = Buffer.from('same')
  const one = await unit.call('SignSingle', { mechanism, key, data })
  const two = await unit.call('SignSingle', { mechanism, key: await imported(value, { CKA_SIGN: true }), data })
  expect(one).toEqual(two)
}

test('ECDH gives the trailing bytes of the x-coordinate, to both sides alike', async () => {
  const outside = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { privateKey, publicKey } = await unit.ec('P-256', {}, yes)
  const point = outside.publicKey.export({ format: 'der', type: 'spki' }).subarray(-65)
  const made = await unit.call('DeriveKey', asking('CKM_ECDH1_DERIVE', point, privateKey))
  const ours = createPublicKey({ key: publicKey.subarray(0, -116), format: 'der', type: 'spki' })
  const secret = diffieHellman({ privateKey: outside.privateKey, publicKey: ours })
  await expectValue(made.key, secret.subarray(16))
  expect(made.checkSum.length).toBe(7)
  expect(await unit.refusal('DeriveKey', asking('CKM_ECDH1_DERIVE', point.subarray(1), privateKey))).toBe(
    'CKR_MECHANISM_PARAM_INVALID',
  )
})

test('X25519 and DH agree as well', async () => {
  const [one, two] = [await unit.ec('curve25519', {}, yes), await unit.ec('curve25519', {}, yes)]
  const raw = (publicKey: Buffer): Buffer => publicKey.subarray(-116 - 32, -116)
  const first = await unit.call('DeriveKey', asking('CKM_IBM_EC_X25519', raw(two.publicKey), one.privateKey))
  const second = await unit.call('DeriveKey', asking('CKM_IBM_EC_X25519', raw(one.publicKey), two.privateKey))
  expect(first.checkSum).toEqual(second.checkSum)
  const { key: parameters } = await unit.call('GenerateKey', {
    mechanism: use('CKM_DH_PKCS_PARAMETER_GEN'),
    template: template({ CKA_PRIME_BITS: 2048n }),
  })
  const pairs = [
    await unit.pair('CKM_DH_PKCS_KEY_PAIR_GEN', { CKA_IBM_STRUCT_PARAMS: parameters }, yes),
    await unit.pair('CKM_DH_PKCS_KEY_PAIR_GEN', { CKA_IBM_STRUCT_PARAMS: parameters }, yes),
  ] as const
  const sums = await Promise.all(
    [0, 1].map(async (index) => {
      const other = (pairs[1 - index] ?? pairs[0]).publicKey
      const { attributes } = await unit.call('GetAttributeValue', { object: other, attributes: [0x11] })
      const base = (pairs[index] ?? pairs[0]).privateKey
      return (await unit.call('DeriveKey', asking('CKM_DH_PKCS_DERIVE', attributes.get(0x11) as Buffer, base))).checkSum
    }),
  )
  expect(sums[0]).toEqual(sums[1])
})

test('hashes give leading bytes, all of them when no length is asked for', async () => {
  const value = createHash('sha256').update('a secret that both sides know.').digest()
  const short = await unit.call('DeriveKey', asking('CKM_SHA256_KEY_DERIVATION', undefined, generic))
  await expectValue(short.key, value.subarray(0, 16))
  const whole = await unit.call(
    'DeriveKey',
    asking('CKM_SHA256_KEY_DERIVATION', undefined, generic, { CKA_KEY_TYPE: 0x10n }),
  )
  await expectValue(whole.key, value)
  const refused = (attributes: Attributes, name: MechanismName = 'CKM_SHA256_KEY_DERIVATION') =>
    unit.refusal('DeriveKey', asking(name, undefined, generic, attributes))
  expect(await refused({ CKA_KEY_TYPE: 0x10n, CKA_VALUE_LEN: 33n })).toBe('CKR_KEY_SIZE_RANGE')
  expect(await refused({ CKA_KEY_TYPE: 0x1fn, CKA_VALUE_LEN: 17n })).toBe('CKR_KEY_SIZE_RANGE')
  expect(await refused({ CKA_KEY_TYPE: 0x1fn }, 'CKM_SHA1_KEY_DERIVATION')).toBe('CKR_TEMPLATE_INCOMPLETE')
  expect(await refused({ CKA_VALUE_LEN: 16n })).toBe('CKR_TEMPLATE_INCOMPLETE')
  expect(await refused({ CKA_KEY_TYPE: 0n })).toBe('CKR_TEMPLATE_INCONSISTENT')
  expect(await refused({ ...aesTemplate, CKA_CLASS: 3n })).toBe('CKR_TEMPLATE_INCONSISTENT')
  expect(await refused(aesTemplate, 'CKM_GENERIC_SECRET_KEY_GEN')).toBe('CKR_MECHANISM_INVALID')
  expect(await refused(aesTemplate, 'CKM_AES_CBC')).toBe('CKR_MECHANISM_INVALID')
})

test('derived keys of DES have odd parity, and are not local', async () => {
  const attributes = { CKA_KEY_TYPE: 0x15n, CKA_EXTRACTABLE: true }
  const base = await imported(randomBytes(32))
  const { key } = await unit.call('DeriveKey', asking('CKM_SHA256_KEY_DERIVATION', undefined, base, attributes))
  const told = await unit.call('GetAttributeValue', { object: key, attributes: [0x163, 0x164, 0x166] })
  expect([...told.attributes.values()]).toEqual([false, false, 0xffff_ffffn])
  const kek = await unit.aes({ CKA_WRAP: true })
  const { wrapped } = await unit.call('WrapKey', { mechanism: use('CKM_AES_CBC_PAD', iv), key, kek, macKey: none })
  const { plain } = await unit.call('DecryptSingle', {
    mechanism: use('CKM_AES_CBC_PAD', iv),
    key: kek,
    ciphered: wrapped,
  })
  const ones = [...plain].map((byte) => byte.toString(2).replaceAll('0', '').length % 2)
  expect(plain.length).toBe(24)
  expect(new Set(ones)).toEqual(new Set([1]))
})

test('DES3 encrypts data that become a key, from the parameter or beside it', async () => {
  const base = await unit.secret('CKM_DES3_KEY_GEN', yes)
  const data = randomBytes(16)
  const inParameter = await unit.call('DeriveKey', asking('CKM_DES3_ECB_ENCRYPT_DATA', data, base))
  const beside = await unit.call('DeriveKey', asking('CKM_DES3_ECB_ENCRYPT_DATA', undefined, base, aesTemplate, data))
  expect(inParameter.checkSum).toEqual(beside.checkSum)
  const refused = (given: Buffer) =>
    unit.refusal('DeriveKey', asking('CKM_DES3_ECB_ENCRYPT_DATA', undefined, base, aesTemplate, given))
  expect(await refused(none)).toBe('CKR_MECHANISM_PARAM_INVALID')
  expect(await refused(data.subarray(1))).toBe('CKR_DATA_LEN_RANGE')
})

test('nothing is derived from a key that does not permit it', async () => {
  const { privateKey } = await unit.ec('P-256')
  const asked = asking('CKM_ECDH1_DERIVE', Buffer.alloc(65, 4), privateKey)
  expect(await unit.refusal('DeriveKey', asked)).toBe('CKR_KEY_FUNCTION_NOT_PERMITTED')
  expect(await unit.refusal('DeriveKey', { ...asked, baseKey: none })).toBe('CKR_KEY_HANDLE_INVALID')
  expect(await unit.refusal('DeriveKey', { ...asked, baseKey: generic })).toBe('CKR_KEY_TYPE_INCONSISTENT')
})

function wallet(changed: Partial<BtcParameter>): BtcParameter {
  return { kind: 'btc', type: 4, childIndex: 0, chainCode: none, version: 1, ...changed }
}

test('wallets are derived to the chain codes that SLIP-10 and BIP32 have, and public children match private ones', async () => {
  const seed = await imported(Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex'), { CKA_IBM_USE_AS_DATA: true })
  const attributes = { CKA_KEY_TYPE: 3n, CKA_VALUE_LEN: 0n, CKA_EC_PARAMS: Buffer.from('SECP256K1'), ...yes }
  const derive = (parameter: BtcParameter, base: Buffer) =>
    unit.outcome('DeriveKey', asking('CKM_IBM_BTC_DERIVE', parameter, base, attributes))
  const answerOf = async (parameter: BtcParameter, base: Buffer) => {
    const outcome = await derive(parameter, base)
    if ('refusal' in outcome) throw new Error(outcome.refusal.message)
    return outcome.answer
  }
  const master = await answerOf(wallet({}), seed)
  expect(master.checkSum.toString('hex')).toBe('873dff81c02f525623fd1fe5167eac3a55a049de3d314bb42ee227ffed37d508')
  const hardened = wallet({ type: 1, childIndex: 0x8000_0000, chainCode: master.checkSum })
  const child = await answerOf(hardened, master.key)
  expect(child.checkSum.toString('hex')).toBe('47fdacbd0f1097043b78c63c20c34ef4ed9a111d980047ad16282c7ae6236141')
  const parent = await answerOf({ ...hardened, type: 2 }, master.key)
  const step = { childIndex: 5, chainCode: child.checkSum }
  const [privately, publicly] = [
    await answerOf(wallet({ type: 2, ...step }), child.key),
    await answerOf(wallet({ type: 3, ...step }), parent.key),
  ]
  expect(privately).toEqual(publicly)
  const told = (await derive(wallet({ type: 5, ...step }), child.key)).facts.request
  expect(told).toMatchObject({ deriveType: 'SLIP0010_PRV2PRV', curve: 'SECP256K1', keyType: 'CKK_EC' })
  const mechanism = use('CKM_ECDSA')
  const grandchild = await answerOf(wallet({ type: 1, ...step }), child.key)
  const data = randomBytes(32)
  const { signature } = await unit.call('SignSingle', { mechanism, key: grandchild.key, data })
  expect(await unit.refusal('VerifySingle', { mechanism, key: publicly.key, data, signature })).toBe('CKR_OK')
})

test('a seed that may not be used as data is none', async () => {
  const attributes = { CKA_KEY_TYPE: 3n, CKA_EC_PARAMS: Buffer.from('SECP256K1') }
  const asked = asking('CKM_IBM_BTC_DERIVE', wallet({}), generic, attributes)
  expect(await unit.refusal('DeriveKey', asked)).toBe('CKR_KEY_FUNCTION_NOT_PERMITTED')
})

test('ML-KEM gives both sides a secret, and the ciphertext behind the check sum', async () => {
  const { privateKey, publicKey } = await unit.pair('CKM_ML_KEM_KEY_PAIR_GEN', { CKA_PARAMETER_SET: 2n, ...yes }, yes)
  const kem = { kind: 'kem', version: 0, kdf: 1, mode: 1, ciphertext: none } as const
  const attributes = { ...aesTemplate, CKA_VALUE_LEN: 32n }
  const sent = await unit.call('DeriveKey', asking('CKM_ML_KEM', kem, publicKey, attributes))
  const ciphertext = sent.checkSum.subarray(7)
  expect(ciphertext.length).toBe(1088)
  const received = asking('CKM_ML_KEM', { ...kem, mode: 2, ciphertext }, privateKey, attributes)
  expect((await unit.call('DeriveKey', received)).checkSum).toEqual(sent.checkSum.subarray(0, 7))
  const spki = publicKey.subarray(0, -116)
  expect(await unit.refusal('DeriveKey', asking('CKM_ML_KEM', kem, spki, attributes))).toBe(
    'CKR_KEY_FUNCTION_NOT_PERMITTED',
  )
})
