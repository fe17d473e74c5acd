/** EP11 keystores in a whole product through a master key rotation: what a key encrypted before it, the key opens after it. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Grep11Client, type Message } from '../../server/src/ep11/testing/grep11-client.ts'
import { ceremonyAdministrators, Client, newDataFolder, type Product, startProduct, TkeCommands } from '../src/index.ts'
import { bringAll, rotationAt } from '../src/rotation-keys.ts'

const data = newDataFolder()
const CKM_AES_KEY_GEN = 0x1080
const CKM_AES_CBC_PAD = 0x1085
const CKA_VALUE_LEN = 0x161
const parameter = randomBytes(16)
const mechanism = { Mechanism: CKM_AES_CBC_PAD, ParameterB: parameter }

let product: Product
let client: Client
let ep11: Grep11Client

beforeAll(async () => {
  product = await startProduct({ data })
  client = await new Client(product).signIn()
  ep11 = new Grep11Client('c', {
    port: Number(product.ep11.split(':').at(-1)),
    ca: readFileSync(join(data, 'tls', 'ca.pem')),
    metadata: { authorization: `Bearer ${client.token}` },
  })
}, 60_000)
afterAll(async () => {
  ep11.close()
  await product.stop()
  product.remove()
})

const blobOf = (answer: Message): Buffer => (answer['Key'] as { KeyBlobs: Buffer[] }).KeyBlobs[0] as Buffer
const inKey = (blob: Buffer): Message => ({ Key: { KeyBlobs: [blob] }, Mech: mechanism })

test('keys of a keystore are wrapped anew, and the old blobs are of no use once the new master key is active', async () => {
  const base = `/v1/keystores/${product.instance}`
  const { id } = (await client.call<{ id: string }>('POST', base, { body: { type: 'private' } })).json
  const template = { [CKA_VALUE_LEN]: { AttributeI: 32 } }
  const old = blobOf(await ep11.ask('GenerateKey', { Mech: { Mechanism: CKM_AES_KEY_GEN }, Template: template }))
  const body = { object: old.toString('base64'), attributes: { CKA_LABEL: { text: 'kept' } } }
  const stored = await client.call<{ id: string; version: number }>('POST', `${base}/${id}/keys`, { body })
  expect(stored.status).toBe(201)
  const plain = Buffer.from('said before the rotation')
  const { Ciphered } = await ep11.ask('EncryptSingle', { ...inKey(old), Plain: plain })

  const tke = new TkeCommands(client, product.instance, ceremonyAdministrators(data, product.instance))
  const pattern = await bringAll(tke, [randomBytes(32), randomBytes(32)])
  const started = await tke.rotation('PUT')
  expect([started.status, started.json.total]).toEqual([200, '1'])
  await rotationAt(tke, 'rewrapped')
  for (const unit of await tke.units()) expect((await tke.activate(unit, pattern)).code).toBe('0/0')

  const read = await client.call<{ object: string; version: number; label: string }>(
    'GET',
    `${base}/${id}/keys/${stored.json.id}`,
  )
  const now = Buffer.from(read.json.object, 'base64')
  expect(read.json).toMatchObject({ version: 0, label: 'kept' })
  expect([now.length, now.equals(old)]).toEqual([old.length, false])
  const opened = await ep11.ask('DecryptSingle', { ...inKey(now), Ciphered })
  expect((opened['Plain'] as Buffer).toString()).toBe(plain.toString())
  expect((await ep11.fails('DecryptSingle', { ...inKey(old), Ciphered })).details).toContain('CKR_IBM_WKID_MISMATCH')
  const refused = await client.call<{ code: string }>('POST', `${base}/${id}/keys`, { body })
  expect([refused.status, refused.json.code]).toEqual([409, 'KEYSTORE_OTHER_MASTER_KEY'])
}, 120_000)
