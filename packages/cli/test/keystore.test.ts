/** `keywitness keystore`: what each command asks of the service, shows before it acts, and prints. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Terminal, terminalAt } from './in-process.ts'
import { json, LogServer } from './log-server.ts'
import { WitnessedLog } from './witnessed-log.ts'

const base = '/v1/keystores/the-instance'
const keystore = {
  id: 's',
  name: 'payments',
  type: 'public',
  authenticated: false,
  objects: 2,
  version: 5,
  createdAt: 't',
}
const key = { id: 'k', keystore: 's', version: 3, class: 'CKO_SECRET_KEY', keyType: 'CKK_AES', label: 'billing\u001b' }

let server: LogServer
let terminal: Terminal

beforeEach(async () => {
  server = await LogServer.start(new WitnessedLog(1))
  terminal = terminalAt(server)
  terminal.environment['KEYWITNESS_INSTANCE'] = 'the-instance'
})
afterEach(() => server.stop())

function answer(request: string, body: object | undefined, status = 200): void {
  server.instead.set(request, (_seen, response) => {
    if (body === undefined) response.writeHead(status).end()
    else json(response, body, status)
  })
}

/** The body of the last request. */
function sent(): Record<string, unknown> {
  return JSON.parse(server.seen.at(-1)?.body ?? '{}') as Record<string, unknown>
}

function asked(): string[] {
  return server.seen.map(({ method, path }) => `${method} ${path}`).filter((text) => text.includes('/v1/keystores'))
}

function fileOf(name: string, content: string | Uint8Array): string {
  const file = join(terminal.folder, name)
  writeFileSync(file, content)
  return file
}

test('a keystore is made with what is said of it', async () => {
  answer(`POST ${base}`, { ...keystore, type: 'private' }, 201)
  const made = await terminal.keywitness('keystore create --id s --name payments --private --authenticated')
  expect(made).toMatchObject({ exitCode: 0, err: '', out: 's  private keystore\n' })
  expect(sent()).toEqual({ id: 's', name: 'payments', type: 'private', authenticated: true })
})

test('keystores are listed page by page, shown and found by type', async () => {
  server.instead.set(`GET ${base}`, ({ query }, response) => {
    const isFirst = query.get('after') === null
    json(response, { keystores: [isFirst ? keystore : { ...keystore, id: 'z' }], next: isFirst ? 'more' : null })
  })
  const { out } = await terminal.keywitness('keystore list --type public --json')
  expect((JSON.parse(out) as { keystores: { id: string }[] }).keystores.map(({ id }) => id)).toEqual(['s', 'z'])
  expect(server.seen.at(-1)?.query.get('type')).toBe('public')
  expect((await terminal.keywitness('keystore list')).out).toContain('payments')
  answer(`GET ${base}/s`, keystore)
  expect((await terminal.keywitness('keystore show s')).out).toContain('objects        2')
  answer(`GET ${base}/s/keys/k`, key)
  expect((await terminal.keywitness('keystore show s k')).out).toContain('billing\\u001b')
})

test('what destroys wants to be meant, and what was shown is what goes', async () => {
  for (const words of ['keystore delete s', 'keystore delete-key s k']) {
    expect((await terminal.keywitness(words)).err, words).toContain('--yes')
  }
  expect(asked()).toEqual([])
  answer(`GET ${base}/s`, keystore)
  answer(`GET ${base}/s/keys/k`, key)
  answer(`DELETE ${base}/s`, undefined, 204)
  answer(`DELETE ${base}/s/keys/k`, undefined, 204)
  terminal.typed = 'yes'
  const keystores = await terminal.keywitness('keystore delete s')
  expect([keystores.out, keystores.err]).toEqual(['deleted s\n', expect.stringContaining('2 objects in it')])
  expect(server.seen.at(-1)?.headers['if-match']).toBe('W/"5"')
  const keys = await terminal.keywitness('keystore delete-key s k')
  expect([keys.out, keys.err]).toEqual(['deleted k\n', expect.stringContaining('CKK_AES billing\\u001b, version 3')])
  expect(server.seen.at(-1)?.headers['if-match']).toBe('W/"3"')
  await terminal.keywitness('keystore delete s --yes')
  expect(server.seen.at(-1)?.headers['if-match']).toBeUndefined()
})

