/** `keywitness kmip`: what each command asks of the service, shows before it acts, and leaves on the disk. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { factsOf, withColons } from '../src/tls/certificate-facts.ts'
import { newSelfSigned } from '../src/tls/new-certificate.ts'
import { type Terminal, terminalAt } from './in-process.ts'
import { json, LogServer } from './log-server.ts'
import { WitnessedLog } from './witnessed-log.ts'

/** The clock of `terminalAt`. */
const now = Date.UTC(2026, 10, 25, 20)
const adapter = { id: 'a-id', name: 'vcenter', profile_data: { crk_id: 'k' }, created_at: 't' }
const client = newSelfSigned({ commonName: 'host-1', isRsa: false, days: 30, now })
const { fingerprint } = factsOf(client.certificate)

let server: LogServer
let terminal: Terminal

beforeEach(async () => {
  server = await LogServer.start(new WitnessedLog(1))
  terminal = terminalAt(server)
  terminal.environment['KEYWITNESS_INSTANCE'] = 'the-instance'
})
afterEach(() => server.stop())

/** Lets the server answer a request so. */
function answer(request: string, body: object | undefined, status = 200): void {
  server.instead.set(request, (_seen, response) => {
    if (body === undefined) response.writeHead(status).end()
    else json(response, body, status)
  })
}

function answerRefusal(request: string, code: string, status: number): void {
  answer(request, { resources: [{ errorMsg: 'no', reasons: [{ code, message: 'No.' }] }] }, status)
}

/** Methods and paths of the requests to the key service. */
function asked(): string[] {
  return server.seen.map(({ method, path }) => `${method} ${path}`).filter((text) => text.includes('/api/v2/'))
}

function fileOf(name: string, content: string | Uint8Array): string {
  const file = join(terminal.folder, name)
  writeFileSync(file, content)
  return file
}

test('an adapter is made from a root key that is named', async () => {
  answer('POST /api/v2/kmip_adapters', { resources: [adapter] }, 201)
  const words = 'kmip adapters create k --name vcenter --description hosts --allow-expiring-key'
  expect(await terminal.keywitness(words)).toMatchObject({ exitCode: 0, err: '' })
  const { body, query } = server.seen.at(-1)!
  expect(query.toString()).toBe('allowExpiringKey=true')
  expect(JSON.parse(body)).toMatchObject({
    resources: [{ name: 'vcenter', description: 'hosts', profile: 'native_1.0', profile_data: { crk_id: 'k' } }],
  })
})

const keys = [
  { id: 'root-1', name: 'billing', extractable: false, state: 1 },
  { id: 'standard', name: 'session', extractable: true, state: 1 },
  { id: 'root-2', name: 'old\u001b', extractable: false, state: 1, expirationDate: '2027-01-01T00:00:00Z' },
]

test('where no root key is named a terminal offers the active ones', async () => {
  answer('GET /api/v2/keys', { resources: keys })
  answer('POST /api/v2/kmip_adapters', { resources: [adapter] }, 201)
  terminal.columns = 100
  terminal.onQuestion = () => '1'
  const { exitCode, err } = await terminal.keywitness('kmip adapters create')
  expect(exitCode).toBe(0)
  expect(err).toContain(
    '  1  root-1  billing\n  2  root-2  old\\u001b  expires 2027-01-01T00:00:00Z\nRoot key, 1 to 2: ',
  )
  expect(err).toContain('keywitness kmip certificates add vcenter <file>')
  expect(server.seen.find(({ path }) => path === '/api/v2/keys')?.query.get('state')).toBe('1')
  expect(JSON.parse(server.seen.at(-1)!.body)).toMatchObject({ resources: [{ profile_data: { crk_id: 'root-1' } }] })
})

test.each([
  ['3', 'that is none of them'],
  ['', 'that is none of them'],
  ['2', 'the root key expires 2027-01-01T00:00:00Z; what clients make is lost with it; --allow-expiring-key'],
])('an answer of "%s" makes no adapter', async (typed, said) => {
  answer('GET /api/v2/keys', { resources: keys })
  terminal.onQuestion = () => typed
  const { exitCode, err } = await terminal.keywitness('kmip adapters create')
  expect(exitCode).toBe(2)
  expect(err).toContain(said)
  expect(asked()).toEqual(['GET /api/v2/keys'])
})

