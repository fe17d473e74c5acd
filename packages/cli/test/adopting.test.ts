/** Commands for adopting services and for material by import token, against a whole product. */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { receiver, type Receiver } from '../../server/src/outbound/testing/receivers.ts'
import { Client, type Product, startProduct } from '../../testkit/src/index.ts'
import { type Terminal, terminalAt } from './in-process.ts'

let product: Product
let owner: Client
let terminal: Terminal
let hook: Receiver
let isTaken = true

beforeAll(async () => {
  product = await startProduct({ env: { KEYWITNESS_OUTBOUND_PRIVATE: '127.0.0.0/8' } })
  owner = await new Client(product).signIn()
  terminal = terminalOf(product.apiKey)
  hook = await receiver((_request, response) => response.writeHead(isTaken ? 204 : 410).end())
})
afterAll(async () => {
  await hook.close()
  await product.stop()
  product.remove()
})

function terminalOf(apiKey: string): Terminal {
  const made = terminalAt(undefined)
  Object.assign(made.environment, {
    KEYWITNESS_URL: product.url,
    KEYWITNESS_API_KEY: apiKey,
    KEYWITNESS_INSTANCE: product.instance,
  })
  return made
}

/** What a command line that must succeed prints. */
async function good(words: string, on = terminal): Promise<string> {
  const { exitCode, out, err } = await on.keywitness(words)
  if (exitCode !== 0) throw new Error(`${words}: ${err}`)
  return out
}

interface Told {
  readonly type: string
  readonly data: { readonly eventId: string; readonly keyId: string; readonly keyVersion: { readonly id: string } }
}

const bucket = `crn:v1:keywitness:public:cloud-object-storage:global:a/${'a'.repeat(32)}:11111111-1111-4111-8111-111111111111:bucket:invoices`

interface Service {
  readonly id: string
  readonly terminal: Terminal
  register(key: string): Promise<void>
}

async function newService(name: string): Promise<Service> {
  const [id = ''] = (await good(`iam service-ids create ${name}`)).split(' ')
  await good(`iam roles grant ${id} Reader --instance ${product.instance}`)
  const apiKey = (await good(`iam keys create ${id} ${name}`)).trim()
  const client = await new Client({ ...product, apiKey }).signIn()
  return {
    id,
    terminal: terminalOf(apiKey),
    register: async (key) => {
      const metadata = { collectionType: 'application/vnd.ibm.kms.registration_input+json', collectionTotal: 1 }
      const path = `/api/v2/keys/${key}/registrations/${encodeURIComponent(bucket)}`
      expect((await client.call('POST', path, { body: { metadata, resources: [{}] } })).status).toBe(201)
    },
  }
}

async function newKey(name: string): Promise<string> {
  const [id = ''] = (await good(`keys create ${name}`)).split(' ')
  return id
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${product.privateUrl}/metrics`)).text()
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1],
  )
}

test('a service is connected, shown, changed and disconnected; its secret is the output of one command only', async () => {
  const { id } = await newService('connected')
  const made = await terminal.keywitness(`adopters create ${id} ${hook.url}`)
  expect(made).toEqual({
    exitCode: 0,
    out: expect.stringMatching(/^whsec_[\w+/=]{44}\n$/),
    err: 'Keep it now: the server will not show it again.\n',
  })
  const secret = made.out.trim()
  expect(await good('adopters list')).toContain(`${id}\tconnected\t${hook.url}\t0\t0\n`)
  expect(await good(`adopters show ${id}`)).toMatch(new RegExp(`^serviceId  ${id}\nname       connected\nurl        `))
  expect(JSON.parse(await good(`adopters show ${id} --json`))).toMatchObject({ serviceId: id, url: hook.url })
  expect(await good(`adopters update ${id} --webhook https://storage.example/hook`)).toBe(`changed ${id}\n`)
  const renewed = JSON.parse(await good(`adopters update ${id} --renew-secret --json`)) as {
    secret: string
    url: string
  }
  expect(renewed).toMatchObject({ url: 'https://storage.example/hook', secret: expect.stringMatching(/^whsec_/) })
  expect(renewed.secret).not.toBe(secret)
  const listed = (await good('adopters list --json')) + (await good(`adopters show ${id} --json`))
  const unmeant = await terminal.keywitness(`adopters delete ${id}`)
  expect([unmeant.exitCode, unmeant.err]).toEqual([2, expect.stringContaining('if that is meant, add --yes')])
  expect(await good(`adopters delete ${id} --yes`)).toBe(`deleted ${id}\n`)
  expect((await terminal.keywitness(`adopters show ${id}`)).err).toMatch(/refused by .* \(404 .*witnessed by event/)
  const told = [listed, product.output(), JSON.stringify(await owner.events())].join()
  for (const shown of [secret, renewed.secret]) expect(told).not.toContain(shown.slice('whsec_'.length))
})