test('keys are listed without their blobs, or searched for by attributes in one keystore or all', async () => {
  answer(`GET ${base}/s/keys`, { keys: [key], next: null })
  const { out } = await terminal.keywitness('keystore keys s')
  expect(out).toContain('billing\\u001b')
  expect(server.seen.at(-1)?.query.get('objects')).toBe('false')
  let page = 0
  server.instead.set(`POST ${base}/search`, (_seen, response) => {
    page += 1
    json(response, page === 1 ? { keys: [], next: 'more' } : { keys: [key], next: null })
  })
  const words = 'keystore keys --label billing --attribute CKA_ID=hex:01ff --attribute CKA_SIGN=true'
  const found = await terminal.keywitness(`${words} --attribute CKA_CLASS=4 --attribute CKA_SUBJECT=text:7`)
  expect(found.out).toContain('SECRET_KEY')
  expect(sent()).toEqual({
    keystores: [],
    objects: false,
    limit: 1000,
    after: 'more',
    attributes: {
      CKA_LABEL: { text: 'billing' },
      CKA_ID: 'Af8=',
      CKA_SIGN: true,
      CKA_CLASS: 4,
      CKA_SUBJECT: { text: '7' },
    },
  })
  await terminal.keywitness('keystore keys s --label billing')
  expect(sent()).toMatchObject({ keystores: ['s'] })
})

test('a key, a certificate and data are stored as what they are, each write under a TxID of its own', async () => {
  answer(`POST ${base}/s/keys`, { ...key, version: 0 }, 201)
  const blob = fileOf('aes.blob', Buffer.from([1, 2, 3]))
  const stored = await terminal.keywitness(`keystore store s ${blob} --id k --label billing`)
  expect(stored).toMatchObject({ exitCode: 0, err: '', out: 'k  version 0\n' })
  const first = sent()
  expect(first).toEqual({
    id: 'k',
    object: 'AQID',
    attributes: { CKA_LABEL: { text: 'billing' } },
    txId: expect.stringMatching(/^[A-Za-z0-9+/]{22}==$/),
  })
  const pem = fileOf('ca.pem', '-----BEGIN CERTIFICATE-----\nAQID\nBAUG\n-----END CERTIFICATE-----\n')
  await terminal.keywitness(`keystore store s ${pem} --class certificate`)
  expect(sent()).toMatchObject({ object: 'AQIDBAUG', attributes: { CKA_CLASS: 1, CKA_CERTIFICATE_TYPE: 0 } })
  expect(sent()['txId']).not.toBe(first['txId'])
  await terminal.keywitness(`keystore store s ${pem} --class data`)
  expect(sent()).toMatchObject({ attributes: { CKA_CLASS: 0 } })
})

test('an update is made on the version that is there, or on the one that is named', async () => {
  answer(`GET ${base}/s/keys/k`, key)
  answer(`PATCH ${base}/s/keys/k`, { ...key, version: 4 })
  const changed = await terminal.keywitness('keystore update s k --label paid --unset CKA_ID')
  expect(changed).toMatchObject({ exitCode: 0, out: 'k  version 4\n' })
  expect(server.seen.at(-1)?.headers['if-match']).toBe('W/"3"')
  expect(sent()).toMatchObject({ attributes: { CKA_LABEL: { text: 'paid' }, CKA_ID: null } })
  const object = fileOf('weaker.blob', Buffer.from([9]))
  await terminal.keywitness(`keystore update s k --object ${object} --if-version 7`)
  expect([server.seen.at(-1)?.headers['if-match'], sent()['object']]).toEqual(['W/"7"', 'CQ=='])
  const problem = { code: 'PRECONDITION_FAILED', detail: 'The resource was changed since its ETag was read.' }
  answer(`PATCH ${base}/s/keys/k`, problem, 412)
  expect((await terminal.keywitness('keystore update s k --label paid')).err).toContain('look at it again')
})

test.each([
  ['keystore update s k', 'what is to change?'],
  ['keystore keys s --attribute CKA_LABEL', 'not an attribute'],
  ['keystore keys s --attribute label=x', 'not the name of an attribute'],
  ['keystore keys s --attribute CKA_ID=hex:0', 'come in pairs'],
  ['keystore store s none --class thing', 'Allowed choices'],
] as const)('"%s" is refused before anything is asked', async (words, said) => {
  const { exitCode, err } = await terminal.keywitness(words)
  expect([exitCode, err]).toEqual([2, expect.stringContaining(said)])
  expect(asked()).toEqual([])
})

test('a role can be granted on one keystore or key of an instance, and on one limit only', async () => {
  answer('POST /v1/iam/roles', { id: 'g' }, 201)
  await terminal.keywitness('iam roles grant me KeyOperator --instance i --keystore s')
  expect(sent()).toEqual({ identity: 'me', role: 'KeyOperator', scope: { kind: 'instance', id: 'i', keystore: 's' } })
  await terminal.keywitness('iam roles grant me KeyOperator --instance i --key k')
  expect(sent()).toMatchObject({ scope: { key: 'k' } })
  for (const wrong of ['--keystore s --account', '--instance i --keystore s --key k', '--tracker t --ring r']) {
    expect((await terminal.keywitness(`iam roles grant me Reader ${wrong}`)).exitCode).toBe(2)
  }
})