test('where there is nobody to choose, or nothing to choose from, that is said', async () => {
  const alone = await terminal.keywitness('kmip adapters create')
  expect(alone).toMatchObject({ exitCode: 2, err: expect.stringContaining('which root key? name it') as string })
  expect(asked()).toEqual([])
  terminal.onQuestion = () => '1'
  answer('GET /api/v2/keys', { resources: [keys[1]] })
  expect((await terminal.keywitness('kmip adapters create')).err).toContain('no active root key')
})

test('a root key that the service does not take is told with the way out', async () => {
  answerRefusal('POST /api/v2/kmip_adapters', 'KEY_ACTION_INVALID_STATE_ERR', 409)
  const { exitCode, err } = await terminal.keywitness('kmip adapters create k')
  expect(exitCode).toBe(3)
  expect(err).toContain('--allow-expiring-key')
})

test('adapters are listed', async () => {
  answer('GET /api/v2/kmip_adapters', { resources: [adapter] })
  const { out } = await terminal.keywitness('kmip adapters list --key k')
  expect(out).toBe('a-id\tvcenter\tk\tt\n')
  const sent = Object.fromEntries(server.seen.at(-1)!.query)
  expect(sent).toEqual({ limit: '100', offset: '0', crk_id: 'k', totalCount: 'true' })
})

test('a list of adapters that is not all of them says so', async () => {
  answer('GET /api/v2/kmip_adapters', { metadata: { totalCount: 12 }, resources: [adapter, adapter] })
  const { out, err } = await terminal.keywitness('kmip adapters list --limit 2 --offset 4')
  expect(out.split('\n')).toHaveLength(3)
  expect(err).toBe('… and 6 more: --offset 6 goes on, --limit (now 2) shows more.\n')
})

test('that no adapter has a root key is told from a key that is not there', async () => {
  answer('GET /api/v2/kmip_adapters', { resources: [] })
  answerRefusal('GET /api/v2/keys/nope/metadata', 'KEY_NOT_FOUND_ERR', 404)
  expect(await terminal.keywitness('kmip adapters list --key nope')).toMatchObject({
    exitCode: 3,
    err: expect.stringContaining('404 KEY_NOT_FOUND_ERR') as string,
  })
  answer('GET /api/v2/keys/k/metadata', { resources: [{ id: 'k', state: 1 }] })
  expect(await terminal.keywitness('kmip adapters list --key k')).toEqual({ exitCode: 0, out: '', err: '' })
  answerRefusal('GET /api/v2/keys/k/metadata', 'UNAUTHORIZED_ERR', 401)
  expect(await terminal.keywitness('kmip adapters list --key k')).toEqual({ exitCode: 0, out: '', err: '' })
})

test('an adapter is shown with the state of its root key, or that it may not be known', async () => {
  answer('GET /api/v2/kmip_adapters/vcenter', { resources: [adapter] })
  answer('GET /api/v2/keys/k/metadata', { resources: [{ id: 'k', name: 'billing', state: 2 }] })
  const { out } = await terminal.keywitness('kmip adapters show vcenter')
  expect(out).toMatch(/^root_key +k\nroot_key_name +billing\nroot_key_state +suspended$/m)
  expect(out).not.toContain('{')
  const shown = await terminal.keywitness('kmip adapters show vcenter --json')
  expect(JSON.parse(shown.out)).toEqual({ ...adapter, root_key: { id: 'k', name: 'billing', state: 'suspended' } })
  answerRefusal('GET /api/v2/keys/k/metadata', 'UNAUTHORIZED_ERR', 401)
  expect((await terminal.keywitness('kmip adapters show vcenter')).out).toMatch(
    /^root_key_state +not known: refused by/m,
  )
})

