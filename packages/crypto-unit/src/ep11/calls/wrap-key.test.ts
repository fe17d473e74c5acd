/** Keys leave and come in as their attributes permit, and whatever is wrong with what comes in is said in the same words. */
import { createCipheriv, createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { element, membersOf, octets, sequence, tags } from '../../tke/der.ts'
import { attributeBits } from '../attributes.ts'
import type { CallAnswer, MechanismUse } from '../calls.ts'
import { longDhKey, longDsaKey } from '../../testing/long-keys.ts'
import { fingerprintOf } from '../object-opener.ts'
import { returnValues } from '../return-values.ts'
import { Ep11Unit, none, template, use, type Attributes } from '../testing/ep11-unit.ts'

const unit = new Ep11Unit()
const iv = Buffer.alloc(16, 7)
const pad = use('CKM_AES_CBC_PAD', iv)
const bound = use('CKM_IBM_ATTRIBUTEBOUND_WRAP')
const aesTemplate = { CKA_KEY_TYPE: 0x1fn, CKA_CLASS: 4n, CKA_ENCRYPT: true, CKA_DECRYPT: true } as const
const clear = { mechanism: pad, plain: randomBytes(48) }
let kek = none
let rsaKek = { privateKey: none, publicKey: none }
let key = none

beforeAll(async () => {
  kek = await unit.aes({ CKA_WRAP: true, CKA_UNWRAP: true })
  rsaKek = await unit.rsa({ CKA_WRAP: true }, { CKA_UNWRAP: true })
  key = await unit.aes({ CKA_EXTRACTABLE: true })
})

function wrapped(
  mechanism: MechanismUse,
  leaving: Buffer,
  wrapping = kek,
  macKey = none,
): Promise<CallAnswer<'WrapKey'>> {
  return unit.call('WrapKey', { mechanism, key: leaving, kek: wrapping, macKey })
}

function wrapRefusal(mechanism: MechanismUse, leaving: Buffer, wrapping = kek, macKey = none) {
  return unit.refusal('WrapKey', { mechanism, key: leaving, kek: wrapping, macKey })
}

function unwrapping(
  mechanism: MechanismUse,
  package_: Buffer,
  attributes: Attributes = aesTemplate,
  from = kek,
  macKey = none,
) {
  return { mechanism, wrapped: package_, kek: from, macKey, template: template(attributes) }
}

/** Whether two keys are the same, and the second does what the first does. */
async function expectSame(one: Buffer, other: Buffer): Promise<void> {
  const { ciphered } = await unit.call('EncryptSingle', { ...clear, key: one })
  const { plain } = await unit.call('DecryptSingle', { mechanism: pad, key: other, ciphered })
  expect(plain).toEqual(clear.plain)
}

test.each([
  ['CKM_AES_CBC_PAD', pad],
  ['CKM_AES_CBC', use('CKM_AES_CBC', iv)],
  ['CKM_RSA_PKCS', use('CKM_RSA_PKCS')],
  ['CKM_RSA_PKCS_OAEP', use('CKM_RSA_PKCS_OAEP', { kind: 'oaep', hash: 0x220, mgf: 1, label: undefined })],
])(
  'a secret key leaves by %s and comes in again, with the attributes of its template alone',
  async (name, mechanism) => {
    const isRsa = name.startsWith('CKM_RSA')
    const { wrapped: package_ } = await wrapped(mechanism, key, isRsa ? rsaKek.publicKey : kek)
    const asked = unwrapping(mechanism, package_, aesTemplate, isRsa ? rsaKek.privateKey : kek)
    const came = await unit.call('UnwrapKey', asked)
    await expectSame(key, came.key)
    expect(came.key.readUInt32BE(52)).toBe(attributeBits.ENCRYPT | attributeBits.DECRYPT)
    const { attributes } = await unit.call('GetAttributeValue', { object: key, attributes: [0x90] })
    expect(came.checkSum).toEqual(Buffer.concat([attributes.get(0x90) as Buffer, Buffer.from('00000100', 'hex')]))
  },
)

test('a key that was made elsewhere is imported by encrypting it, as clients do', async () => {
  const value = randomBytes(32)
  const importer = await unit.aes({ CKA_UNWRAP: true, CKA_ENCRYPT: true })
  const { ciphered } = await unit.call('EncryptSingle', { mechanism: pad, key: importer, plain: value })
  const came = await unit.call('UnwrapKey', unwrapping(pad, ciphered, { ...aesTemplate, CKA_VALUE_LEN: 32n }, importer))
  const { ciphered: ours } = await unit.call('EncryptSingle', { ...clear, key: came.key })
  const cipher = createCipheriv('aes-256-cbc', value, iv)
  expect(ours).toEqual(Buffer.concat([cipher.update(clear.plain), cipher.final()]))
})

test.each(['rsa', 'ec', 'ed25519'] as const)(
  'a private key of %s leaves as PKCS #8 and comes in again',
  async (kind) => {
    const extractable = { CKA_EXTRACTABLE: true }
    const made =
      kind === 'rsa'
        ? await unit.rsa({}, extractable)
        : await unit.ec(kind === 'ec' ? 'P-384' : 'ed25519', {}, extractable)
    const { wrapped: package_ } = await wrapped(pad, made.privateKey)
    const attributes = { CKA_KEY_TYPE: kind === 'rsa' ? 0n : 3n, CKA_CLASS: 3n, CKA_SIGN: true }
    const came = await unit.call('UnwrapKey', unwrapping(pad, package_, attributes))
    const spki = made.publicKey.subarray(0, made.publicKey.length - 116)
    const size = { rsa: 1024, ec: 384, ed25519: 256 }[kind]
    expect(came.checkSum.subarray(0, -4)).toEqual(spki)
    expect(came.checkSum.readUInt32BE(came.checkSum.length - 4)).toBe(size)
    const mechanism = use(
      ({ rsa: 'CKM_SHA256_RSA_PKCS', ec: 'CKM_ECDSA_SHA256', ed25519: 'CKM_IBM_ED25519_SHA512' } as const)[kind],
    )
    const data = Buffer.from('signed by what came in')
    const { signature } = await unit.call('SignSingle', { mechanism, key: came.key, data })
    expect(await unit.refusal('VerifySingle', { mechanism, key: made.publicKey, data, signature })).toBe('CKR_OK')
  },
)

test('what may not leave does not, and what may not wrap does not', async () => {
  const notLeaving = await unit.aes()
  const trusting = await unit.aes({ CKA_EXTRACTABLE: true, CKA_WRAP_WITH_TRUSTED: true })
  expect(await wrapRefusal(pad, notLeaving)).toBe('CKR_KEY_UNEXTRACTABLE')
  expect(await wrapRefusal(pad, trusting)).toBe('CKR_KEY_NOT_WRAPPABLE')
  expect(await wrapRefusal(pad, rsaKek.publicKey)).toBe('CKR_KEY_NOT_WRAPPABLE')
  expect(await wrapRefusal(pad, key, key)).toBe('CKR_KEY_FUNCTION_NOT_PERMITTED')
  expect(await wrapRefusal(use('CKM_AES_ECB'), key)).toBe('CKR_MECHANISM_INVALID')
  expect(await wrapRefusal(use('CKM_AES_CBC_PAD', Buffer.alloc(8)), key)).toBe('CKR_MECHANISM_PARAM_INVALID')
  expect(await wrapRefusal(pad, key, rsaKek.publicKey)).toBe('CKR_WRAPPING_KEY_TYPE_INCONSISTENT')
  expect(await wrapRefusal(use('CKM_RSA_PKCS'), key, kek)).toBe('CKR_WRAPPING_KEY_TYPE_INCONSISTENT')
  expect(await wrapRefusal(pad, none)).toBe('CKR_KEY_HANDLE_INVALID')
  expect(await wrapRefusal(pad, key, none)).toBe('CKR_WRAPPING_KEY_HANDLE_INVALID')
  const odd = await unit.secret('CKM_GENERIC_SECRET_KEY_GEN', { CKA_VALUE_LEN: 17n, CKA_EXTRACTABLE: true })
  expect(await wrapRefusal(use('CKM_AES_CBC', iv), odd)).toBe('CKR_KEY_SIZE_RANGE')
})

test('a template of what comes in must say what it is, and not that it is another thing', async () => {
  const { wrapped: package_ } = await wrapped(pad, key)
  const refused = (attributes: Attributes) => unit.refusal('UnwrapKey', unwrapping(pad, package_, attributes))
  expect(await refused({})).toBe('CKR_TEMPLATE_INCOMPLETE')
  expect(await refused({ CKA_KEY_TYPE: 0x1fn, CKA_CLASS: 3n })).toBe('CKR_TEMPLATE_INCONSISTENT')
  expect(await refused({ CKA_KEY_TYPE: 0x99n })).toBe('CKR_TEMPLATE_INCONSISTENT')
  expect(await refused({ CKA_KEY_TYPE: 0x1fn, CKA_LOCAL: true })).toBe('CKR_ATTRIBUTE_READ_ONLY')
  expect(await refused({ CKA_KEY_TYPE: 0x1fn, CKA_VALUE_LEN: 16n })).toBe('CKR_WRAPPED_KEY_INVALID')
  expect(await refused({ CKA_KEY_TYPE: 0x15n })).toBe('CKR_WRAPPED_KEY_INVALID')
  expect(await refused({ CKA_KEY_TYPE: 0n, CKA_CLASS: 3n })).toBe('CKR_WRAPPED_KEY_INVALID')
  expect(await refused({ CKA_KEY_TYPE: 0x10n })).toBe('CKR_OK')
  expect(await unit.refusal('UnwrapKey', unwrapping(pad, package_, aesTemplate, none))).toBe(
    'CKR_UNWRAPPING_KEY_HANDLE_INVALID',
  )
  expect(await unit.refusal('UnwrapKey', unwrapping(pad, package_, aesTemplate, key))).toBe(
    'CKR_KEY_FUNCTION_NOT_PERMITTED',
  )
})

test('padding that is wrong and bytes that are no key are refused in the same words', async () => {
  const { wrapped: package_ } = await wrapped(pad, key)
  const messages = new Set<string>()
  const collect = async (asked: ReturnType<typeof unwrapping>): Promise<void> => {
    const outcome = await unit.outcome('UnwrapKey', asked)
    if ('refusal' in outcome) messages.add(`${outcome.refusal.code} ${outcome.refusal.message}`)
  }
  for (let at = 0; at < package_.length; at++) {
    const changed = Buffer.from(package_)
    changed.writeUInt8(changed.readUInt8(at) ^ 0x55, at)
    await collect(unwrapping(pad, changed, { ...aesTemplate, CKA_KEY_TYPE: 0n, CKA_CLASS: 3n }))
    await collect(unwrapping(pad, changed, { ...aesTemplate, CKA_KEY_TYPE: 3n, CKA_CLASS: 3n }))
    await collect(unwrapping(pad, changed, { ...aesTemplate, CKA_KEY_TYPE: 0x14n }))
  }
  const pkcs1 = use('CKM_RSA_PKCS')
  for (let round = 0; round < 20; round++) {
    const garbage = randomBytes(128)
    garbage.writeUInt8(0, 0)
    await collect(unwrapping(pkcs1, garbage, aesTemplate, rsaKek.privateKey))
  }
  const generic = await unit.secret('CKM_GENERIC_SECRET_KEY_GEN', { CKA_VALUE_LEN: 20n, CKA_EXTRACTABLE: true })
  const short = await wrapped(pkcs1, generic, rsaKek.publicKey)
  await collect(unwrapping(pkcs1, short.wrapped, aesTemplate, rsaKek.privateKey))
  expect([...messages]).toHaveLength(1)
  expect([...messages][0]).toMatch(new RegExp(`^${returnValues.CKR_WRAPPED_KEY_INVALID} `))
  const length = await unit.refusal('UnwrapKey', unwrapping(pad, package_.subarray(1)))
  expect(length).toBe('CKR_WRAPPED_KEY_LEN_RANGE')
})

test.each([200, 20_000])('a private key whose exponent has %i bytes is none', async (bytes) => {
  const info = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ format: 'der', type: 'pkcs8' })
  const members = membersOf(info)
  const head = [members.whole(tags.INTEGER), members.whole(tags.SEQUENCE)]
  const numbers = membersOf(members.take(tags.OCTET_STRING))
  const [version, modulus, , ...others] = Array.from({ length: 9 }, () => numbers.whole(tags.INTEGER))
  const exponent = element(tags.INTEGER, Buffer.alloc(bytes, 0x7f))
  const long = sequence(...head, octets(sequence(version ?? none, modulus ?? none, exponent, ...others)))
  // OpenSSL reads it, and would compute with it.
  expect(createPrivateKey({ key: long, format: 'der', type: 'pkcs8' }).asymmetricKeyType).toBe('rsa')
  const importer = await unit.aes({ CKA_UNWRAP: true })
  const { ciphered } = await unit.call('EncryptSingle', { mechanism: pad, key: importer, plain: long })
  const asked = unwrapping(pad, ciphered, { CKA_KEY_TYPE: 0n, CKA_CLASS: 3n }, importer)
  expect(await unit.refusal('UnwrapKey', asked)).toBe('CKR_WRAPPED_KEY_INVALID')
})

