/** `npm run demo [-- minutes]`: drives a running server through the official SDK, over KMIP and EP11, so that the console fills with life. */
import { randomBytes, randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { IamAuthenticator } from '@ibm-cloud/ibm-key-protect/auth/index.js'
import KeyProtect from '@ibm-cloud/ibm-key-protect/ibm-key-protect-api/v2.js'
import { Client } from './client.ts'
import { canOpenDemoEp11, DemoEp11 } from './demo-ep11.ts'
import { type DemoVCenter, openDemoVCenter } from './demo-vcenter.ts'
import type { RunFile } from './product.ts'

const minutes = Number(process.argv[2] ?? '2')
if (!(minutes > 0)) fail('Usage: npm run demo -- [minutes]   2 when not given')
const data = process.env['KEYWITNESS_DATA'] ?? './data'
const run = readRun()
const apiKey = process.env['KEYWITNESS_API_KEY'] ?? readFileSync(join(data, 'api-key'), 'utf8').trim()
const url = `http://${run.http}`
const { instance: bluemixInstance, location } = run

function fail(text: string): never {
  console.error(text)
  process.exit(2)
}

/** Without an address where KMIP or EP11 is off. */
type Run = Omit<RunFile, 'kmip' | 'ep11'> & { readonly kmip?: string; readonly ep11?: string }

function readRun(): Run {
  try {
    return JSON.parse(readFileSync(join(data, 'run.json'), 'utf8')) as Run
  } catch {
    return fail(`No server is running on ${data}. Start one with: npm start`)
  }
}

/** People and services of the demonstration, each with a role and an API key of its own. */
const cast = [
  { name: 'payments', role: 'Writer' },
  { name: 'backup', role: 'Writer' },
  { name: 'reporting', role: 'Reader' },
  { name: 'migration', role: 'Manager' },
] as const
const topics = ['billing', 'payroll', 'customer-data', 'archive', 'sessions', 'invoices', 'telemetry', 'documents']

interface Actor {
  readonly name: string
  readonly sdk: InstanceType<typeof KeyProtect>
}

const owner = await new Client({ url, apiKey, instance: bluemixInstance, location }).signIn()

/** A service ID with a role on the instance; its API key. */
async function newService(name: string, role: string): Promise<string> {
  const service = await owner.call<{ id: string }>('POST', '/v1/iam/service-ids', { body: { name } })
  const scope = { kind: 'instance', id: bluemixInstance }
  await owner.call('POST', '/v1/iam/roles', { body: { identity: service.json.id, role, scope } })
  const key = await owner.call<{ apikey: string }>('POST', '/v1/iam/api-keys', {
    body: { identity: service.json.id, name: `${name} key` },
  })
  if (key.status !== 201) fail(`The service ID ${name} could not be made: ${key.text}`)
  return key.json.apikey
}

const actors: Actor[] = []
for (const { name, role } of cast) {
  const authenticator = new IamAuthenticator({ apikey: await newService(name, role), url })
  actors.push({ name, sdk: new KeyProtect({ authenticator, serviceUrl: url }) })
}
const { kmip, ep11 } = run
let vcenter: DemoVCenter | undefined = kmip === undefined ? undefined : await openDemoVCenter(owner, { kmip, data })
let application: DemoEp11 | undefined
if (ep11 !== undefined && canOpenDemoEp11({ data })) {
  const apiKeys = {
    signer: await newService('code-signing', 'Manager'),
    reader: await newService('auditing', 'Reader'),
  }
  application = new DemoEp11({ ...run, ep11, data, url }, apiKeys)
}
const absent = [
  ...(vcenter === undefined ? ['no vCenter: KMIP'] : []),
  ...(application === undefined ? ['no application with keys of its own: EP11'] : []),
].map((what) => `; ${what} is off, or its certificate is not our own`)
const present = ['four services', ...(vcenter === undefined ? [] : ['a vCenter'])]
if (application !== undefined) present.push('an application over EP11')
console.log(
  `At work for ${minutes} minutes: ${present.join(', ')}${absent.join('')}. Look at ${url}/ and stop with Ctrl-C.`,
)

interface HeldKey {
  readonly id: string
  readonly name: string
  ciphertext: string | undefined
}
const keys: HeldKey[] = []
const pick = <Item>(items: readonly Item[]): Item => items[randomInt(items.length)] as Item
let calls = 0

/** One call; a refusal is part of the show. */
async function play(actor: Actor, what: string, act: () => Promise<unknown>): Promise<unknown> {
  calls += 1
  try {
    return await act()
  } catch (error) {
    const { status } = error as { status?: number }
    if (status === undefined) fail(`The server does not answer any more (${actor.name}: ${what}).`)
    return undefined
  }
}

function keyBody(name: string, extractable: boolean): never {
  const collectionType = 'application/vnd.ibm.kms.key+json'
  return {
    metadata: { collectionType, collectionTotal: 1 },
    resources: [{ type: collectionType, name, extractable }],
  } as never
}

async function step(): Promise<void> {
  const actor = pick(actors)
  const { sdk } = actor
  const dice = randomInt(100)
  const key = keys.length === 0 ? undefined : pick(keys)
  if (key === undefined || dice < 8) {
    const name = `${pick(topics)}-${randomInt(100)}`
    const made = (await play(actor, 'create', () =>
      sdk.createKey({ bluemixInstance, body: keyBody(name, dice % 4 === 0) }),
    )) as { result: { resources: { id: string; extractable: boolean }[] } } | undefined
    const [resource] = made?.result.resources ?? []
    if (resource !== undefined && !resource.extractable) keys.push({ id: resource.id, name, ciphertext: undefined })
  } else if (dice < 50) {
    const plaintext = randomBytes(32).toString('base64')
    const wrapped = (await play(actor, 'wrap', () =>
      sdk.wrapKey({ bluemixInstance, id: key.id, keyActionWrapBody: { plaintext } as never }),
    )) as { result: { ciphertext: string } } | undefined
    key.ciphertext = wrapped?.result.ciphertext ?? key.ciphertext
  } else if (dice < 80 && key.ciphertext !== undefined) {
    const ciphertext = dice === 79 ? `${key.ciphertext.slice(0, -8)}AAAAAAA=` : key.ciphertext
    await play(actor, 'unwrap', () =>
      sdk.unwrapKey({ bluemixInstance, id: key.id, keyActionUnwrapBody: { ciphertext } as never }),
    )
  } else if (dice < 86) await play(actor, 'metadata', () => sdk.getKeyMetadata({ bluemixInstance, id: key.id }))
  else if (dice < 91) await play(actor, 'list', () => sdk.getKeys({ bluemixInstance }))
  else if (dice < 94)
    await play(actor, 'rotate', () => sdk.rotateKey({ bluemixInstance, id: key.id, keyActionRotateBody: {} as never }))
  else if (dice < 96) {
    await play(actor, 'delete', () => sdk.deleteKey({ bluemixInstance, id: key.id }))
    if (keys.length > 6) keys.splice(keys.indexOf(key), 1)
  } else if (dice < 98)
    await play(actor, 'read', () => sdk.getKey({ bluemixInstance, id: '00000000-0000-4000-8000-000000000000' }))
  else
    await fetch(`${url}/api/v2/keys`, {
      headers: { authorization: 'Bearer nobody', 'bluemix-instance': bluemixInstance },
    })
}

/** The vCenter's occasions are fewer than the services' calls. */
async function stepOfVCenter(): Promise<void> {
  if (vcenter === undefined || randomInt(4) > 0) return
  try {
    await vcenter.step()
    calls += 1
  } catch (error) {
    console.log(`\nThe vCenter leaves: ${error instanceof Error ? error.message : String(error)}`)
    vcenter = undefined
  }
}

async function stepOfApplication(): Promise<void> {
  if (application === undefined || randomInt(2) > 0) return
  try {
    await application.step()
    calls += 1
  } catch (error) {
    console.log(`\nThe application leaves: ${error instanceof Error ? error.message : String(error)}`)
    application.close()
    application = undefined
  }
}

const end = performance.now() + minutes * 60_000
while (performance.now() < end) {
  await step()
  await stepOfVCenter()
  await stepOfApplication()
  await new Promise((resolve) => setTimeout(resolve, randomInt(40, 400)))
  if (process.stdout.isTTY) process.stdout.write(`\r${calls} calls `)
}
application?.close()
console.log(`\n${calls} calls made.`)