test('a missing role is told from an API key that is not valid, in a form that has no codes', async () => {
  const refused = (reason: string) => {
    server.instead.set('GET /api/v2/kmip_adapters', (_seen, response) => {
      response.setHeader('keywitness-reason', reason)
      json(response, { resources: [{ errorMsg: 'Unauthorized: The caller may not do this here.' }] }, 401)
    })
    return terminal.keywitness('kmip adapters list')
  }
  const { exitCode, err } = await refused('UNAUTHORIZED_ERR')
  expect(exitCode).toBe(3)
  expect(err).toContain('401 UNAUTHORIZED_ERR')
  expect(err).toContain('ask an administrator for a role')
  expect(err).not.toContain('check the API key')
  expect((await refused('UNAUTHENTICATED')).err).toContain('check the API key')
})

/** An adapter with its certificates and objects, to be deleted. */
function adapterWith(objects: readonly object[]): void {
  answer('GET /api/v2/kmip_adapters/vcenter', { resources: [adapter] })
  answer('GET /api/v2/kmip_adapters/vcenter/certificates', { resources: [{ name: 'host-1' }, { name: 'host-2' }] })
  answer('GET /api/v2/kmip_adapters/vcenter/kmip_objects', { resources: objects })
  answer('DELETE /api/v2/kmip_adapters/vcenter', undefined, 204)
}

test('before an adapter goes a terminal shows what goes with it, and asks', async () => {
  adapterWith([])
  terminal.typed = 'no'
  const kept = await terminal.keywitness('kmip adapters delete vcenter')
  expect(kept).toMatchObject({ exitCode: 2, out: '' })
  expect(kept.err).toContain('goes with it: 2 certificates (host-1, host-2)\n')
  expect(kept.err).toContain('cuts every client of it off. Go on? Type yes: ')
  expect(asked()).not.toContain('DELETE /api/v2/kmip_adapters/vcenter')
  terminal.typed = 'yes'
  expect(await terminal.keywitness('kmip adapters delete vcenter')).toMatchObject({
    exitCode: 0,
    out: 'deleted vcenter\n',
  })
  expect(asked().at(-1)).toBe('DELETE /api/v2/kmip_adapters/vcenter')
})

test('an adapter with objects is not asked about: they are counted by state', async () => {
  adapterWith([{ state: 2 }, { state: 3 }, { state: 2 }])
  terminal.typed = 'yes'
  const { exitCode, err } = await terminal.keywitness('kmip adapters delete vcenter')
  expect(exitCode).toBe(2)
  expect(err).toContain('still has 3 objects: 2 active, 1 deactivated; destroy them first')
  expect(asked()).not.toContain('DELETE /api/v2/kmip_adapters/vcenter')
})

test('without a terminal an adapter is deleted by --yes, and a refusal names the objects', async () => {
  answerRefusal('DELETE /api/v2/kmip_adapters/vcenter', 'KMIP_OBJECTS_REMAIN', 409)
  const { exitCode, err } = await terminal.keywitness('kmip adapters delete vcenter --yes')
  expect(exitCode).toBe(3)
  expect(err).toContain('keywitness kmip objects list vcenter')
  expect(asked()).toEqual(['DELETE /api/v2/kmip_adapters/vcenter'])
})

const certificatesPath = '/api/v2/kmip_adapters/vcenter/certificates'

test('before a certificate is let in a terminal shows whose it is and its fingerprint, and asks', async () => {
  answer(
    `POST ${certificatesPath}`,
    { resources: [{ id: 'c', name: 'host-1', certificate: client.certificatePem }] },
    201,
  )
  const file = fileOf('host.pem', client.certificatePem)
  terminal.typed = 'no'
  const kept = await terminal.keywitness(['kmip', 'certificates', 'add', 'vcenter', file])
  expect(kept.exitCode).toBe(2)
  expect(kept.err).toContain('subject  CN=host-1')
  expect(kept.err).toContain('valid    2026-11-25T19:00:00Z to 2026-12-25T20:00:00Z')
  expect(kept.err).toContain(withColons(fingerprint))
  expect(asked()).toEqual([])
  terminal.typed = 'yes'
  const added = await terminal.keywitness(['kmip', 'certificates', 'add', 'vcenter', file, '--name', 'host-1'])
  expect(added).toMatchObject({ exitCode: 0, out: 'c  certificate host-1\n' })
  expect(JSON.parse(server.seen.at(-1)!.body)).toMatchObject({
    resources: [{ name: 'host-1', certificate: client.certificatePem }],
  })
})

