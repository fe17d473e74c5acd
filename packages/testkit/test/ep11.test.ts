/** EP11 against a real server: clients of all generations with keys of the real crypto units, and what the trail tells. */
import { randomBytes } from 'node:crypto'
import { parseVerifierKey, verifyReceipt } from '@keywitness/tlog'
import {
  detailOf,
  type Generation,
  type Grep11Client,
  type Message,
} from '@keywitness/server/ep11/testing/grep11-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { filesHolding } from '../src/files-holding.ts'
import { Client, connectEp11, type Product, startProduct } from '../src/index.ts'
import { settled } from './second-person.ts'

let product: Product
let client: Client
let calls = 0
const opened: Grep11Client[] = []

beforeAll(async () => {
  product = await startProduct()
  client = await new Client(product).signIn()
})
afterAll(async () => {
  for (const one of opened) one.close()
  await product.stop()
  product.remove()
})

function open(generation: Generation = 'c', options: Parameters<typeof connectEp11>[3] = {}): Grep11Client {
  const made = connectEp11(product, client, generation, options)
  const ends = made.ends.bind(made)
  made.ends = (...call) => {
    calls++
    return ends(...call)
  }
  opened.push(made)
  return made
}

const CKM = { AES_KEY_GEN: 0x1080, AES_CBC_PAD: 0x1085, EC_KEY_PAIR_GEN: 0x1040, ECDSA: 0x1041, SHA256: 0x250 }
const CKA = { VALUE_LEN: 353, ENCRYPT: 260, DECRYPT: 261, EXTRACTABLE: 354, EC_PARAMS: 384, SIGN: 264, VERIFY: 266 }
const CKR = { SIGNATURE_INVALID: 0xc0, SESSION_CLOSED: 0xb0 }

const iv = Buffer.alloc(16, 3)
const encrypting = (generation: Generation): Message =>
  generation === 'a' ? { Mechanism: CKM.AES_CBC_PAD, Parameter: iv } : { Mechanism: CKM.AES_CBC_PAD, ParameterB: iv }
const long = (value: number): Buffer => Buffer.from(value.toString(16).padStart(16, '0'), 'hex')
const aesTemplate = (generation: Generation): Message =>
  generation === 'a'
    ? { [CKA.VALUE_LEN]: long(32), [CKA.ENCRYPT]: Buffer.from([1]), [CKA.DECRYPT]: Buffer.from([1]) }
    : {
        [CKA.VALUE_LEN]: { AttributeI: 32 },
        [CKA.ENCRYPT]: { AttributeTF: true },
        [CKA.DECRYPT]: { AttributeTF: true },
      }

async function aesKey(ep11: Grep11Client, generation: Generation, more: Record<string, Buffer> = {}): Promise<unknown> {
  const request = { Mech: { Mechanism: CKM.AES_KEY_GEN }, Template: aesTemplate(generation) }
  return (await ep11.ask('GenerateKey', request, more))['Key']
}

test.each(['a', 'b', 'c'] as const)(
  'a client of generation %s encrypts in parts and at once, and gets back what it had',
  async (generation) => {
    const ep11 = open(generation)
    const key = await aesKey(ep11, generation)
    const text = randomBytes(100)
    const Mech = encrypting(generation)
    const first = await ep11.ask('EncryptInit', { Mech, Key: key })
    const middle = await ep11.ask('EncryptUpdate', { State: first['State'], Plain: text.subarray(0, 33) })
    const next = await ep11.ask('EncryptUpdate', { State: middle['State'], Plain: text.subarray(33) })
    const last = await ep11.ask('EncryptFinal', { State: next['State'] })
    const parts = [middle, next, last].map((answer) => answer['Ciphered'] as Buffer)
    const { Ciphered } = await ep11.ask('EncryptSingle', { Mech, Key: key, Plain: text })
    expect(Buffer.concat(parts)).toEqual(Ciphered)
    expect((await ep11.ask('DecryptSingle', { Mech, Key: key, Ciphered }))['Plain']).toEqual(text)
  },
)

const P256 = Buffer.from('06082a8648ce3d030107', 'hex')

test('a signature verifies, and one that was altered is refused by its return value', async () => {
  const ep11 = open()
  const pair = await ep11.ask('GenerateKeyPair', {
    Mech: { Mechanism: CKM.EC_KEY_PAIR_GEN },
    PrivKeyTemplate: { [CKA.SIGN]: { AttributeTF: true } },
    PubKeyTemplate: { [CKA.EC_PARAMS]: { AttributeB: P256 }, [CKA.VERIFY]: { AttributeTF: true } },
  })
  const signing = { Mech: { Mechanism: CKM.ECDSA }, Data: randomBytes(32) }
  const { Signature } = await ep11.ask('SignSingle', { ...signing, PrivKey: pair['PrivKey'] })
  await ep11.ask('VerifySingle', { ...signing, PubKey: pair['PubKey'], Signature })
  const altered = Buffer.from(Signature as Buffer)
  altered.writeUInt8(altered.readUInt8(40) ^ 1, 40)
  const error = await ep11.fails('VerifySingle', { ...signing, PubKey: pair['PubKey'], Signature: altered })
  expect(detailOf(error)).toMatchObject({ code: 3, ckr: CKR.SIGNATURE_INVALID, retry: false })
  const unsuited = await ep11.fails('SignSingle', { ...signing, PrivKey: await aesKey(ep11, 'c') })
  expect(unsuited.details).toMatch(/^CKR_/)
})