test('what is wrong with a command line about a service is said', async () => {
  const { id } = await newService('mistaken')
  const said = async (words: string) => {
    const { exitCode, err } = await terminal.keywitness(words)
    return `${exitCode} ${err}`
  }
  expect(await said(`adopters update ${id}`)).toMatch(/^2 .*give --webhook or --renew-secret/)
  expect(await said(`adopters create ${id} http://10.0.0.1/`)).toMatch(/^3 .*KEYWITNESS_OUTBOUND_PRIVATE/)
  expect(await said(`adopters create nobody ${hook.url}`)).toMatch(/^3 .*serviceId must be a service ID of the account/)
  expect(await said(`adopters notifications ${id} --state gone`)).toMatch(/^2 /)
  expect(await said('adopters acknowledge x gone')).toMatch(/^2 .*one of enabled, disabled, deleted/)
  expect(await said('adopters acknowledge x enabled')).toMatch(/^2 .*--key-version/)
  const event = '11111111-1111-4111-8111-111111111111'
  expect(await said(`adopters acknowledge ${event} disabled`)).toMatch(/^3 .*use the API key of the service itself/)
})

test('a service without a webhook asks what it has to acknowledge, and acknowledges it', async () => {
  const service = await newService('asking')
  const key = await newKey('asked-for')
  await service.register(key)
  expect(await good(`adopters pending ${service.id}`, service.terminal)).toBe('')
  await good(`keys rotate ${key}`)
  const [rotated] = JSON.parse(await good(`adopters pending ${service.id} --json`, service.terminal)).pending as Told[]
  if (rotated === undefined) throw new Error('nothing pending')
  const { eventId, keyVersion } = rotated.data
  const lines = await good(`adopters pending ${service.id}`)
  expect(lines).toMatch(new RegExp(`^${eventId}\tkey\\.rotated\t${key}\tenabled\t20[\\d-]+T[\\d:.]+Z\t1\n$`))
  const report = `adopters acknowledge ${eventId} DEK_ENABLED --key-version ${keyVersion.id} --resource ${bucket}`
  expect(await good(report, service.terminal)).toBe(`acknowledged ${eventId}\n`)
  await good(`keys disable ${key}`)
  const [disabled = ''] = (await good(`adopters pending ${service.id}`, service.terminal)).split('\t')
  await good(
    `adopters acknowledge ${disabled} disabled --delete-registration --at 2026-11-25T12:00:00Z`,
    service.terminal,
  )
  expect(await good(`adopters pending ${service.id}`)).toBe('')
  expect(await good(`registrations list --key ${key}`)).toBe('')
  const other = await newService('curious')
  expect((await other.terminal.keywitness(`adopters pending ${service.id}`)).err).toContain('(401')
})

