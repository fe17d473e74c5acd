/** Secrets of crypto units: parts and master keys, importers and tokens are in no event, answer, log or file in clear. */
import { hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { CommandName } from '@keywitness/crypto-unit/tke/command-block'
import { wordBytes } from '@keywitness/crypto-unit/tke/der'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { UnitState } from '../../crypto-unit/src/registers.ts'
import { keysOfSeal, openState } from '../../crypto-unit/src/state.ts'
import {
  Client,
  newTkeAdministrator,
  type Product,
  startProduct,
  TkeCommands,
  type TkeListing,
  type TkeReply,
} from '../src/index.ts'

const administrators = ['one', 'two'].map((name) => newTkeAdministrator(name))
const planted: { what: string; bytes: Buffer }[] = []
const answers: string[] = []
let product: Product
let client: Client
let tke: TkeCommands

beforeAll(async () => {
  const env = { KEYWITNESS_PROFILE: 'production', KEYWITNESS_BOOTSTRAP_API_KEY: 'tke-secrets-'.padEnd(44, 'B') }
  product = await startProduct({ env })
  client = await new Client(product).signIn()
  tke = new TkeCommands(client, product.instance, administrators)
})
afterAll(() => product.remove())

/** A fresh secret, remembered under a name. */
function secret(what: string): Buffer {
  const bytes = randomBytes(32)
  planted.push({ what, bytes })
  return bytes
}

/** Every way a secret's bytes may be written down. */
function found(where: string, content: Buffer): string[] {
  return planted.flatMap(({ what, bytes }) => {
    const texts = [bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('hex')]
    const forms = [bytes, ...[...texts, bytes.toString('hex').toUpperCase()].map((text) => Buffer.from(text))]
    return forms.some((form) => content.includes(form)) ? [`${what} in ${where}`] : []
  })
}

async function send(unit: TkeListing, name: CommandName, payload?: Uint8Array): Promise<TkeReply> {
  const reply = await tke.send(unit, name, payload)
  answers.push(reply.body, reply.output.toString('hex'))
  return reply
}

/** Two parts, and the key that they make. */
function parts(of: string): Buffer[] {
  const both = [secret(`the first part of ${of}`), secret(`the second part of ${of}`)] as const
  const key = Buffer.from(both[0].map((byte, index) => byte ^ (both[1][index] ?? 0)))
  planted.push({ what: `the key of ${of}`, bytes: key })
  return [...both]
}

function numbersOf(key: KeyObject): [name: string, bytes: Buffer][] {
  const { d = '', p = '', q = '' } = key.export({ format: 'jwk' })
  return Object.entries({ d, p, q }).flatMap(([name, value]) =>
    value === '' ? [] : [[name, Buffer.from(value, 'base64url')]],
  )
}

/** The states as they lie in the store, opened with the seal that lies beside it. */
function openedStates(): UnitState[] {
  const seal = readFileSync(join(product.data, 'seal.key'))
  const { states } = keysOfSeal(new Uint8Array(hkdfSync('sha256', seal, '', 'keywitness/unit-states/1', 32)))
  const store = new DatabaseSync(join(product.data, 'server.db'), { readOnly: true })
  try {
    const rows = store
      .prepare('SELECT substr(s.sealed, 1, bytes) AS sealed FROM unit_states JOIN unit_state_slots s USING (slot)')
      .all() as { sealed: Uint8Array }[]
    return rows.map(({ sealed }) => openState(Buffer.from(sealed), states))
  } finally {
    store.close()
  }
}

test('whatever secret thing is sent to a crypto unit, or made in it, is nowhere but in its sealed state', async () => {
  const units = await tke.units()
  const [first, second, recovery] = units as [TkeListing, TkeListing, TkeListing]
  const shared = parts('the shared master key')
  for (const unit of units) await tke.lead(unit, shared)
  planted.push({ what: 'the access token', bytes: Buffer.from(client.token.split('.')[2] ?? '', 'base64url') })
  expect(await tke.states()).toEqual(['ready', 'ready', 'ready'])

  // Parts for an importer of RSA; one that waits in the new register; and one that was given up.
  const { output } = await send(first, 'GENERATE_IMPORTER', wordBytes(0))
  const loaded = await tke.post(first, await tke.loadRequest(first, parts('a key under RSA'), output))
  expect(loaded.code).toBe('0/0')
  await tke.bring(second, parts('a key that waits'))
  await tke.bring(recovery, parts('a key that is given up'))
  await send(recovery, 'CLEAR_NEW')

  // Mistakes of clients: secrets in the place of what is public, and in requests that are none.
  for (const name of [
    'LOAD',
    'COMMIT',
    'ACTIVATE',
    'EXPORT',
    'ADD_ADMINISTRATOR',
    'SET_ATTRIBUTES',
    'ZEROIZE',
  ] as const) {
    expect((await send(first, name, secret(`a key sent with ${name}`))).code).not.toBe('0/0')
  }
  const [one] = administrators
  const pem = one?.key.export({ format: 'der', type: 'pkcs8' }) ?? Buffer.alloc(0)
  expect(await send(first, 'ADD_ADMINISTRATOR', pem)).toMatchObject({ code: '32/40' })
  const path = `/v1/tke/${product.instance}/hsms/${first.hsm_id}`
  for (const body of [
    JSON.stringify({ request: secret('a request').toString('hex') }),
    JSON.stringify({ request: `98;PCI request;XPNUM   ;0;        ;${secret('a CPRB').toString('hex')}` }),
    JSON.stringify({ [secret('a member').toString('hex')]: 1 }),
    secret('a body').toString('hex'),
  ]) {
    answers.push((await client.call('POST', path, { body })).text)
  }

  // Importers that are still there when the server stops.
  await send(first, 'GENERATE_IMPORTER', wordBytes(0))
  await send(second, 'GENERATE_IMPORTER', wordBytes(3))
  const events = Buffer.from(JSON.stringify(await client.events()))
  const metrics = Buffer.from(await (await fetch(`${product.privateUrl}/metrics`)).text())
  await product.stop()

  const states = openedStates()
  const importers = states.flatMap(({ importer }) => (importer === undefined ? [] : [importer.key]))
  expect(new Set(importers.map(({ asymmetricKeyType }) => asymmetricKeyType))).toEqual(new Set(['ec', 'rsa']))
  for (const key of [...importers, ...administrators.map((administrator) => administrator.key)]) {
    for (const [name, bytes] of numbersOf(key)) planted.push({ what: `${name} of a private key`, bytes })
  }
  for (const { currentKey, newKey } of states) {
    for (const register of [currentKey, newKey]) {
      if (register !== undefined) planted.push({ what: 'the key of a register', bytes: register.key.export() })
    }
  }
  expect(planted.filter(({ what }) => what === 'the key of a register').length).toBe(5)

  expect(found('an answer', Buffer.from(answers.join('\n')))).toEqual([])
  expect(found('an event', events)).toEqual([])
  expect(found('the metrics', metrics)).toEqual([])
  expect(found('the output', Buffer.from(product.output()))).toEqual([])
  const files = readdirSync(product.data, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile())
  expect(files.length).toBeGreaterThan(5)
  const inFiles = files.flatMap((entry) => found(entry.name, readFileSync(join(entry.parentPath, entry.name))))
  expect(inFiles).toEqual([])
})
