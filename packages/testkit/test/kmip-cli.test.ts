/** KMIP adapters, client certificates and objects on the command line, against a real server: what it takes and refuses. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../cli/src/run.ts'
import type { Surroundings } from '../../cli/src/surroundings.ts'
import { Client, type Product, startProduct } from '../src/index.ts'

let product: Product
let client: Client
let folder: string
let key: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keywitness-kmip-'))
  product = await startProduct()
  client = await new Client(product).signIn()
  key = await client.createKey('root', { aliases: ['storage'] })
})
afterAll(async () => {
  await product.stop()
  product.remove()
  rmSync(folder, { recursive: true })
})

async function command(...words: readonly string[]) {
  let stdout = ''
  let stderr = ''
  const io: Surroundings = {
    environment: {
      KEYWITNESS_URL: product.url,
      KEYWITNESS_API_KEY: product.apiKey,
      KEYWITNESS_INSTANCE: product.instance,
    },
    home: folder,
    out: { isTerminal: false, columns: undefined, write: (text) => void (stdout += text) },
    err: { isTerminal: false, columns: undefined, write: (text) => void (stderr += text) },
    fetch: globalThis.fetch,
    now: () => Date.now(),
    wait: () => Promise.resolve(),
    signal: new AbortController().signal,
  }
  return { code: await run(['kmip', ...words], io), stdout, stderr }
}

async function good(...words: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await command(...words, '--json')
  expect(code, `${words.join(' ')}: ${stdout}${stderr}`).toBe(0)
  return JSON.parse(stdout) as Record<string, unknown>
}

test('an adapter is made by the alias of its root key, and its clients come and go', async () => {
  expect(await good('adapters', 'create', 'storage', '--name', 'vcenter')).toMatchObject({
    name: 'vcenter',
    profile_data: { crk_id: key },
  })
  const made = await good('certificates', 'create', 'trial', '--adapter', 'vcenter', '--files', join(folder, 'trial'))
  expect(made).toMatchObject({ registered: { name: 'trial' } })
  const fingerprint = String(made['fingerprint'])
  expect(await good('certificates', 'show', 'vcenter', 'trial')).toMatchObject({ fingerprint, subject: 'CN=trial' })
  expect(await good('certificates', 'list', 'vcenter')).toMatchObject({ certificates: [{ name: 'trial' }] })

  const again = await command('certificates', 'add', 'vcenter', join(folder, 'trial.pem'), '--fingerprint', fingerprint)
  expect([again.code, again.stderr]).toEqual([3, expect.stringContaining('a certificate belongs to one adapter')])
  const gone = await command('certificates', 'delete', 'vcenter', 'trial')
  expect([gone.code, gone.stdout]).toEqual([0, 'deleted trial: its owner is cut off from now on\n'])
  const rsa = await good('certificates', 'create', 'old-client', '--rsa', '--files', join(folder, 'old-client'))
  const added = await good('certificates', 'add', 'vcenter', join(folder, 'old-client.pem'), '--yes')
  expect(added).toMatchObject({ fingerprint: rsa['fingerprint'] })

  expect(await good('objects', 'list', 'vcenter', '--state', 'active,destroyed')).toEqual({ objects: [] })
  const refused = await command('objects', 'delete', 'vcenter', key, '--yes')
  expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('404')])
  expect((await command('adapters', 'delete', 'vcenter', '--yes')).stdout).toBe('deleted vcenter\n')
  expect(await good('adapters', 'list')).toEqual({ adapters: [] })
})

test('a key that cannot be the root of an adapter is refused with the way out', async () => {
  const standard = await client.createKey('standard', { extractable: true })
  const refused = await command('adapters', 'create', standard)
  expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('name a root key')])
  const metadata = { collectionType: 'application/vnd.ibm.kms.key+json', collectionTotal: 1 }
  const expirationDate = new Date(Date.now() + 86_400_000).toISOString().replace(/\..*/, 'Z')
  const resource = { type: metadata.collectionType, name: 'expiring', extractable: false, expirationDate }
  const expiring = await client.call<{ resources: { id: string }[] }>('POST', '/api/v2/keys', {
    headers: { 'bluemix-instance': product.instance },
    body: { metadata, resources: [resource] },
  })
  const id = expiring.json.resources[0]?.id ?? ''
  const late = await command('adapters', 'create', id)
  expect([late.code, late.stderr]).toEqual([3, expect.stringContaining('--allow-expiring-key')])
  expect(await good('adapters', 'create', id, '--allow-expiring-key')).toMatchObject({ profile_data: { crk_id: id } })
})
