/** First starts that were cut short: the next start finishes them. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
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

test('a seal that is missing once something was sealed is never replaced', async () => {
  const data = folder()
  await (await startProduct({ data })).stop()
  rmSync(join(data, 'seal.key'))
  const failed = await startProduct({ data }).catch((error: unknown) => error)
  expect((failed as StartFailed).code).toBe(78)
  expect((failed as StartFailed).output).toContain('is missing')
})