test.each([
  ['a DSA key with a P longer than any', 1n, longDsaKey({ p: 5400 })],
  ['a DSA key with an X longer than Q', 1n, longDsaKey({ x: 1000 })],
  ['a DH key with an X longer than P', 2n, longDhKey({ x: 1000 })],
] as const)('%s, which OpenSSL would compute with at length, does not come in', async (_, keyType, info) => {
  const importer = await unit.aes({ CKA_UNWRAP: true, CKA_ENCRYPT: true })
  const { ciphered } = await unit.call('EncryptSingle', { mechanism: pad, key: importer, plain: info })
  const asked = unwrapping(pad, ciphered, { CKA_KEY_TYPE: keyType, CKA_CLASS: 3n }, importer)
  expect(await unit.refusal('UnwrapKey', asked)).toBe('CKR_WRAPPED_KEY_INVALID')
})

test('a public key from elsewhere becomes an object that encrypts and wraps', async () => {
  const outside = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const spki = outside.publicKey.export({ format: 'der', type: 'spki' })
  const mechanism = use('CKM_IBM_TRANSPORTKEY')
  const attributes = { CKA_KEY_TYPE: 0n, CKA_CLASS: 2n, CKA_WRAP: true, CKA_ENCRYPT: true }
  const came = await unit.call('UnwrapKey', unwrapping(mechanism, spki, attributes))
  expect(came.checkSum).toEqual(Buffer.concat([spki, Buffer.from('00000800', 'hex')]))
  expect(came.key.subarray(0, spki.length)).toEqual(spki)
  await wrapped(use('CKM_RSA_PKCS'), key, came.key)
  const again = await unit.call('UnwrapKey', unwrapping(mechanism, came.key, attributes))
  expect(again.key).toEqual(came.key)
  expect(await unit.refusal('UnwrapKey', unwrapping(mechanism, spki, attributes, none))).toBe(
    'CKR_UNWRAPPING_KEY_HANDLE_INVALID',
  )
  expect(await unit.refusal('UnwrapKey', unwrapping(mechanism, spki.subarray(1), attributes))).toBe(
    'CKR_WRAPPED_KEY_INVALID',
  )
  const other = { ...attributes, CKA_KEY_TYPE: 3n }
  expect(await unit.refusal('UnwrapKey', unwrapping(mechanism, spki, other))).toBe('CKR_TEMPLATE_INCONSISTENT')
})