test('a script lets a certificate in by its fingerprint, and no other one', async () => {
  answer(`POST ${certificatesPath}`, { resources: [{ id: 'c', name: 'x', certificate: client.certificatePem }] }, 201)
  const file = fileOf('host.der', client.certificate)
  const words = ['kmip', 'certificates', 'add', 'vcenter', file, '--json', '--fingerprint']
  const add = (text: string) => terminal.keywitness([...words, text])
  const other = await add('00'.repeat(32))
  expect(other.exitCode).toBe(2)
  expect(other.err).toContain(`another fingerprint: ${withColons(fingerprint)}`)
  expect((await add('abc')).err).toContain('64 hexadecimal digits')
  expect(asked()).toEqual([])
  const added = await add(`sha256 ${withColons(fingerprint)}`)
  expect(JSON.parse(added.out)).toMatchObject({ id: 'c', fingerprint, subject: 'CN=host-1' })
  expect((await add(fingerprint)).exitCode).toBe(0)
})

test('without a terminal and a fingerprint, --yes is needed', async () => {
  const words = ['kmip', 'certificates', 'add', 'vcenter', fileOf('host.pem', client.certificatePem)]
  const { exitCode, err } = await terminal.keywitness(words)
  expect(exitCode).toBe(2)
  expect(err).toContain('can take every key of adapter vcenter out; if that is meant, add --yes')
  answer(`POST ${certificatesPath}`, { resources: [{ id: 'c', name: 'x' }] }, 201)
  expect((await terminal.keywitness([...words, '--yes'])).exitCode).toBe(0)
})

test('of a file with a private key only the certificate is sent', async () => {
  answer(`POST ${certificatesPath}`, { resources: [{ id: 'c', name: 'x' }] }, 201)
  const file = fileOf('both.pem', `${client.keyPem}${client.certificatePem}`)
  await terminal.keywitness(['kmip', 'certificates', 'add', 'vcenter', file, '--yes'])
  const { body } = server.seen.at(-1)!
  expect(JSON.parse(body)).toMatchObject({ resources: [{ certificate: client.certificatePem }] })
  expect(body).not.toContain('PRIVATE KEY')
})

test.each([
  ['a chain', () => client.certificatePem.repeat(2), 'holds 2 certificates'],
  ['a private key', () => client.keyPem, 'holds no X.509 certificate, but: PRIVATE KEY'],
  ['nonsense', () => 'nonsense', 'holds no X.509 certificate\n'],
  [
    'a certificate with a broken body',
    () => client.certificatePem.replace('MII', 'AAA'),
    'holds no X.509 certificate\n',
  ],
  [
    'an expired certificate',
    () => newSelfSigned({ commonName: 'x', isRsa: false, days: 1, now: now - 9e8 }).certificatePem,
    'the certificate has expired: it was valid to',
  ],
])('%s is no certificate to let in', async (_what, content, said) => {
  const file = fileOf('file', content())
  const { exitCode, err } = await terminal.keywitness(['kmip', 'certificates', 'add', 'vcenter', file, '--yes'])
  expect(exitCode).toBe(2)
  expect(err).toContain(said)
  expect(asked()).toEqual([])
})

test('a certificate is shown with what can be read from it', async () => {
  const resource = { id: 'c', name: 'host-1', certificate: client.certificatePem }
  answer(`GET ${certificatesPath}/host-1`, { resources: [resource] })
  const { out } = await terminal.keywitness('kmip certificates show vcenter host-1')
  expect(out).toMatch(new RegExp(`^subject +CN=host-1$`, 'm'))
  expect(out).toMatch(new RegExp(`^fingerprint +${fingerprint}$`, 'm'))
  expect(out).toContain('-----END CERTIFICATE-----')
})

