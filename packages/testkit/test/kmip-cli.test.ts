/** KMIP on the command line, against a real server and its KMIP listener: adapters, certificates, objects, and who is let in. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { aesKey, uid, uidOf } from '@keywitness/server/kmip/testing/messages'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../cli/src/run.ts'
import type { Surroundings } from '../../cli/src/surroundings.ts'
import { Client, connectKmip, kmipPlace, type Product, startProduct, VCenter } from '../src/index.ts'

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

/** What `connect` prints with a client's certificate, and its code. */
async function connected(name: string, ...words: readonly string[]) {
  const files = ['--certificate', join(folder, `${name}.pem`), '--key', join(folder, `${name}.key`)]
  const authority = join(product.data, 'tls/ca.pem')
  return await command('connect', '--kmip', product.kmip, '--ca', authority, ...files, ...words)
}

/** A pair that `certificates create` wrote. */
const identityOf = (name: string) => ({
  certificate: readFileSync(join(folder, `${name}.pem`), 'utf8'),
  key: readFileSync(join(folder, `${name}.key`), 'utf8'),
})

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
  const gone = await command('certificates', 'delete', 'vcenter', 'trial', '--yes')
  expect([gone.code, gone.stdout]).toEqual([0, 'deleted trial: its owner is cut off from now on\n'])
  const rsa = await good('certificates', 'create', 'old-client', '--rsa', '--files', join(folder, 'old-client'))
  const added = await good('certificates', 'add', 'vcenter', join(folder, 'old-client.pem'), '--yes')
  expect(added).toMatchObject({ fingerprint: rsa['fingerprint'] })

  expect(await good('objects', 'list', 'vcenter', '--state', 'active,destroyed')).toEqual({
    objects: [],
    total: 0,
    more: false,
  })
  const refused = await command('objects', 'delete', 'vcenter', key, '--yes')
  expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('404')])
  expect((await command('adapters', 'delete', 'vcenter', '--yes')).stdout).toBe('deleted vcenter\n')
  expect(await good('adapters', 'list')).toEqual({ adapters: [], total: 0, more: false })
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

test('a client is let in by the listener from when its certificate is registered until it is removed', async () => {
  await good('adapters', 'create', 'storage', '--name', 'doors')
  for (const [name, ...kind] of [['new'], ['new-rsa', '--rsa']] as const) {
    const made = await good('certificates', 'create', name, '--files', join(folder, name), ...kind)
    const stranger = await connected(name)
    expect([stranger.code, stranger.stderr]).toEqual([
      1,
      expect.stringContaining('the server does not let this client in: Authentication Not Successful'),
    ])
    const file = join(folder, `${name}.pem`)
    await good('certificates', 'add', 'doors', file, '--name', name, '--fingerprint', String(made['fingerprint']))
    const known = await connected(name, '--json')
    expect([known.code, known.stderr]).toEqual([0, ''])
    expect(JSON.parse(known.stdout)).toMatchObject({
      protocol: 'TLSv1.3',
      distrust: null,
      isNamed: true,
      client: { isKnown: true, reason: null, fingerprint: made['fingerprint'] },
      rootKey: { adapter: 'doors', id: key, state: 'active' },
    })
  }
  const identity = identityOf('new')
  const open = await connectKmip(kmipPlace(product), identity)
  const id = uidOf(await open.ask('Create', aesKey()))
  expect(await good('objects', 'list', 'doors')).toMatchObject({ objects: [{ id }] })
  expect((await command('certificates', 'delete', 'doors', 'new', '--yes')).code).toBe(0)
  await open.closed
  const after = await connected('new')
  expect([after.code, after.stderr]).toEqual([1, expect.stringContaining('Authentication Not Successful')])
  // Who else is registered there goes on, and has its objects.
  expect((await connected('new-rsa')).stdout).toContain('the server lets it in')
  const other = await connectKmip(kmipPlace(product), identityOf('new-rsa'))
  expect(await other.ask('Get', [uid(id)])).not.toEqual([])
  await other.close()
})

test('the lines for each client name the listener, and the certificate that it shows is that of its authority', async () => {
  const authority = join(product.data, 'tls/ca.pem')
  const { code, stdout } = await command('connect', '--kmip', product.kmip, '--ca', authority, '--for', 'pykmip')
  expect(code).toBe(0)
  const [host = '', port = ''] = product.kmip.split(':')
  expect(stdout).toContain(`  host=${host}\n  port=${port}\n`)
  expect(stdout).toMatch(/issued by .*\bCN=/)
  const stranger = await command('connect', '--kmip', product.kmip, '--ca', join(folder, 'new.pem'))
  expect([stranger.code, stranger.stderr]).toEqual([1, expect.stringContaining('does not vouch for')])
})

test('the keys of a vCenter are listed, and destroyed only when that is meant', async () => {
  await good('adapters', 'create', 'storage', '--name', 'datacentre')
  await good('certificates', 'create', 'vcenter-1', '--adapter', 'datacentre', '--files', join(folder, 'vcenter-1'))
  const vcenter = new VCenter(kmipPlace(product), identityOf('vcenter-1'))
  const machine = {
    identifier: '4210aaaa-0000-4000-8000-000000000001',
    component: 'Virtual Machine',
    name: 'web',
  } as const
  const id = await vcenter.encrypt(machine)
  const active = await command('objects', 'delete', 'datacentre', id, '--yes')
  expect([active.code, active.stderr]).toEqual([3, expect.stringContaining('409')])
  expect(await vcenter.fetchKey(id)).toHaveLength(32)
  const gone = await command('objects', 'delete', 'datacentre', id, '--force', '--yes')
  expect([gone.code, gone.stderr]).toEqual([0, ''])
  await expect(vcenter.fetchKey(id)).rejects.toThrow('Get: OperationFailed ItemNotFound')
})
