/** Commands about keys, rings, policies and identities: the one request each makes, and what it prints. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Terminal, terminalAt } from './in-process.ts'
import { LogServer, json } from './log-server.ts'
import { WitnessedLog } from './witnessed-log.ts'

let server: LogServer
let terminal: Terminal
beforeEach(async () => {
  server = await LogServer.start(new WitnessedLog(1))
  terminal = terminalAt(server)
  terminal.environment['KEYWITNESS_INSTANCE'] = 'the-instance'
})
afterEach(() => server.stop())

/** Runs a command against a server that answers so; returns what was asked and printed. */
async function asking(words: string, request: string, status: number, answer?: object) {
  server.instead.set(request, (_seen, response) => {
    if (answer === undefined) response.writeHead(status).end()
    else json(response, answer, status)
  })
  const { exitCode, out, err } = await terminal.keywitness(words)
  expect(err).toBe('')
  expect(exitCode).toBe(0)
  const seen = server.seen.at(-1)
  expect(`${seen?.method} ${seen?.path}`).toBe(request)
  const body = seen?.body ?? ''
  return { out, query: seen?.query.toString(), body: body === '' ? undefined : (JSON.parse(body) as object), seen }
}

test.each([
  ['keys disable k', 'POST /api/v2/keys/k/actions/disable', 204, 'disabled k\n'],
  ['keys enable k', 'POST /api/v2/keys/k/actions/enable', 204, 'enabled k\n'],
  ['keys sync k', 'POST /api/v2/keys/k/actions/sync', 204, 'synchronized k\n'],
  ['keys set-for-deletion k', 'POST /api/v2/keys/k/actions/setKeyForDeletion', 204, 'set for deletion: k\n'],
  [
    'keys unset-for-deletion k',
    'POST /api/v2/keys/k/actions/unsetKeyForDeletion',
    204,
    'no longer set for deletion: k\n',
  ],
  ['keys restore k', 'POST /api/v2/keys/k/restore', 201, 'restored k\n'],
  ['keys purge k --yes', 'DELETE /api/v2/keys/k/purge', 204, 'purged k\n'],
  ['aliases create k a', 'POST /api/v2/keys/k/aliases/a', 201, 'a is k\n'],
  ['aliases delete k a', 'DELETE /api/v2/keys/k/aliases/a', 204, 'deleted a\n'],
  ['rings create r', 'POST /api/v2/key_rings/r', 201, 'created r\n'],
  ['rings delete r', 'DELETE /api/v2/key_rings/r', 204, 'deleted r\n'],
  ['kmip adapters delete a --yes', 'DELETE /api/v2/kmip_adapters/a', 204, 'deleted a\n'],
  ['iam roles revoke g', 'DELETE /v1/iam/roles/g', 204, 'revoked g\n'],
  ['iam users delete u --yes', 'DELETE /v1/iam/users/u', 204, 'deleted u\n'],
] as const)('"%s" asks %s and says so', async (words, request, status, said) => {
  const { out, body, query } = await asking(words, request, status)
  expect([out, body, query]).toEqual([said, undefined, ''])
})

test('words that destroy want to be meant', async () => {
  const destroying = [
    'keys purge k',
    'kmip objects delete a o',
    'kmip adapters delete a',
    'iam users delete u',
    'iam keys delete k',
  ]
  for (const words of destroying) {
    expect((await terminal.keywitness(words)).err, words).toContain('--yes')
  }
  expect(server.seen).toEqual([])
})

test('a key is created with everything that can be said of it', async () => {
  const file = join(terminal.folder, 'material')
  writeFileSync(file, Buffer.alloc(16, 1))
  const words = `keys create billing --ring finance --alias one --alias two --tag t --expires 2030-01-01T00:00:00Z --material ${file} --rotate-every 3 --dual-auth`
  const answer = { resources: [{ id: 'k', payload: 'secret' }] }
  const { body, seen, out } = await asking(words, 'POST /api/v2/keys_with_policy_overrides', 201, answer)
  expect(body).toMatchObject({
    resources: [
      {
        name: 'billing',
        extractable: false,
        aliases: ['one', 'two'],
        tags: ['t'],
        expirationDate: '2030-01-01T00:00:00Z',
        payload: Buffer.alloc(16, 1).toString('base64'),
        rotation: { enabled: true, interval_month: 3 },
        dualAuthDelete: { enabled: true },
      },
    ],
  })
  expect(seen?.headers['x-kms-key-ring']).toBe('finance')
  expect(out).toBe('k  root key billing\n')
})