test('until when a certificate is valid is shown once, whether the service says it or not', async () => {
  const days = { notBefore: '2026-11-25T19:00:00.000Z', notAfter: '2026-12-25T20:00:00.000Z' }
  const resource = { id: 'c', name: 'host-1', certificate: client.certificatePem }
  for (const said of [{}, days]) {
    answer(`GET ${certificatesPath}/host-1`, { resources: [{ ...resource, ...said }] })
    const { out } = await terminal.keywitness('kmip certificates show vcenter host-1')
    expect(out.match(/2026-12-25T20:00:00/g)).toHaveLength(1)
    expect(out).toMatch(/^notAfter +2026-12-25T20:00:00Z$/m)
  }
})

test('certificates are listed with their end, in words where they are not valid now, and their fingerprint', async () => {
  const listed = (id: string, notBefore: string, notAfter: string) => {
    return { id, name: `host-${id}`, notBefore, notAfter, fingerprint, created_at: 't' }
  }
  const resources = [
    listed('a', '2026-11-01T00:00:00Z', '2026-12-25T20:00:00Z'),
    listed('b', '2026-11-01T00:00:00Z', '2026-11-25T20:00:00Z'),
    listed('c', '2026-11-26T00:00:00Z', '2026-12-25T20:00:00Z'),
    { id: 'd', name: 'no-end', created_at: 't' },
  ]
  answer(`GET ${certificatesPath}`, { resources })
  expect((await terminal.keywitness('kmip certificates list vcenter')).out).toBe(
    `a\thost-a\t2026-12-25\t${fingerprint}\tt\n` +
      `b\thost-b\t2026-11-25, expired\t${fingerprint}\tt\n` +
      `c\thost-c\t2026-12-25, not valid yet\t${fingerprint}\tt\n` +
      'd\tno-end\t\t\tt\n',
  )
  terminal.columns = 100
  const { out } = await terminal.keywitness('kmip certificates list vcenter')
  expect(out).toContain(`${fingerprint.slice(0, 16)}…`)
  expect(out).not.toContain(fingerprint)
})

test.each([
  ['not_yet_valid', 'not valid yet'],
  ['weak', 'weak key'],
  ['valid', ''],
])('a certificate that the service calls %s is told so in words', async (standing, word) => {
  const resource = { id: 'c', name: 'host-1', standing, notAfter: '2026-12-25T20:00:00Z' }
  answer(`GET ${certificatesPath}`, { resources: [resource] })
  const { out } = await terminal.keywitness('kmip certificates list vcenter')
  expect(out).toContain(`\t2026-12-25${word === '' ? '' : `, ${word}`}\t`)
  answer(`GET ${certificatesPath}/c`, { resources: [resource] })
  const shown = await terminal.keywitness('kmip certificates show vcenter c')
  expect(shown.out).toMatch(new RegExp(`^standing +${word === '' ? 'valid' : word}$`, 'm'))
})

test('before a certificate is taken back a terminal shows which, and asks', async () => {
  const resource = { id: 'c', name: 'host-1', certificate: client.certificatePem }
  answer(`GET ${certificatesPath}/c`, { resources: [resource] })
  answer(`DELETE ${certificatesPath}/c`, undefined, 204)
  terminal.typed = 'no'
  const kept = await terminal.keywitness('kmip certificates delete vcenter c')
  expect(kept).toMatchObject({ exitCode: 2, out: '' })
  expect(kept.err).toContain(`certificate host-1\n  subject  CN=host-1\n`)
  expect(kept.err).toContain(withColons(fingerprint))
  expect(kept.err).toContain('cuts its owner off adapter vcenter at once. Go on? Type yes: ')
  expect(asked()).toEqual([`GET ${certificatesPath}/c`])
  terminal.typed = 'yes'
  const gone = await terminal.keywitness('kmip certificates delete vcenter c')
  expect(gone).toMatchObject({ exitCode: 0, out: 'deleted c: its owner is cut off from now on\n' })
  expect(asked().at(-1)).toBe(`DELETE ${certificatesPath}/c`)
})

