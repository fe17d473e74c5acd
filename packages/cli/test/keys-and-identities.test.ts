/** `keys` and `iam`: the requests they make and what they print. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Terminal, terminalAt } from './in-process.ts'
import { LogServer, json } from './log-server.ts'
import { WitnessedLog } from './witnessed-log.ts'

let server: LogServer
let terminal: Terminal
const id = 'fadedbee-0000-4000-8000-1234567890ab'
const root = { id, name: 'billing', extractable: false, state: 1, creationDate: '2026-11-25T19:00:00Z' }

beforeEach(async () => {
  server = await LogServer.start(new WitnessedLog(1))
  terminal = terminalAt(server)
  terminal.environment['KEYWITNESS_INSTANCE'] = 'the-instance'
})

afterEach(() => server.stop())

test('keys are listed', async () => {
  const standard = { ...root, id: 'x', name: 'session\u001b', extractable: true, state: 5, payload: 'c2VjcmV0' }
  server.instead.set('GET /api/v2/keys', (_seen, response) => json(response, { resources: [root, standard] }))
  const { exitCode, out } = await terminal.keywitness('keys list --limit 7 --offset 2')
  expect(exitCode).toBe(0)
  expect(out).toBe(
    `${id}\tbilling\troot\tactive\t2026-11-25T19:00:00Z\nx\tsession\\u001b\tstandard\tdestroyed\t2026-11-25T19:00:00Z\n`,
  )
  const { query, headers } = server.seen.at(-1)!
  expect(query.toString()).toBe('limit=7&offset=2')
  expect(headers['bluemix-instance']).toBe('the-instance')
  const listed = await terminal.keywitness('keys list --json')
  expect(JSON.parse(listed.out)).toMatchObject({ keys: [root, { id: 'x' }] })
  expect(listed.out).not.toContain('payload')
})

test('an instance without keys is listed as nothing', async () => {
  server.instead.set('GET /api/v2/keys', (_seen, response) => json(response, { metadata: { collectionTotal: 0 } }))
  expect(await terminal.keywitness('keys list')).toEqual({ exitCode: 0, out: '', err: '' })
})

test('a root key is created, a standard key when asked', async () => {
  server.instead.set('POST /api/v2/keys', (_seen, response) => json(response, { resources: [root] }, 201))
  expect(await terminal.keywitness('keys create billing')).toMatchObject({
    exitCode: 0,
    out: `${id}  root key billing\n`,
  })
  const { body, headers } = server.seen.at(-1)!
  expect(JSON.parse(body)).toEqual({
    metadata: { collectionType: 'application/vnd.ibm.kms.key+json', collectionTotal: 1 },
    resources: [{ type: 'application/vnd.ibm.kms.key+json', name: 'billing', extractable: false }],
  })
  expect(headers.prefer).toBe('return=minimal')
  await terminal.keywitness('keys create other --standard --instance another')
  expect(JSON.parse(server.seen.at(-1)!.body)).toMatchObject({ resources: [{ name: 'other', extractable: true }] })
  expect(server.seen.at(-1)!.headers['bluemix-instance']).toBe('another')
})

test('a key is deleted only when that is meant', async () => {
  const { exitCode, err } = await terminal.keywitness(`keys delete ${id}`)
  expect(exitCode).toBe(2)
  expect(err).toContain('if that is meant, add --yes')
  expect(server.seen).toEqual([])
  server.instead.set(`DELETE /api/v2/keys/${id}`, (_seen, response) => response.writeHead(204).end())
  expect(await terminal.keywitness(`keys delete ${id} --yes`)).toMatchObject({ exitCode: 0, out: `deleted ${id}\n` })
  await terminal.keywitness(`keys delete ${id} --yes --force`)
  expect(server.seen.at(-1)!.query.get('force')).toBe('true')
})

test('a key is rotated', async () => {
  server.instead.set(`POST /api/v2/keys/${id}/actions/rotate`, (_seen, response) => response.writeHead(204).end())
  expect(await terminal.keywitness(`keys rotate ${id}`)).toMatchObject({ exitCode: 0, out: `rotated ${id}\n` })
})

test('a refusal of the key service is told with its reason', async () => {
  const reasons = [{ code: 'PROTECTED_RESOURCE_ERR', message: 'The key protects a resource.', status: 409 }]
  server.instead.set(`DELETE /api/v2/keys/${id}`, (_seen, response) =>
    json(response, { resources: [{ errorMsg: 'Conflict: Key could not be deleted', reasons }] }, 409),
  )
  const { exitCode, err } = await terminal.keywitness(`keys delete ${id} --yes`)
  expect(exitCode).toBe(3)
  expect(err).toMatch(/^error: refused by .*: The key protects a resource\. \(409 PROTECTED_RESOURCE_ERR\)\n$/)
})

test('without an instance it asks for one', async () => {
  terminal.environment['KEYWITNESS_INSTANCE'] = undefined
  expect((await terminal.keywitness('keys list')).err).toContain('which service instance?')
})

test('an id cannot reach another path', async () => {
  await terminal.keywitness(['keys', 'rotate', '../../v1/iam/users?x=#'])
  expect(server.seen.at(-1)!.path).toBe('/api/v2/keys/..%2F..%2Fv1%2Fiam%2Fusers%3Fx%3D%23/actions/rotate')
})

test('a service ID and its API key are created; the secret is the only output', async () => {
  server.instead.set('POST /v1/iam/service-ids', ({ body }, response) =>
    json(response, { id: 'iam-ServiceId-1', ...(JSON.parse(body) as object) }, 201),
  )
  server.instead.set('POST /v1/iam/api-keys', (_seen, response) =>
    json(response, { id: 'ApiKey-1', apikey: 's3cret' }, 201),
  )
  expect(await terminal.keywitness(['iam', 'service-ids', 'create', 'nightly', '--description', 'Backups'])).toEqual({
    exitCode: 0,
    out: 'iam-ServiceId-1  nightly\n',
    err: '',
  })
  expect(JSON.parse(server.seen.at(-1)!.body)).toEqual({ name: 'nightly', description: 'Backups' })
  const created = await terminal.keywitness('iam keys create iam-ServiceId-1 nightly-key')
  expect(created).toMatchObject({ exitCode: 0, out: 's3cret\n' })
  expect(created.err).toContain('will not show it again')
  expect(JSON.parse(server.seen.at(-1)!.body)).toEqual({ identity: 'iam-ServiceId-1', name: 'nightly-key' })
})

test('lists of identities are read to their end', async () => {
  const pages: Record<string, object> = {
    '': { apiKeys: [{ id: 'a', name: 'one', identity: 'i', state: 'active', createdAt: 't' }], next: 'a' },
    a: { apiKeys: [{ id: 'b', name: 'two', identity: 'i', state: 'disabled', createdAt: 't' }], next: null },
  }
  server.instead.set('GET /v1/iam/api-keys', ({ query }, response) => json(response, pages[query.get('after') ?? '']))
  const { out } = await terminal.keywitness('iam keys list --identity i')
  expect(out).toBe('a\tone\ti\tactive\tt\nb\ttwo\ti\tdisabled\tt\n')
  expect(server.seen.at(-1)!.query.get('identity')).toBe('i')
  server.instead.set('GET /v1/iam/service-ids', (_seen, response) => json(response, { serviceIds: [], next: null }))
  expect(await terminal.keywitness('iam service-ids list --json')).toMatchObject({ exitCode: 0 })
})
