/** A tracker's store that is gone, old or in the way: nothing of the trail is lost without a word. */
import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { Client, covered, newDataFolder, StartFailed, startProduct, verifiedLog } from '../src/index.ts'

const folders: string[] = []
const folder = (): string => {
  const made = newDataFolder()
  folders.push(made)
  return made
}
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true })
})

const stores = ['trackers', 'checkpoints'] as const

/** A product that has a trail; answers what it answered with events. */
async function recorded(data: string, keys: readonly string[]): Promise<string[]> {
  const product = await startProduct({ data })
  const client = await new Client(product).signIn()
  const ids: string[] = []
  for (const key of keys) {
    await client.createKey(key)
    ids.push((await client.call('GET', '/api/v2/keys')).eventId ?? '')
  }
  await covered(client, product.location)
  await product.stop()
  return ids
}

test('a log that is gone with its signed heads stops the start instead of beginning anew in silence', async () => {
  const data = folder()
  await recorded(data, ['first'])
  for (const name of stores) rmSync(join(data, name), { recursive: true })
  const failed = await startProduct({ data }).catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(StartFailed)
  expect((failed as StartFailed).code).toBe(74)
  expect((failed as StartFailed).output).toContain('there is no tracker')
})

test('a log restored from an older copy gets once more what the outbox still has', async () => {
  const data = folder()
  const copy = folder()
  await recorded(data, ['first'])
  for (const name of stores) cpSync(join(data, name), join(copy, name), { recursive: true })
  const later = await recorded(data, ['second', 'third'])
  for (const name of stores) {
    rmSync(join(data, name), { recursive: true })
    cpSync(join(copy, name), join(data, name), { recursive: true })
  }
  const product = await startProduct({ data })
  const client = await new Client(product).signIn()
  await covered(client, product.location)
  const log = await verifiedLog(client, product.location)
  const ids = new Set(log.map(({ event }) => event.id))
  expect(later.filter((id) => !ids.has(id))).toEqual([])
  expect(log.map(({ sequence }) => sequence)).toEqual(log.map((_, at) => at + 1))
  expect(await client.call('GET', '/readyz')).toMatchObject({ status: 200 })
  await product.stop()
})

test('a tracker whose files cannot be made is answered as its event says, and readiness tells why', async () => {
  const product = await startProduct({ data: folder() })
  const client = await new Client(product).signIn()
  const [account = ''] = readdirSync(join(product.data, 'trackers'))
  writeFileSync(join(product.data, 'trackers', account, 'eu-de'), 'in the way')
  const reply = await client.call('POST', '/v1/trackers', { body: { location: 'eu-de' } })
  const event = await client.event(reply.eventId)
  expect([reply.status, event.outcome, event.reason.reasonCode]).toEqual([201, 'success', 201])
  expect(await client.call('GET', '/readyz')).toMatchObject({ status: 503 })
  await product.stop()
})