test('without a terminal a certificate is taken back by --yes, and not without', async () => {
  answer(`DELETE ${certificatesPath}/host-1`, undefined, 204)
  const kept = await terminal.keywitness('kmip certificates delete vcenter host-1')
  expect(kept).toMatchObject({ exitCode: 2, err: expect.stringContaining('if that is meant, add --yes') as string })
  expect(asked()).toEqual([])
  const { out } = await terminal.keywitness('kmip certificates delete vcenter host-1 --yes')
  expect(out).toBe('deleted host-1: its owner is cut off from now on\n')
  expect(asked()).toEqual([`DELETE ${certificatesPath}/host-1`])
})

test.each([
  ['', 'ec', 'prime256v1'],
  ['--rsa', 'rsa', 2048],
])(
  'a pair for trying is made with "%s": a key for nobody else, a certificate that fits it',
  async (option, type, size) => {
    const base = join(terminal.folder, 'trial')
    const words = `kmip certificates create trial --files ${base} --days 20 ${option}`.trim()
    const { exitCode, out } = await terminal.keywitness(words)
    expect(exitCode).toBe(0)
    expect(statSync(`${base}.key`).mode & 0o777).toBe(0o600)
    const key = createPrivateKey(readFileSync(`${base}.key`))
    const certificate = new X509Certificate(readFileSync(`${base}.pem`))
    expect(key.asymmetricKeyType).toBe(type)
    expect(Object.values(key.asymmetricKeyDetails ?? {})).toContain(size)
    expect(certificate.checkPrivateKey(key)).toBe(true)
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(certificate).toMatchObject({ subject: 'CN=trial', issuer: 'CN=trial', ca: false })
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
    expect(certificate.validToDate.getTime() - now).toBe(20 * 86_400_000)
    expect(out).toContain(withColons(factsOf(certificate.raw).fingerprint))
    expect(out).toContain(`keywitness kmip certificates add <adapter> ${base}.pem`)
    expect(out).toContain(`certfile=${base}.pem\n  keyfile=${base}.key\n`)
    expect(out).toContain('openssl s_client -connect 127.0.0.1:5696')
    expect(server.seen).toEqual([])
  },
)

test('what is there is never written over', async () => {
  const base = join(terminal.folder, 'trial')
  for (const [taken, free] of [
    ['.key', '.pem'],
    ['.pem', '.key'],
  ] as const) {
    const files = `${base}${taken}`
    writeFileSync(`${files}${taken}`, 'mine')
    const { exitCode, err } = await terminal.keywitness(`kmip certificates create trial --files ${files}`)
    expect(exitCode).toBe(2)
    expect(err).toContain('is there already')
    expect(readFileSync(`${files}${taken}`, 'utf8')).toBe('mine')
    expect(readdirSync(terminal.folder)).not.toContain(`trial${taken}${free}`)
  }
})

test('a folder that is not there is made for the pair; one that cannot be is named', async () => {
  const base = join(terminal.folder, 'etc', 'kmip', 'trial')
  expect(await terminal.keywitness(`kmip certificates create trial --files ${base}`)).toMatchObject({ exitCode: 0 })
  expect(readdirSync(join(terminal.folder, 'etc', 'kmip')).toSorted()).toEqual(['trial.key', 'trial.pem'])
  const { exitCode, err } = await terminal.keywitness(`kmip certificates create trial --files ${base}.pem/trial`)
  expect(exitCode).toBe(2)
  expect(err).toMatch(/cannot make the folder .*trial\.pem: E(NOTDIR|EXIST)/)
})

test('an adapter that there is not is told before a pair is written', async () => {
  answerRefusal('GET /api/v2/kmip_adapters/nope', 'NOT_FOUND', 404)
  const base = join(terminal.folder, 'ghost')
  const { exitCode, out, err } = await terminal.keywitness(
    `kmip certificates create ghost --files ${base} --adapter nope`,
  )
  expect({ exitCode, out }).toEqual({ exitCode: 3, out: '' })
  expect(err).toContain('404 NOT_FOUND')
  expect(readdirSync(terminal.folder)).not.toContain('ghost.key')
})

