/** Login sessions bind keys to who knows the PIN: the same PIN opens them again, and nothing else does. */
import { expect, test } from 'vitest'
import type { AttributeValue } from '../calls.ts'
import { Ep11Unit, none, use } from '../testing/ep11-unit.ts'

const OTHER = '3b2c7d6e-0a51-4c7e-9a52-6b1f0d6a1f8a'
const unit = new Ep11Unit()
const mechanism = use('CKM_AES_CBC_PAD', Buffer.alloc(16))
const plain = Buffer.from('plain')
unit.addInstance(OTHER)

async function login(storeId = 'store', pin = '12345678'): Promise<Buffer> {
  return (await unit.call('Login', { storeId: Buffer.from(storeId), pin: Buffer.from(pin) })).pinBlob
}

/** Runs with a session, and without one afterwards. */
async function within<Result>(session: Buffer | undefined, run: () => Promise<Result>): Promise<Result> {
  unit.session = session
  try {
    return await run()
  } finally {
    unit.session = undefined
  }
}

function encryption(key: Buffer) {
  return unit.refusal('EncryptSingle', { mechanism, key, plain })
}

test('a key that was made in a session works in it, and after the next login with the same PIN, and nowhere else', async () => {
  const session = await login()
  const key = await within(session, () => unit.aes({ CKA_EXTRACTABLE: true }))
  expect(key.subarray(0, 32)).toEqual(session.subarray(0, 32))
  expect(key[0]).not.toBe(0x30)
  expect(await within(session, () => encryption(key))).toBe('CKR_OK')
  const again = await login()
  expect(again.equals(session)).toBe(false)
  expect(await within(again, () => encryption(key))).toBe('CKR_OK')
  expect(await encryption(key)).toBe('CKR_SESSION_CLOSED')
  for (const other of [await login('store', '12345679'), await login('other store')]) {
    expect(await within(other, () => encryption(key))).toBe('CKR_SESSION_CLOSED')
  }
  const free = await unit.aes()
  expect(await within(session, () => encryption(free))).toBe('CKR_OK')
})

test('whatever is made of such a key or with it in a session is bound too', async () => {
  const session = await login()
  const kek = await unit.aes({ CKA_WRAP: true, CKA_UNWRAP: true })
  const made = await within(session, async () => {
    const key = await unit.aes({ CKA_EXTRACTABLE: true })
    const { privateKey } = await unit.ec('P-256')
    const { object } = await unit.call('SetAttributeValue', { object: key, attributes: new Map([[0x108, false]]) })
    const { wrapped } = await unit.call('WrapKey', { mechanism, key, kek, macKey: none })
    const template = new Map([[0x100, 0x1fn]])
    const unwrapped = await unit.call('UnwrapKey', { mechanism, wrapped, kek, macKey: none, template })
    return [key, privateKey, object, unwrapped.key]
  })
  for (const object of made) {
    expect(await unit.refusal('GetAttributeValue', { object, attributes: [0] })).toBe('CKR_SESSION_CLOSED')
  }
  // A change outside of the session must not set it free either.
  const [key = none] = made
  expect(await unit.refusal('SetAttributeValue', { object: key, attributes: new Map() })).toBe('CKR_SESSION_CLOSED')
})

test("the public half of a pair is bound as the private one is; the SPKI that it begins with is everybody's", async () => {
  const session = await login()
  const data = Buffer.from('data')
  const { privateKey, publicKey } = await within(session, () => unit.ec('P-256'))
  const signing = { mechanism: use('CKM_ECDSA_SHA256'), key: privateKey, data }
  const { signature } = await within(session, () => unit.call('SignSingle', signing))
  const verification = (key: Buffer) =>
    unit.refusal('VerifySingle', { mechanism: use('CKM_ECDSA_SHA256'), key, data, signature })
  const { object } = await within(session, () =>
    unit.call('SetAttributeValue', { object: publicKey, attributes: new Map([[0x10c, true]]) }),
  )
  for (const bound of [publicKey, object]) {
    expect(bound.includes(session.subarray(0, 32))).toBe(true)
    expect(await verification(bound)).toBe('CKR_SESSION_CLOSED')
    expect(await within(await login('store', '12345679'), () => verification(bound))).toBe('CKR_SESSION_CLOSED')
    expect(await within(await login(), () => verification(bound))).toBe('CKR_OK')
    expect(await unit.refusal('GetAttributeValue', { object: bound, attributes: [0] })).toBe('CKR_SESSION_CLOSED')
  }
  const { publicKey: free } = await unit.ec('P-256')
  const spki = publicKey.subarray(0, free.length - 116)
  expect(await verification(spki)).toBe('CKR_OK')
})

