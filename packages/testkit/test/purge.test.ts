/** A purge leaves nothing: the wrapped material of a purged key is found nowhere in the data folder, byte for byte. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { filesHolding } from '../src/files-holding.ts'
import { Client, newDataFolder, type Product, startProduct } from '../src/index.ts'
import { mayPurge } from './drive-life.ts'

/** Magic and the verification pattern of the master key (crypto-unit/src/key-blob.ts). */
const headerBytes = 36

let product: Product
let client: Client
const data = newDataFolder()

beforeAll(async () => {
  await start()
  await mayPurge(product, client)
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

async function start(fault = 'keys:impatient'): Promise<void> {
  product = await startProduct({ data, fault })
  client = await new Client(product).signIn()
}

/** Wrapped material of every version of a key, as it lies in the store. */
function blobsOf(key: string): Buffer[] {
  const store = new DatabaseSync(join(data, 'server.db'), { readOnly: true })
  try {
    const rows = store
      .prepare('SELECT blob FROM key_versions JOIN key_material USING (slot) WHERE key = ?')
      .all(key) as { blob: Uint8Array }[]
    return rows.map(({ blob }) => Buffer.from(blob))
  } finally {
    store.close()
  }
}

/** Files of the data folder that hold a part of any of these, by name. */
function filesWith(blobs: readonly Buffer[]): string[] {
  // A torn copy counts too: every 16 bytes after the header, which all blobs of a master key share.
  const parts = blobs.flatMap((blob) =>
    Array.from({ length: Math.min(8, Math.floor((blob.length - headerBytes) / 16)) }, (_, at) => {
      const from = headerBytes + 16 * at
      return blob.subarray(from, from + 16)
    }).concat([blob.subarray(-16)]),
  )
  return filesHolding(data, (content) => parts.some((part) => content.includes(part)))
}

async function destroy(key: string): Promise<void> {
  expect((await client.call('DELETE', `/api/v2/keys/${key}`)).status).toBe(204)
  expect((await client.call('DELETE', `/api/v2/keys/${key}/purge`)).status).toBe(204)
}

/** Standard keys of many sizes and root keys with several versions, among others that stay. */
async function makeKeys(count: number): Promise<string[]> {
  const keys: string[] = []
  for (let at = 0; at < count; at++) {
    const payload = Buffer.alloc(1 + ((at * 577) % 7_500), at).toString('base64')
    const isStandard = at % 3 === 0
    const key = await client.createKey(`key ${at}`, isStandard ? { extractable: true, payload } : {})
    if (at % 3 === 1) await client.call('POST', `/api/v2/keys/${key}/actions/rotate`, { body: {} })
    keys.push(key)
  }
  return keys
}

test('before a purge the search finds the material, after it nowhere: neither in the store nor in its log', async () => {
  const keys = await makeKeys(30)
  const purged = keys.filter((_, at) => at % 2 === 0)
  const kept = keys.filter((_, at) => at % 2 === 1)
  const gone = purged.flatMap(blobsOf)
  const stays = kept.flatMap(blobsOf)
  expect(gone.length).toBeGreaterThan(purged.length)
  expect(filesWith(gone).length).toBeGreaterThan(0)
  for (const key of purged) await destroy(key)
  expect(filesWith(gone)).toEqual([])
  expect(filesWith(stays).length).toBeGreaterThan(0)
  // The keys beside them are whole.
  for (const key of kept.slice(0, 6)) expect((await client.call('GET', `/api/v2/keys/${key}`)).status).toBe(200)
})

test('a key purged just before a kill -9 is gone after the next start', async () => {
  const key = await client.createKey('killed')
  const gone = blobsOf(key)
  await destroy(key)
  await client.createKey('after it')
  await product.kill()
  await start()
  expect((await client.call('GET', `/api/v2/keys/${key}/metadata`)).status).toBe(404)
  expect(filesWith(gone)).toEqual([])
})

test('what was to be purged while the server was stopped is purged once it runs again, once', async () => {
  const key = await client.createKey('forgotten')
  const gone = blobsOf(key)
  await client.call('DELETE', `/api/v2/keys/${key}`)
  await product.stop()
  await start(`clock:ahead@${91 * 24 * 3_600}`)
  const deadline = performance.now() + 10_000
  while ((await client.call('GET', `/api/v2/keys/${key}/metadata`)).status !== 404) {
    if (performance.now() > deadline) throw new Error('the key was not purged in time')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await product.stop()
  await start(`clock:ahead@${91 * 24 * 3_600}`)
  const events = (await client.events('action=hs-crypto.secrets.purge')).filter(({ event }) =>
    event.target.id.endsWith(key),
  )
  expect(events.map(({ event }) => [event.outcome, event.initiator.id])).toEqual([
    ['success', 'iam-ServiceId-keywitness'],
  ])
  expect(filesWith(gone)).toEqual([])
})