test('a message that was given up is listed with its reason, sent again, and counted in the metrics', async () => {
  const service = await newService('told')
  await good(`adopters create ${service.id} ${hook.url}`)
  const key = await newKey('told-of')
  await service.register(key)
  isTaken = false
  await good(`keys disable ${key}`)
  let dead = ''
  for (const deadline = performance.now() + 10_000; dead === '';) {
    if (performance.now() > deadline) throw new Error('no message was given up')
    dead = await good(`adopters notifications ${service.id}`)
  }
  expect(dead).toMatch(/^[\da-f-]{36}\tkey\.disabled\t20[\d-]+T[\d:.]+Z\t1\tGONE\n$/)
  expect(await metric('keywitness_outbound_dead_letters')).toBe(1)
  expect(await metric('keywitness_outbound_attempts_total{outcome="GONE"}')).toBe(1)
  isTaken = true
  const [id = ''] = dead.split('\t')
  expect(await good(`adopters resend ${service.id} ${id}`)).toBe(`sent again ${id}\n`)
  await hook.came(2)
  expect(hook.received.at(-1)?.headers['webhook-id']).toBe(id)
  for (const state of ['dead', 'waiting']) {
    const deadline = performance.now() + 10_000
    while ((await good(`adopters notifications ${service.id} --state ${state}`)) !== '') {
      if (performance.now() > deadline) throw new Error(`still ${state}`)
    }
  }
  expect(await metric('keywitness_outbound_waiting_messages')).toBe(0)
  expect(await metric('keywitness_outbound_oldest_waiting_seconds')).toBe(0)
  expect(await metric('keywitness_outbound_attempts_total{outcome="delivered"}')).toBe(1)
})

test(
  'material comes by the import token in both forms, for a new key and for a rotation',
  { timeout: 120_000 },
  async () => {
    const file = (name: string, bytes: Buffer): string => {
      const path = join(terminal.folder, name)
      writeFileSync(path, bytes)
      return path
    }
    const first = file('first', randomBytes(32))
    const unmade = await terminal.keywitness(`keys create early --material ${first} --import-token hpcs`)
    expect([unmade.exitCode, unmade.err]).toEqual([3, expect.stringContaining('keywitness import-token create')])
    await good('import-token create --retrievals 7 --expires 3600')
    for (const [name, size] of [
      ['hpcs', 32],
      ['key-protect', 16],
    ] as const) {
      const material = size === 32 ? first : file('short', randomBytes(size))
      const [key = ''] = (await good(`keys create by-${name} --material ${material} --import-token ${name}`)).split(' ')
      expect(JSON.parse(await good(`keys show ${key} --json`))).toMatchObject({ imported: true, extractable: false })
      // The server took it only because the nonce opened under the very material; and it is a key that works.
      const wrapped = file('wrapped', Buffer.from(await good(`keys wrap ${key}`)))
      expect(JSON.parse(await good(`keys unwrap ${key} ${wrapped}`))).toHaveProperty('plaintext')
      const again = file('again', randomBytes(24))
      expect(await good(`keys rotate ${key} --material ${again} --import-token ${name}`)).toBe(`rotated ${key}\n`)
      expect((await good(`keys versions ${key}`)).split('\n')).toHaveLength(3)
    }
    const main = new URL('../keywitness.mjs', import.meta.url).pathname
    const words = ['keys', 'create', 'piped', '--material', '-', '--import-token', 'key-protect']
    const piped = spawnSync(main, words, { input: randomBytes(32), env: { ...process.env, ...terminal.environment } })
    expect([piped.status, piped.stdout.toString()]).toEqual([0, expect.stringContaining('root key piped')])
    const left = JSON.parse(await good('import-token show --json')) as { remainingRetrievals: number }
    expect(left.remainingRetrievals).toBe(1)

    // Refused here, before the retrieval is counted.
    const text = file('text', Buffer.from(`${randomBytes(32).toString('base64')}\n`))
    const wrong = await terminal.keywitness(`keys create text --material ${text} --import-token hpcs`)
    expect([wrong.exitCode, wrong.err]).toEqual([2, expect.stringContaining('has 45 bytes')])
    for (const options of ['--import-token hpcs', `--standard --material ${first} --import-token hpcs`]) {
      expect((await terminal.keywitness(`keys create none ${options}`)).exitCode, options).toBe(2)
    }
    expect(JSON.parse(await good('import-token show --json'))).toMatchObject({ remainingRetrievals: 0 })
    const spent = await terminal.keywitness(`keys create late --material ${first} --import-token hpcs`)
    expect(spent.err).toMatch(/IMPORT_TOKEN_EXPIRED_ERR.*keywitness import-token create/)
  },
)