test('a key of a login is of no use without its session', async () => {
  const ep11 = open()
  const login = { Storeid: randomBytes(16), Pin: Buffer.from('PIN-73-canary') }
  const session = { 'ep11-session-bin': (await ep11.ask('Login', login))['Pinblob'] as Buffer }
  const key = await aesKey(ep11, 'c', session)
  const request = { Mech: encrypting('c'), Key: key, Plain: Buffer.from('x') }
  await ep11.ask('EncryptSingle', request, session)
  expect(detailOf(await ep11.fails('EncryptSingle', request)).ckr).toBe(CKR.SESSION_CLOSED)
})

test('a key of one instance does not open in another of the same account', async () => {
  const key = await aesKey(open(), 'c')
  const body = { name: 'second', location: product.location }
  const { json } = await client.call<{ guid: string }>('POST', '/v1/instances', { body })
  await client.call('POST', '/v1/iam/roles', {
    body: { identity: await ownId(), role: 'Manager', scope: { kind: 'instance', id: json.guid } },
  })
  const other = open('c', { metadata: { 'bluemix-instance': json.guid } })
  await other.ask('GenerateRandom', { Len: 4 })
  const error = await other.fails('EncryptSingle', { Mech: encrypting('c'), Key: key, Plain: Buffer.from('x') })
  expect(error.details).toMatch(/^CKR_IBM_(?:BLOB_ERROR|WKID_MISMATCH): /)
})

async function ownId(): Promise<string> {
  const claims = JSON.parse(Buffer.from(client.token.split('.')[1] ?? '', 'base64url').toString()) as { iam_id: string }
  return claims.iam_id
}

test('a token got as JavaScript clients get it is good, on the private network too', async () => {
  const grant_type = 'urn:ibm:params:oauth:grant-type:apikey'
  const query = new URLSearchParams({ grant_type, apikey: product.apiKey })
  const answer = await fetch(`${product.url}/identity/token?${query}`, { method: 'POST' })
  const { access_token: token } = (await answer.json()) as { access_token: string }
  const inside = open('b', { network: 'private', metadata: { authorization: token } })
  const { Digest } = await inside.ask('DigestSingle', { Mech: { Mechanism: CKM.SHA256 }, Data: Buffer.from('abc') })
  expect((Digest as Buffer).toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test('every call is one event, found by key and proven; what was asked and answered is nowhere', async () => {
  const ep11 = open('c', { metadata: { 'x-correlation-id': 'ep11-proven-1' } })
  const key = await aesKey(ep11, 'c')
  const canary = Buffer.from(`plain-${randomBytes(12).toString('hex')}`)
  const { answer, headers } = await ep11.ends('EncryptSingle', { Mech: encrypting('c'), Key: key, Plain: canary })
  await settled(client)
  const found = await client.events(`query=${encodeURIComponent('action:hs-crypto.ep11.use')}`)
  expect(found).toHaveLength(calls)
  const joined = await client.events(`query=${encodeURIComponent('correlationId:ep11-proven-1')}`)
  expect(joined.map(({ event }) => event.requestData['method'])).toEqual(['GenerateKey', 'EncryptSingle'])
  const [made, used] = joined.map(({ event }) => event)
  expect(used?.id).toBe(headers.get('keywitness-event-id')[0])
  expect(used?.requestData['keyFingerprint']).toBe(made?.responseData['keyFingerprint'])
  const receipt = await verifyReceipt(await client.receipt(used?.id ?? ''), [
    parseVerifierKey((await client.call('GET', `/v1/trackers/${product.location}/log/key`)).text.trim()),
  ])
  expect(JSON.parse(Buffer.from(receipt.entry).toString())).toMatchObject({ event: { id: used?.id } })
  const secrets = [canary, Buffer.from('PIN-73-canary'), answer?.['Ciphered'] as Buffer, Buffer.from(product.apiKey)]
  expect(filesWith(secrets)).toEqual([])
})

/** Files of the data folder in which one of the secrets stands; the API key has one of its own. */
function filesWith(secrets: readonly Buffer[]): string[] {
  const holds = (content: Buffer): boolean =>
    secrets.some((secret) => content.includes(secret) || content.includes(secret.toString('base64')))
  return filesHolding(product.data, holds, ({ name }) => name !== 'api-key')
}

test('while the crypto units are down calls may be made again, and then succeed', async () => {
  const ep11 = open()
  const pid = product.unitPid
  if (pid === undefined) throw new Error('the crypto units do not run')
  process.kill(pid, 'SIGKILL')
  const refused = []
  for (;;) {
    const { error } = await ep11.ends('GenerateRandom', { Len: 4 })
    if (error === undefined && refused.length > 0) break
    if (error !== undefined) refused.push(detailOf(error))
  }
  expect(refused.every((detail) => detail.retry)).toBe(true)
})
