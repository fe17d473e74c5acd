/** Zeroized crypto units leave nothing: no key works, no state lies anywhere, the trail goes on; the same parts bring it all back. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { filesHolding } from '../src/files-holding.ts'
import {
  ceremonyAdministrators,
  ceremonyParts,
  Client,
  covered,
  newDataFolder,
  newTkeAdministrator,
  type Product,
  startProduct,
  TkeCommands,
  verifiedLog,
} from '../src/index.ts'
import { type FilledKey, fillKeys, unopened } from '../src/rotation-keys.ts'

const data = newDataFolder()
let product: Product
let client: Client
let tke: TkeCommands
let keys: FilledKey[] = []
/** Sealed states of before, each of which holds a master key. */
const states: Buffer[] = []

async function start(...faults: readonly string[]): Promise<void> {
  product = await startProduct({ data, fault: ['keys:impatient', ...faults].join('+') })
  client = await new Client(product).signIn()
  tke = new TkeCommands(client, product.instance, ceremonyAdministrators(data, product.instance))
}

beforeAll(async () => {
  await start()
  keys = await fillKeys(client, 12)
}, 60_000)
afterAll(async () => {
  await product.stop()
  product.remove()
})

/** The sealed states of all units as they lie in the store now, without the zeros behind them. */
function sealedStates(): Buffer[] {
  const store = new DatabaseSync(join(data, 'server.db'), { readOnly: true })
  try {
    const rows = store
      .prepare('SELECT substr(s.sealed, 1, bytes) AS sealed FROM unit_states JOIN unit_state_slots s USING (slot)')
      .all() as { sealed: Uint8Array }[]
    return rows.map(({ sealed }) => Buffer.from(sealed))
  } finally {
    store.close()
  }
}

/** Magic, version, revision, instance and unit: not secret, and much the same in every state. */
const headerBytes = 83

/** Files of the data folder that hold a part of any of these, by name. */
function filesWith(sealed: readonly Buffer[]): string[] {
  // A torn copy counts too: every 16 bytes after the header.
  const parts = sealed.flatMap((state) =>
    Array.from({ length: Math.floor((state.length - headerBytes) / 16) }, (_, at) => {
      const from = headerBytes + 16 * at
      return state.subarray(from, from + 16)
    }),
  )
  return filesHolding(data, (content) => parts.some((part) => content.includes(part)))
}

/** Each kind of use of a key, by what is recorded of it. */
async function useAll(): Promise<{ use: string; status: number; eventId: string | undefined }[]> {
  const root = keys[0] as FilledKey
  const standard = keys[2] as FilledKey
  const [ciphertext] = root.ciphertexts
  const actions = `/api/v2/keys/${root.id}/actions`
  const metadata = { collectionType: 'application/vnd.ibm.kms.key+json', collectionTotal: 1 }
  const resource = { type: 'application/vnd.ibm.kms.key+json', name: 'new', extractable: false }
  const uses = [
    ['wrap', 'POST', `${actions}/wrap`, { plaintext: root.plaintext }],
    ['wrap', 'POST', `${actions}/wrap`, {}],
    ['unwrap', 'POST', `${actions}/unwrap`, { ciphertext }],
    ['rewrap', 'POST', `${actions}/rewrap`, { ciphertext }],
    ['rotate', 'POST', `${actions}/rotate`, {}],
    ['create', 'POST', '/api/v2/keys', { metadata, resources: [resource] }],
    ['read', 'GET', `/api/v2/keys/${standard.id}`, undefined],
  ] as const
  return await Promise.all(
    uses.map(async ([use, method, path, body]) => {
      const { status, eventId } = await client.call(method, path, body === undefined ? {} : { body })
      return { use, status, eventId }
    }),
  )
}

test('after all units are zeroized every use of a key is refused and witnessed, and what needs no key goes on', async () => {
  const fourth = newTkeAdministrator('fourth')
  states.push(...sealedStates())
  for (const unit of await tke.units()) await tke.carryOut(unit, 'ADD_ADMINISTRATOR', fourth.certificate)
  states.push(...sealedStates())
  // The first ones are gone with the commit of the next; the search finds what is there.
  expect(filesWith(states.slice(3)).length).toBeGreaterThan(0)
  const stillOpen: boolean[] = []
  for (const unit of await tke.units()) {
    const zeroized = await tke.carryOut(unit, 'ZEROIZE')
    expect(await client.event(zeroized.eventId)).toMatchObject({
      action: 'hs-crypto.tke-cryptounit.reset',
      outcome: 'success',
      severity: 'critical',
      target: { name: unit.location },
    })
    stillOpen.push((await unopened(client, keys)).length === 0)
  }
  // One operational unit that works is enough; a recovery unit alone is not.
  expect(stillOpen).toEqual([true, false, false])
  expect(await tke.states()).toEqual(['imprint', 'imprint', 'imprint'])
  for (const { use, status, eventId } of await useAll()) {
    expect([use, status]).toEqual([use, 503])
    const event = await client.event(eventId)
    expect([event.action, event.outcome]).toEqual([`hs-crypto.secrets.${use}`, 'failure'])
  }
  expect((await client.call('GET', `/api/v2/keys/${keys[0]?.id}/metadata`)).status).toBe(200)
})

test('the states from before lie in no file of the data folder', () => {
  expect(states.length).toBe(6)
  expect(filesWith(states)).toEqual([])
})

test('officers still sign in, and the trail still signs checkpoints that verify', async () => {
  const again = await new Client(product).signIn()
  const path = `/v1/trackers/${product.location}/log/checkpoint`
  const before = (await client.call('GET', path)).text
  await again.call('GET', '/api/v2/keys')
  await covered(again, product.location)
  expect((await client.call('GET', path)).text).not.toBe(before)
  const log = await verifiedLog(again, product.location)
  expect(log.filter(({ event }) => event.action === 'hs-crypto.tke-cryptounit.reset').length).toBe(6)
})

test('a restart in the development profile does not undo it', async () => {
  await product.stop()
  await start()
  expect(await tke.states()).toEqual(['imprint', 'imprint', 'imprint'])
  expect((await useAll()).map(({ status }) => status)).toEqual(Array.from({ length: 7 }, () => 503))
  expect(filesWith(states)).toEqual([])
})

test('the same master key parts bring every key back', async () => {
  for (const unit of await tke.units()) await tke.lead(unit, ceremonyParts(data, product.instance))
  expect(await tke.states()).toEqual(['ready', 'ready', 'ready'])
  expect(await unopened(client, keys)).toEqual([])
})

test('a server killed just after the commit of a zeroize has nothing of the state left after its next start', async () => {
  const sealed = sealedStates()
  const revisions = (await tke.units()).reduce((sum, { version }) => sum + version, 0)
  await product.stop()
  await start(`kill:after@revisions=${revisions + 1}`)
  const [first] = await tke.units()
  await expect(tke.send(first!, 'ZEROIZE')).rejects.toThrow('fetch failed')
  expect((await product.ended).signal).toBe('SIGKILL')
  await start()
  expect(await tke.states()).toEqual(['imprint', 'ready', 'ready'])
  const gone = sealed.filter((state) => state.includes(first!.hsm_id))
  expect(gone.length).toBe(1)
  expect(filesWith(gone)).toEqual([])
  expect(filesWith(sealed)).toEqual(['server.db'])
  const events = await client.events('action=hs-crypto.tke-cryptounit.reset')
  expect(events.filter(({ event }) => event.target.name === first!.location).length).toBe(3)
})