test('a public key from elsewhere is never a bound one', async () => {
  const outside = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const spki = outside.publicKey.export({ format: 'der', type: 'spki' })
  const mechanism = use('CKM_IBM_TRANSPORTKEY')
  const wrapping = { CKA_KEY_TYPE: 0n, CKA_CLASS: 2n, CKA_WRAP: true }
  const asked = (isBound: boolean) => unwrapping(mechanism, spki, { ...wrapping, CKA_IBM_ATTRBOUND: isBound })
  expect(await unit.refusal('UnwrapKey', asked(true))).toBe('CKR_TEMPLATE_INCONSISTENT')
  expect(await unit.refusal('UnwrapKey', asked(false))).toBe('CKR_OK')
})

test('bound keys take their attributes with them, whatever the template asks', async () => {
  const yes = { CKA_IBM_ATTRBOUND: true }
  const mac = await unit.secret('CKM_GENERIC_SECRET_KEY_GEN', { CKA_VALUE_LEN: 32n, ...yes })
  const pair = await unit.rsa({ CKA_WRAP: true, ...yes }, { CKA_UNWRAP: true, ...yes })
  const secretKek = await unit.aes({ CKA_WRAP: true, CKA_UNWRAP: true, ...yes })
  const leaving = await unit.aes({ CKA_EXTRACTABLE: true, CKA_DERIVE: true, CKA_MODIFIABLE: false, ...yes })
  const signing = await unit.ec('P-256', {}, { CKA_EXTRACTABLE: true, ...yes })
  for (const [wrapping, from] of [
    [pair.publicKey, pair.privateKey],
    [secretKek, secretKek],
  ] as const) {
    const { wrapped: package_ } = await wrapped(bound, leaving, wrapping, mac)
    const came = await unit.call(
      'UnwrapKey',
      unwrapping(bound, package_, { ...aesTemplate, CKA_WRAP: true }, from, mac),
    )
    await expectSame(leaving, came.key)
    expect(came.key.readUInt32BE(52)).toBe(leaving.readUInt32BE(52) & ~attributeBits.LOCAL)
    const elsewhere = await unit.secret('CKM_GENERIC_SECRET_KEY_GEN', { CKA_VALUE_LEN: 32n, ...yes })
    for (const [asked, expected] of [
      [unwrapping(bound, package_, aesTemplate, from, elsewhere), 'CKR_WRAPPED_KEY_INVALID'],
      [unwrapping(bound, package_, aesTemplate, from, none), 'CKR_KEY_HANDLE_INVALID'],
      [unwrapping(bound, package_, aesTemplate, kek, mac), 'CKR_KEY_FUNCTION_NOT_PERMITTED'],
      [unwrapping(bound, package_, { CKA_KEY_TYPE: 0x15n }, from, mac), 'CKR_TEMPLATE_INCONSISTENT'],
    ] as const) {
      expect(await unit.refusal('UnwrapKey', asked)).toBe(expected)
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(package_.length * 8 - 1), async (bit) => {
        const changed = Buffer.from(package_)
        changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (0x80 >> (bit & 7)), bit >> 3)
        const asked = unwrapping(bound, changed, aesTemplate, from, mac)
        expect(await unit.refusal('UnwrapKey', asked)).toBe('CKR_WRAPPED_KEY_INVALID')
      }),
    )
    const privately = await wrapped(bound, signing.privateKey, wrapping, mac)
    const asked = unwrapping(bound, privately.wrapped, { CKA_KEY_TYPE: 3n, CKA_CLASS: 3n }, from, mac)
    const signer = await unit.call('UnwrapKey', asked)
    expect(signer.checkSum.subarray(0, -4)).toEqual(signing.publicKey.subarray(0, -116))
  }
})

