/** What KMIP clients destroy leaves nothing: its wrapped material is found nowhere in the data folder, byte for byte. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { attribute, uid, uidOf } from '@keywitness/server/kmip/testing/messages'
import { bytes, enumeration, integer, structure } from '@keywitness/server/kmip/ttlv/item'
import { tags } from '@keywitness/server/kmip/ttlv/tags'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { filesHolding } from '../src/files-holding.ts'
import {
  Client,
  connectKmip,
  type KmipConnection,
  kmipPlace,
  type KmipSite,
  newDataFolder,
  newKmipSite,
  type Product,
  startProduct,
} from '../src/index.ts'

let product: Product
let client: Client
let site: KmipSite
let connection: KmipConnection
const data = newDataFolder()
/** Material in the clear, which must never be in a file. */
const plain: Buffer[] = []

beforeAll(async () => {
  await start()
  site = await newKmipSite(client, 'storage')
  connection = await connectKmip(kmipPlace(product), site.identity)
})
afterAll(async () => {
  connection.socket.destroy()
  await product.stop()
  product.remove()
})

async function start(): Promise<void> {
  product = await startProduct({ data })
  client = await new Client(product).signIn()
}

/** Secret data of many sizes, so that some lie on pages of their own. */
async function register(at: number): Promise<string> {
  const material = randomBytes(16 + ((at * 1_777) % 16_000))
  plain.push(material)
  const block = structure(tags.KeyBlock, [
    enumeration(tags.KeyFormatType, 2),
    structure(tags.KeyValue, [bytes(tags.KeyMaterial, material)]),
  ])
  const template = structure(tags.TemplateAttribute, [attribute('Cryptographic Usage Mask', integer(0, 0))])
  const secret = structure(tags.SecretData, [enumeration(tags.SecretDataType, 1), block])
  return uidOf(await connection.ask('Register', [enumeration(tags.ObjectType, 7), template, secret]))
}

/** Sealed material of objects, as it lies in the store. */
function blobsOf(ids: readonly string[]): Buffer[] {
  const store = new DatabaseSync(join(data, 'server.db'), { readOnly: true })
  try {
    const find = store.prepare('SELECT blob FROM kmip_objects WHERE id = ?')
    return ids.map((id) => Buffer.from((find.get(id) as { blob: Uint8Array }).blob))
  } finally {
    store.close()
  }
}

/** Files of the data folder that hold a part of any of these, by name. */
function filesWith(secrets: readonly Buffer[]): string[] {
  // A torn copy counts too.
  const parts = secrets.flatMap((secret) =>
    Array.from({ length: Math.min(8, Math.floor(secret.length / 16)) }, (_, at) =>
      secret.subarray(16 * at, 16 * at + 16),
    ),
  )
  return filesHolding(data, (content) => parts.some((part) => content.includes(part)))
}

/** The timers clean up within moments: nobody waits for it. */
async function filesLeft(secrets: readonly Buffer[]): Promise<string[]> {
  const deadline = performance.now() + 10_000
  for (;;) {
    const files = filesWith(secrets)
    if (files.length === 0 || performance.now() > deadline) return files
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** By its client, or by an administrator: what either answers when it is done. */
async function destroy(id: string, by: 'client' | 'administrator'): Promise<unknown> {
  if (by === 'client') return await connection.ask('Destroy', [uid(id)]).then(() => 204)
  return (await client.call('DELETE', `/api/v2/kmip_adapters/${site.adapter.id}/kmip_objects/${id}`)).status
}

test('before Destroy, or a deletion by the API, the search finds the material, and soon after it nowhere', async () => {
  const ids: string[] = []
  for (let at = 0; at < 24; at++) ids.push(await register(at))
  const kept = ids.filter((_, at) => at % 3 === 2)
  const purged = ids.filter((_, at) => at % 3 !== 2)
  const blobs = blobsOf(purged)
  expect(blobs).toHaveLength(16)
  expect(filesWith(blobs).length).toBeGreaterThan(0)
  for (const [at, id] of purged.entries()) {
    expect(await destroy(id, at % 2 === 0 ? 'client' : 'administrator')).toBe(204)
  }
  expect(await filesLeft(blobs)).toEqual([])
  expect(filesWith(blobsOf(kept)).length).toBeGreaterThan(0)
  for (const id of kept) expect(await connection.ask('Get', [uid(id)])).toHaveLength(3)
  expect(filesWith(plain)).toEqual([])
})

test('what was destroyed just before a kill -9 is gone after the next start', async () => {
  const id = await register(5)
  const blobs = blobsOf([id])
  await destroy(id, 'client')
  await product.kill()
  await start()
  connection = await connectKmip(kmipPlace(product), site.identity)
  expect(await filesLeft(blobs)).toEqual([])
  expect(await connection.refused('Get', [uid(id)])).toBe('ItemNotFound')
  expect(filesWith(plain)).toEqual([])
})
