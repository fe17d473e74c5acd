/** First starts that were cut short: the next start finishes them. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, expect, test } from 'vitest'
import { Client, newDataFolder, StartFailed, startProduct } from '../src/index.ts'

const folders: string[] = []
const folder = (): string => {
  const made = newDataFolder()
  folders.push(made)
  return made
}
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true })
})

test('a first start that ended before its seal was written does not lock the data folder for ever', async () => {
  const data = folder()
  const cut = startProduct({ data, env: { KEYWITNESS_SEAL: join(data, 'no-such-folder', 'seal.key') } })
  const failed = await cut.catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(StartFailed)
  expect((failed as StartFailed).code).toBe(78)
  expect((failed as StartFailed).output).toContain('no-such-folder')
  const product = await startProduct({ data })
  await (await new Client(product).signIn()).createKey('after all')
  await product.stop()
})

test('an instance whose ceremony was cut short by a crash works after the next start', async () => {
  const data = folder()
  const born = await startProduct({ data })
  const owner = await new Client(born).signIn()
  const reader = new DatabaseSync(join(data, 'server.db'), { readOnly: true })
  const units = (): number =>
    (reader.prepare('SELECT count(*) AS count FROM unit_states').get() as { count: number }).count
  const before = units()
  const creating = owner
    .call('POST', '/v1/instances', { body: { name: 'second', location: 'us-south' } })
    .catch(() => {})
  while (units() === before) await new Promise((resolve) => setTimeout(resolve, 1))
  await born.kill()
  await creating
  const { guid } = reader.prepare("SELECT guid FROM instances WHERE name = 'second'").get() as { guid: string }
  const { id } = reader.prepare("SELECT id FROM identities WHERE name = 'owner'").get() as { id: string }
  reader.close()

  const product = await startProduct({ data })
  const client = await new Client({ ...product, instance: guid }).signIn()
  const scope = { kind: 'instance', id: guid }
  const granted = await client.call('POST', '/v1/iam/roles', { body: { identity: id, role: 'Manager', scope } })
  expect(granted.status).toBe(201)
  await client.createKey('in the second instance')
  await product.stop()
})