test('bound and unbound keys do not mix', async () => {
  const yes = { CKA_IBM_ATTRBOUND: true }
  const mac = await unit.secret('CKM_GENERIC_SECRET_KEY_GEN', { CKA_VALUE_LEN: 32n, ...yes })
  const unboundMac = await unit.secret('CKM_GENERIC_SECRET_KEY_GEN', { CKA_VALUE_LEN: 32n })
  const boundKek = await unit.aes({ CKA_WRAP: true, CKA_UNWRAP: true, ...yes })
  const leaving = await unit.aes({ CKA_EXTRACTABLE: true, ...yes })
  expect(await wrapRefusal(pad, leaving)).toBe('CKR_KEY_NOT_WRAPPABLE')
  expect(await wrapRefusal(bound, key, boundKek, mac)).toBe('CKR_KEY_NOT_WRAPPABLE')
  expect(await wrapRefusal(bound, leaving, kek, mac)).toBe('CKR_KEY_FUNCTION_NOT_PERMITTED')
  expect(await wrapRefusal(bound, leaving, boundKek, unboundMac)).toBe('CKR_KEY_FUNCTION_NOT_PERMITTED')
  const { wrapped: package_ } = await wrapped(pad, key)
  const asked = unwrapping(pad, package_, { ...aesTemplate, ...yes })
  expect(await unit.refusal('UnwrapKey', asked)).toBe('CKR_KEY_FUNCTION_NOT_PERMITTED')
  for (const length of [0, 1, 60, 100]) {
    const short = unwrapping(bound, randomBytes(length), aesTemplate, boundKek, mac)
    expect(await unit.refusal('UnwrapKey', short)).toBe('CKR_WRAPPED_KEY_INVALID')
  }
})

