/** Changing the key of a log in a running product: announced, overlapping, alone, through restarts, with nothing unproved. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keyAnnouncementIn } from '@keywitness/cadf'
import { openCheckpoint, openKeyChange, parseVerifierKey, verifyReceipt } from '@keywitness/tlog'
import { fsck } from '@keywitness/tracker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client, newDataFolder, type Product, startProduct } from '../src/index.ts'

interface ListedKey {
  readonly key: string
  readonly id: string
  readonly state: string
  readonly announced: number | null
}

let product: Product
let client: Client
beforeAll(async () => {
  product = await startProduct({ data: newDataFolder() })
  client = await new Client(product).signIn()
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

const log = (): string => `/v1/trackers/${product.location}/log`

/** The folder of the product's one tracker below a folder of its data. */
function place(folder: string): string {
  const path = join(product.data, folder)
  const [account = ''] = readdirSync(path)
  return join(path, account, product.location)
}

async function keys(): Promise<ListedKey[]> {
  return (await client.call<{ keys: ListedKey[] }>('GET', `${log()}/keys`)).json.keys
}

/** Lets the log grow until its keys are so. */
async function until(isSo: (keys: readonly ListedKey[]) => boolean): Promise<readonly ListedKey[]> {
  for (let tries = 0; tries < 100; tries++) {
    const listed = await keys()
    if (isSo(listed)) return listed
    const { eventId } = await client.call('GET', '/api/v2/keys')
    await client.receipt(eventId ?? '')
  }
  throw new Error(`the keys are ${JSON.stringify(await keys())}`)
}

const current = (listed: readonly ListedKey[]): string | undefined =>
  listed.find(({ state }) => state === 'current')?.key

test('the key is announced, signs beside the old one, and who trusts the old one learns it by proof', async () => {
  const [first] = await keys()
  const asked = await client.call<{ key: string }>('POST', `${log()}/keys`, { body: { overlapSeconds: 3_600 } })
  expect(asked.status).toBe(202)
  const listed = await until((found) => current(found) === asked.json.key)
  expect(listed.map(({ state }) => state)).toEqual(['retiring', 'current'])
  const event = await client.event(asked.eventId)
  expect(event).toMatchObject({
    action: 'activity-tracker.log-key.rotate',
    severity: 'critical',
    requestData: { overlapSeconds: 3_600 },
    responseData: { newKey: asked.json.key, previousKey: first?.key },
  })
  expect((await client.call('GET', `${log()}/key`)).text).toBe(`${asked.json.key}\n`)

  const { eventId } = await client.call('GET', '/api/v2/keys')
  await client.receipt(eventId ?? '')
  const note = (await client.call('GET', `${log()}/checkpoint`)).text
  const verifiers = listed.map(({ key }) => parseVerifierKey(key))
  expect((await openCheckpoint(note, verifiers)).verified).toHaveLength(2)

  const announced = await client.call('GET', `${log()}/keys/${listed[1]?.id}/announcement`)
  expect(announced.status).toBe(200)
  const trusted = [parseVerifierKey(first?.key ?? '')]
  const { entry, index } = await verifyReceipt(announced.text, trusted)
  const said = keyAnnouncementIn(entry)
  expect(index).toBe(listed[1]?.announced)
  expect((await openKeyChange(said?.key ?? '', said?.voucher ?? '', trusted)).name).toBe(trusted[0]?.name)
})

test('a server that is killed right after the answer has the change all the same', async () => {
  // The kill comes before the event has reached its log, or after; either way it is recorded.
  const other = await startProduct({ data: newDataFolder() })
  const asked = await (await new Client(other).signIn()).call<{ key: string }>('POST', `${log()}/keys`, { body: {} })
  await other.kill()
  const again = await startProduct({ data: other.data })
  const later = await new Client(again).signIn()
  const event = await later.event(asked.eventId)
  expect(event.responseData).toMatchObject({ newKey: asked.json.key })
  const listed = (await later.call<{ keys: ListedKey[] }>('GET', `${log()}/keys`)).json.keys
  expect(current(listed)).toBe(asked.json.key)
  await again.stop()
  again.remove()
})

test('while two keys sign a further change is refused', async () => {
  const refused = await client.call<{ code: string }>('POST', `${log()}/keys`, { body: {} })
  expect(refused).toMatchObject({ status: 409, json: { code: 'LOG_KEY_CHANGING' } })
  expect((await client.event(refused.eventId)).outcome).toBe('failure')
})

test('after the overlap, over a restart, the new key signs alone and the private half of the old one is gone', async () => {
  await product.stop()
  // The hour is over: the trail's threads have no clock of a test's.
  const register = join(place('checkpoints'), 'keys.json')
  writeFileSync(register, readFileSync(register, 'utf8').replace(/"overlapUntil": \d+/, '"overlapUntil": 0'))
  product = await startProduct({ data: product.data })
  client = await new Client(product).signIn()
  await until(([old]) => old?.state === 'retired')
  const listed = await keys()
  const { eventId } = await client.call('GET', '/api/v2/keys')
  const receipt = await client.receipt(eventId ?? '')
  expect((await verifyReceipt(receipt, [parseVerifierKey(listed[1]?.key ?? '')])).verified).toHaveLength(1)
  await expect(verifyReceipt(receipt, [parseVerifierKey(listed[0]?.key ?? '')])).rejects.toThrow(
    'not signed by a known key',
  )
  const files = readdirSync(join(product.data, 'checkpoints'), { recursive: true, encoding: 'utf8' })
  expect(files.filter((name) => name.endsWith('.key'))).toHaveLength(1)
})

test('who may not administer the tracker cannot change its key', async () => {
  const made = await client.call<{ id: string }>('POST', '/v1/iam/service-ids', { body: { name: 'auditor' } })
  const key = await client.call<{ apikey: string }>('POST', '/v1/iam/api-keys', {
    body: { identity: made.json.id, name: 'k' },
  })
  await client.call('POST', '/v1/iam/roles', {
    body: { identity: made.json.id, role: 'Auditor', scope: { kind: 'tracker', id: product.location } },
  })
  const auditor = await new Client({ ...product, apiKey: key.json.apikey }).signIn()
  expect((await auditor.call('GET', `${log()}/keys`)).status).toBe(200)
  expect((await auditor.call('POST', `${log()}/keys`, { body: {} })).status).toBe(401)
})

test('the whole store is sound by the keys it had', async () => {
  await product.stop()
  const report = await fsck({ folder: place('trackers'), keyFolder: place('checkpoints') })
  expect(report).toMatchObject({ good: true, findings: [] })
})