test('a key is shown member by member, never with its material', async () => {
  const key = { id: 'k', name: 'billing\u001b', tags: ['t'], payload: 'secret' }
  const { out } = await asking('keys show k', 'GET /api/v2/keys/k/metadata', 200, { resources: [key] })
  expect(out).toBe('id    k\nname  billing\\u001b\ntags  ["t"]\n')
})

test('lists of keys take search, filter, states and ring', async () => {
  const words = [
    'keys',
    'list',
    '--search',
    'exact:x',
    '--filter',
    'state=1 imported=true',
    '--state',
    '1,5',
    '--ring',
    'r',
  ]
  server.instead.set('GET /api/v2/keys', (_seen, response) => json(response, { resources: [] }))
  expect((await terminal.keywitness(words)).exitCode).toBe(0)
  const { query, headers } = server.seen.at(-1)!
  expect(Object.fromEntries(query)).toEqual({
    limit: '200',
    offset: '0',
    search: 'exact:x',
    filter: 'state=1 imported=true',
    state: '1,5',
  })
  expect(headers['x-kms-key-ring']).toBe('r')
})

test('data keys are wrapped and unwrapped from files; what wrap printed can be given to unwrap', async () => {
  const file = join(terminal.folder, 'data')
  writeFileSync(file, 'a data key')
  const plaintext = Buffer.from('a data key').toString('base64')
  const wrapped = await asking(`keys wrap k ${file} --aad a --aad b`, 'POST /api/v2/keys/k/actions/wrap', 200, {
    ciphertext: 'c',
  })
  expect(wrapped.body).toEqual({ plaintext, aad: ['a', 'b'] })
  writeFileSync(file, wrapped.out)
  const opened = await asking(`keys unwrap k ${file}`, 'POST /api/v2/keys/k/actions/unwrap', 200, { plaintext })
  expect(opened.body).toEqual({ ciphertext: 'c' })
  expect(JSON.parse(opened.out)).toEqual({ plaintext })
  writeFileSync(file, 'bare\n')
  const moved = await asking(`keys rewrap k ${file}`, 'POST /api/v2/keys/k/actions/rewrap', 200, { ciphertext: 'd' })
  expect(moved.body).toEqual({ ciphertext: 'bare' })
  expect((await terminal.keywitness('keys unwrap k nothing')).err).toContain('cannot read nothing')
})

test('policies of keys are set one at a time', async () => {
  const path = 'PUT /api/v2/keys/k/policies'
  const settings = async (words: string) => {
    const { body, query } = await asking(words, path, 200, { resources: [] })
    return [query, (body as { resources: object[] }).resources[0]]
  }
  const type = 'application/vnd.ibm.kms.policy+json'
  expect(await settings('policies rotation k --every 3')).toEqual([
    'policy=rotation',
    { type, rotation: { enabled: true, interval_month: 3 } },
  ])
  expect(await settings('policies rotation k --on')).toEqual(['policy=rotation', { type, rotation: { enabled: true } }])
  expect(await settings('policies rotation k --off')).toEqual([
    'policy=rotation',
    { type, rotation: { enabled: false } },
  ])
  expect(await settings('policies dual-auth k')).toEqual([
    'policy=dualAuthDelete',
    { type, dualAuthDelete: { enabled: true } },
  ])
  for (const words of [
    'policies rotation k',
    'policies rotation k --on --off',
    'policies rotation k --every 2 --off',
  ]) {
    expect((await terminal.keywitness(words)).err, words).toContain('one of --every, --on and --off')
  }
})