test('whoever may sign by a MAC key makes no package with it', async () => {
  const yes = { CKA_IBM_ATTRBOUND: true }
  const mac = await unit.secret('CKM_GENERIC_SECRET_KEY_GEN', { CKA_VALUE_LEN: 32n, ...yes })
  const boundKek = await unit.aes({ CKA_WRAP: true, CKA_UNWRAP: true, ...yes })
  const leaving = await unit.aes({ CKA_EXTRACTABLE: true, ...yes })
  const { wrapped: package_ } = await wrapped(bound, leaving, boundKek, mac)
  const signed = package_.subarray(0, -32)
  const mechanism = use('CKM_SHA256_HMAC')
  for (const label of ['keywitness/ep11/attribute-bound/1', 'keywitness/ep11/attribute-bound/1/mac', '']) {
    const data = Buffer.concat([Buffer.from(label), signed])
    const { signature } = await unit.call('SignSingle', { mechanism, key: mac, data })
    const forged = unwrapping(bound, Buffer.concat([signed, signature]), aesTemplate, boundKek, mac)
    expect(await unit.refusal('UnwrapKey', forged)).toBe('CKR_WRAPPED_KEY_INVALID')
  }
  expect(await unit.refusal('UnwrapKey', unwrapping(bound, package_, aesTemplate, boundKek, mac))).toBe('CKR_OK')
})

test('events of bound keys name the MAC key', async () => {
  const yes = { CKA_IBM_ATTRBOUND: true }
  const mac = await unit.secret('CKM_GENERIC_SECRET_KEY_GEN', { CKA_VALUE_LEN: 32n, ...yes })
  const boundKek = await unit.aes({ CKA_WRAP: true, CKA_UNWRAP: true, ...yes })
  const leaving = await unit.aes({ CKA_EXTRACTABLE: true, ...yes })
  const wrap = await unit.outcome('WrapKey', { mechanism: bound, key: leaving, kek: boundKek, macKey: mac })
  const [keyFingerprint, kekFingerprint, macKeyFingerprint] = [leaving, boundKek, mac].map(fingerprintOf)
  expect(wrap.facts.request).toMatchObject({ keyFingerprint, kekFingerprint, macKeyFingerprint })
  if ('refusal' in wrap) throw new Error(wrap.refusal.message)
  const unwrap = await unit.outcome('UnwrapKey', unwrapping(bound, wrap.answer.wrapped, aesTemplate, boundKek, mac))
  expect(unwrap.facts.request).toMatchObject({ kekFingerprint, macKeyFingerprint })
  expect(unwrap.facts.request).not.toHaveProperty('keyFingerprint')
})