test('a public key that comes into a session from elsewhere is bound to it', async () => {
  const session = await login()
  const kek = await unit.aes()
  const { publicKey: outside } = await unit.rsa()
  const spki = outside.subarray(0, -116)
  const transport = { mechanism: use('CKM_IBM_TRANSPORTKEY'), wrapped: spki, kek, macKey: none }
  const template = new Map<number, AttributeValue>([
    [0x100, 0n],
    [0x104, true],
  ])
  const { key } = await within(session, () => unit.call('UnwrapKey', { ...transport, template }))
  const encrypted = () => unit.refusal('EncryptSingle', { mechanism: use('CKM_RSA_PKCS'), key, plain })
  expect(await encrypted()).toBe('CKR_SESSION_CLOSED')
  expect(await within(session, encrypted)).toBe('CKR_OK')
})

test('an operation that was begun with a public key goes on without its session', async () => {
  const session = await login()
  const { publicKey } = await within(session, () => unit.rsa())
  const beginning = { mechanism: use('CKM_RSA_PKCS'), key: publicKey }
  expect(await unit.refusal('EncryptInit', beginning)).toBe('CKR_SESSION_CLOSED')
  const { state } = await within(session, () => unit.call('EncryptInit', beginning))
  expect(state.subarray(0, 32)).toEqual(Buffer.alloc(32))
  expect(await unit.refusal('Encrypt', { state, plain })).toBe('CKR_OK')
})

test('an operation needs the session of its key at each step', async () => {
  const session = await login()
  const key = await within(session, () => unit.aes())
  const { state } = await within(session, () => unit.call('EncryptInit', { mechanism, key }))
  expect(await unit.refusal('Encrypt', { state, plain })).toBe('CKR_SESSION_CLOSED')
  expect(await within(session, () => unit.refusal('Encrypt', { state, plain }))).toBe('CKR_OK')
})

test('a session that was logged out of is closed; the next login opens another', async () => {
  const session = await login()
  const key = await within(session, () => unit.aes())
  expect(await within(session, () => unit.refusal('Logout', {}))).toBe('CKR_OK')
  expect(await within(session, () => encryption(key))).toBe('CKR_SESSION_CLOSED')
  expect(await within(session, () => unit.refusal('GenerateRandom', { length: 1 }))).toBe('CKR_SESSION_CLOSED')
  expect(await within(await login(), () => encryption(key))).toBe('CKR_OK')
  expect(await unit.refusal('Logout', {})).toBe('CKR_OK')
})

test('what is no session of the instance is refused, with any bit flipped too', async () => {
  const session = await login()
  const refused = (shown: Buffer) => within(shown, () => unit.refusal('GetMechanismList', {}))
  for (let bit = 0; bit < session.length * 8; bit++) {
    const changed = Buffer.from(session)
    changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (0x80 >> (bit & 7)), bit >> 3)
    const isWkid = bit >= 32 * 8 && bit < 48 * 8
    expect([bit, await refused(changed)]).toEqual([
      bit,
      isWkid ? 'CKR_IBM_WKID_MISMATCH' : 'CKR_SESSION_HANDLE_INVALID',
    ])
  }
  expect(await refused(await unit.aes())).toBe('CKR_SESSION_HANDLE_INVALID')
  expect(await refused(Buffer.from('any'))).toBe('CKR_SESSION_HANDLE_INVALID')
  unit.instance = OTHER
  expect(await refused(session)).toBe('CKR_SESSION_HANDLE_INVALID')
  const elsewhere = await login()
  unit.instance = new Ep11Unit().instance
  expect(elsewhere.subarray(0, 32).equals(session.subarray(0, 32))).toBe(false)
})

test('PINs and store ids have lengths; events tell the store, never the PIN', async () => {
  const refused = (storeId: Buffer, pin: Buffer) => unit.refusal('Login', { storeId, pin })
  expect(await refused(Buffer.from('store'), Buffer.from('12345'))).toBe('CKR_PIN_LEN_RANGE')
  expect(await refused(Buffer.from('store'), Buffer.alloc(65))).toBe('CKR_PIN_LEN_RANGE')
  expect(await refused(none, Buffer.from('123456'))).toBe('CKR_ARGUMENTS_BAD')
  expect(await refused(Buffer.alloc(65), Buffer.from('123456'))).toBe('CKR_ARGUMENTS_BAD')
  const outcome = await unit.outcome('Login', { storeId: Buffer.from('store'), pin: Buffer.from('a-pin-of-ours') })
  expect(outcome.facts).toEqual({ request: { storeId: Buffer.from('store').toString('hex') }, response: {} })
})