test('policies of instances are sent as the API wants each', async () => {
  const data = async (words: string) => {
    const { body } = await asking(`policies instance set ${words}`, 'PUT /api/v2/instance/policies', 204)
    return (body as { resources: object[] }).resources[0]
  }
  expect(await data('allowedNetwork --network private-only')).toEqual({
    policy_type: 'allowedNetwork',
    policy_data: { enabled: true, attributes: { allowed_network: 'private-only' } },
  })
  expect(await data('allowedNetwork --off')).toMatchObject({
    policy_data: { enabled: false, attributes: { allowed_network: 'public-and-private' } },
  })
  expect(await data('allowedIP --cidr 192.0.2.0/24 --cidr 2001:db8::/32')).toMatchObject({
    policy_data: { enabled: true, attributes: { allowed_ip: ['192.0.2.0/24', '2001:db8::/32'] } },
  })
  expect(await data('metrics --off')).toEqual({ policy_type: 'metrics', policy_data: { enabled: false } })
  expect(await data('rotation --every 6')).toMatchObject({ policy_data: { attributes: { interval_month: 6 } } })
  expect(await data('keyCreateImportAccess --forbid import-root --enforce-token')).toMatchObject({
    policy_data: {
      attributes: {
        create_root_key: true,
        create_standard_key: true,
        import_root_key: false,
        import_standard_key: true,
        enforce_token: true,
      },
    },
  })
  expect((await terminal.keywitness('policies instance set nothing')).err).toContain('no such policy')
  const wrong = await terminal.keywitness('policies instance set keyCreateImportAccess --forbid x')
  expect(wrong.err).toContain('no such way to forbid')
})

test('an import token is asked for with its bounds and shown as it is', async () => {
  const { body } = await asking(
    'import-token create --expires 300 --retrievals 2',
    'POST /api/v2/import_token',
    200,
    {},
  )
  expect(body).toEqual({ expiration: 300, maxAllowedRetrievals: 2 })
  const shown = await asking('import-token show --json', 'GET /api/v2/import_token', 200, { nonce: 'n', payload: 'p' })
  expect(JSON.parse(shown.out)).toEqual({ nonce: 'n', payload: 'p' })
})

test('registrations are those of one key or of all', async () => {
  const one = { keyId: 'k', resourceCrn: 'crn:v1', preventKeyDeletion: true }
  const all = await asking('registrations list', 'GET /api/v2/keys/registrations', 200, { resources: [one] })
  expect(all.out).toBe('k\tcrn:v1\tyes\n')
  const path = 'GET /api/v2/keys/k/registrations'
  const ofKey = await asking('registrations list --key k --crn crn:*', path, 200, { resources: [] })
  expect(ofKey.query).toBe('limit=200&urlEncodedResourceCRNQuery=crn%3A*')
})

test('identities are disabled and enabled, roles granted in one place', async () => {
  for (const [words, request, state] of [
    ['iam users disable u', 'PATCH /v1/iam/users/u', 'disabled'],
    ['iam service-ids enable s', 'PATCH /v1/iam/service-ids/s', 'active'],
    ['iam keys disable k', 'PATCH /v1/iam/api-keys/k', 'disabled'],
  ] as const) {
    expect((await asking(words, request, 200, {})).body, words).toEqual({ state })
  }
  const scope = async (words: string) =>
    (await asking(`iam roles grant u Writer ${words}`, 'POST /v1/iam/roles', 201, { id: 'g' })).body
  expect(await scope('--instance i --ring r')).toEqual({
    identity: 'u',
    role: 'Writer',
    scope: { kind: 'instance', id: 'i', keyRing: 'r' },
  })
  expect(await scope('--account')).toMatchObject({ scope: { kind: 'account' } })
  expect(await scope('--tracker eu-de')).toMatchObject({ scope: { kind: 'tracker', id: 'eu-de' } })
  for (const words of ['', '--account --tracker x', '--ring r', '--tracker x --ring r']) {
    expect((await terminal.keywitness(`iam roles grant u Writer ${words}`.trim())).exitCode, words).toBe(2)
  }
  const roles = [
    { id: 'g', identity: 'u', role: 'Writer', scope: { kind: 'account' } },
    { id: 'h', identity: 'v', role: 'Reader', scope: { kind: 'account' } },
  ]
  const listed = await asking('iam roles list --identity v', 'GET /v1/iam/roles', 200, { roles, next: null })
  expect(listed.out).toBe('h\tv\tReader\t{"kind":"account"}\n')
})