test.each([
  ['QUOTA_EXCEEDED', ''],
  ['ALREADY_EXISTS', ' --name <another>'],
])('a pair whose certificate is refused as %s is registered by another command, which is told', async (code, more) => {
  answer('GET /api/v2/kmip_adapters/vcenter', { resources: [adapter] })
  answerRefusal(`POST ${certificatesPath}`, code, 409)
  const base = join(terminal.folder, 'ghost')
  const words = `kmip certificates create ghost --files ${base} --adapter vcenter`
  const add = `keywitness kmip certificates add vcenter ${base}.pem`
  const { exitCode, err } = await terminal.keywitness(words)
  expect(exitCode).toBe(3)
  expect(err).toContain(`the pair is there, and ${add}${more} registers it`)
  const again = await terminal.keywitness(words)
  expect(again.exitCode).toBe(2)
  expect(again.err).toContain(`or register what is there: ${add}\n`)
})

test('with an adapter the certificate is registered, and its private key is in nothing that is sent', async () => {
  answer('GET /api/v2/kmip_adapters/vcenter', { resources: [adapter] })
  answer(`POST ${certificatesPath}`, { resources: [{ id: 'c', name: 'trial' }] }, 201)
  const base = join(terminal.folder, 'trial')
  const words = `kmip certificates create trial --files ${base} --adapter vcenter --kmip kmip.example.com --json`
  const { exitCode, out } = await terminal.keywitness(words)
  expect(exitCode).toBe(0)
  const pem = readFileSync(`${base}.pem`, 'utf8')
  expect(JSON.parse(out)).toMatchObject({
    files: { certificate: `${base}.pem`, key: `${base}.key` },
    fingerprint: factsOf(Buffer.from(pem)).fingerprint,
    registered: { id: 'c' },
  })
  expect(JSON.parse(server.seen.at(-1)!.body)).toMatchObject({ resources: [{ name: 'trial', certificate: pem }] })
  const secret = createPrivateKey(readFileSync(`${base}.key`)).export({ format: 'jwk' }).d!
  expect(secret.length).toBeGreaterThan(40)
  expect(`${JSON.stringify(server.seen)}${out}`).not.toContain(secret)
  expect(JSON.stringify(server.seen)).not.toContain('PRIVATE KEY')
})

test.each([
  ['a\u0007b', [], 'a common name has'],
  ['x'.repeat(65), [], 'a common name has'],
  ['../trial', [], 'say with --files'],
  ['Cem Öz', [], 'say with --files'],
])('a common name of "%s" makes no files', async (name, options, said) => {
  const { exitCode, err } = await terminal.keywitness(['kmip', 'certificates', 'create', name, ...options])
  expect(exitCode).toBe(2)
  expect(err).toContain(said)
})

test('a common name in any script stands in the certificate as it is', () => {
  const made = newSelfSigned({ commonName: 'Cem Öz 鍵', isRsa: false, days: 3650, now: Date.UTC(2045, 0) })
  const certificate = new X509Certificate(made.certificate)
  expect(certificate.subject).toBe('CN=Cem Öz 鍵')
  // After 2049 dates are written in another form.
  expect(certificate.validToDate.getUTCFullYear()).toBe(2054)
})

const objectsPath = '/api/v2/kmip_adapters/vcenter/kmip_objects'

const object = {
  id: 'o',
  kmip_object_type: 2,
  object_type: 'SymmetricKey',
  state: 2,
  state_name: 'Active',
  names: ['backup', 'old\u001b'],
  names_omitted: 3,
  cryptographic_algorithm: 'AES',
  cryptographic_length: 256,
  created_at: 't',
}

test('objects are listed with names, algorithm, type and state in words, and asked for by words', async () => {
  answer(`GET ${objectsPath}`, {
    resources: [
      object,
      { id: 'p', kmip_object_type: 7, state: 6, created_at: 'u' },
      { id: 'q', kmip_object_type: 8, object_type: 'OpaqueObject', state: 1, names: [], created_at: 'v' },
    ],
  })
  const words = 'kmip objects list vcenter --search back --state active,5,destroyed-compromised'
  const { out, err } = await terminal.keywitness(words)
  expect(out).toBe(
    'o\tbackup, old\\u001b, … and 3 more\tsymmetric key\tAES 256\tactive\tt\n' +
      'p\t\tsecret data\t\tdestroyed-compromised\tu\n' +
      'q\t\topaque object\t\t\tv\n',
  )
  expect(err).toBe('')
  const { query } = server.seen.at(-1)!
  expect([query.get('state'), query.get('search')]).toEqual(['2,5,6', 'back'])
  const wrong = await terminal.keywitness('kmip objects list vcenter --state alive')
  expect(wrong).toMatchObject({ exitCode: 2, err: expect.stringContaining('States are pre-active, active') as string })
})

/** Answers pages of a list that has so many objects. */
function objectsInAll(total: number): void {
  server.instead.set(`GET ${objectsPath}`, ({ query }, response) => {
    const count = Math.max(0, Math.min(Number(query.get('limit')), total - Number(query.get('offset'))))
    json(response, { metadata: { totalCount: total }, resources: Array.from({ length: count }, () => ({ id: 'o' })) })
  })
}

test('a list of objects that is not all of them says how many there are, and how to go on', async () => {
  objectsInAll(1109)
  const { out, err } = await terminal.keywitness('kmip objects list vcenter')
  expect(out.split('\n')).toHaveLength(101)
  expect(err).toBe('… and 1,009 more: --offset 100 goes on, --limit (now 100) shows more.\n')
  expect((await terminal.keywitness('kmip objects list vcenter --offset 1100')).err).toBe('')
  const asJson = async (words: string) => {
    const shown = await terminal.keywitness(`kmip objects list vcenter --json ${words}`)
    const { objects, ...about } = JSON.parse(shown.out) as { objects: object[] }
    return { count: objects.length, err: shown.err, ...about }
  }
  expect(await asJson('--limit 9')).toEqual({ count: 9, err: '', total: 1109, more: true })
  expect(await asJson('--offset 1100')).toEqual({ count: 9, err: '', total: 1109, more: false })
})

test('more objects than the service lists at once are read in several requests', async () => {
  objectsInAll(12_000)
  const { out, err } = await terminal.keywitness('kmip objects list vcenter --limit 11000 --offset 500')
  expect(out.split('\n')).toHaveLength(11_001)
  expect(err).toContain('… and 500 more: --offset 11500 goes on')
  const pages = server.seen
    .filter(({ path }) => path === objectsPath)
    .map(({ query }) => [...query.values()].slice(0, 2))
  expect(pages).toEqual([
    ['5000', '500'],
    ['5000', '5500'],
    ['1000', '10500'],
  ])
})

test('an object is shown with its names, type and state in words, in JSON as it came', async () => {
  answer(`GET ${objectsPath}/o`, { resources: [object] })
  const { out } = await terminal.keywitness('kmip objects show vcenter o')
  expect(out).toMatch(/^state +active\nnames +backup\n +old\\u001b\ncryptographic_algorithm +AES\n/m)
  expect(out).not.toMatch(/state_name|\[/)
  expect(JSON.parse((await terminal.keywitness('kmip objects show vcenter o --json')).out)).toEqual(object)
})

test('before an object goes a terminal shows what it is, and asks', async () => {
  answer(`GET ${objectsPath}/o`, { resources: [object] })
  answerRefusal(`DELETE ${objectsPath}/o`, 'KMIP_OBJECT_ACTIVE', 409)
  terminal.typed = 'no'
  const kept = await terminal.keywitness('kmip objects delete vcenter o')
  expect(kept.err).toContain('symmetric key "backup, old\\u001b, … and 3 more", AES 256, o, active, made t\n')
  expect(asked()).toEqual([`GET ${objectsPath}/o`])
  terminal.typed = 'yes'
  expect((await terminal.keywitness('kmip objects delete vcenter o')).err).toContain('--force destroys it all the same')
  answer(`DELETE ${objectsPath}/o`, undefined, 204)
  const gone = await terminal.keywitness('kmip objects delete vcenter o --force --yes')
  expect(gone).toEqual({ exitCode: 0, out: 'deleted o\n', err: '' })
  expect(server.seen.at(-1)!.query.get('force')).toBe('true')
})
