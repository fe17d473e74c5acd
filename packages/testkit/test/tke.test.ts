/** Crypto units from imprint mode to working keys and back, over HTTP, in the call sequences of the public library. */
import type { ActivityEvent } from '@keywitness/cadf'
import { attributes, encodeAttributes } from '@keywitness/crypto-unit/tke/attributes'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  Client,
  newSigner,
  startProduct,
  TkeClient,
  TkeRefused,
  type Product,
  type TkeSigner,
  type TkeUnitState,
} from '../src/index.ts'

const signers = ['one', 'two', 'three'].map((name) => newSigner(`administrator ${name}`))
const [one, two, three] = signers as [TkeSigner, TkeSigner, TkeSigner]
const rsa = newSigner('administrator with RSA', 'rsa')
/** Clients make their base URL of whatever their user calls a region. */
const prefix = '/u@127.0.0.1:8443/x.hs-crypto.cloud.ibm.com'
let product: Product
let client: Client
let tke: TkeClient
let key = ''

beforeAll(async () => {
  const env = { KEYWITNESS_PROFILE: 'production', KEYWITNESS_BOOTSTRAP_API_KEY: 'tke-test-'.padEnd(44, 'A') }
  product = await startProduct({ env })
  client = await new Client(product).signIn()
  tke = clientOf([one, two, three, rsa])
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

function clientOf(signing: readonly TkeSigner[]): TkeClient {
  const { url, instance } = product
  return new TkeClient({ url: `${url}${prefix}`, instance, authorization: `Bearer ${client.token}` }, signing)
}

/** What a client sent to each unit since the last look, by the unit's type. */
function takeSent(units: readonly TkeUnitState[]): Map<TkeUnitState, string[]> {
  const sent = tke.sent.splice(0)
  return new Map(
    units.map((unit) => [unit, sent.filter((one_) => one_.unit === unit.id).map(({ command }) => command)] as const),
  )
}

async function eventsOf(unit: TkeUnitState): Promise<ActivityEvent[]> {
  const { eventId } = await client.call('GET', '/v1/trackers')
  await client.event(eventId)
  const found = await client.events()
  return found.map(({ event }) => event).filter(({ target }) => target.name === unit.location)
}

async function listing(): Promise<{ states: string[]; versions: number[] }> {
  const units = await tke.wire.list()
  return { states: units.map(({ state }) => state), versions: units.map(({ version }) => version) }
}

async function unitStates(): Promise<readonly Record<string, unknown>[]> {
  const path = `${prefix}/v1/tke/${product.instance}/units`
  return (await client.call<{ units: Record<string, unknown>[] }>('GET', path)).json.units
}

const configuration = (signatureThreshold: number, revocationThreshold: number, ...administrators: TkeSigner[]) => ({
  signatureThreshold,
  revocationThreshold,
  administrators,
})

test('a first start in production makes no keys for anybody, and says so', () => {
  expect(product.output()).toContain('crypto units that wait for their administrators')
  expect(product.output()).not.toMatch(/development/i)
})

test('a new instance has two operational units and a recovery unit, all in imprint mode, and no key can be made', async () => {
  const units = await tke.query()
  expect(units.map(({ type }) => type)).toEqual(['operational', 'operational', 'recovery'])
  expect((await listing()).states).toEqual(['imprint', 'imprint', 'imprint'])
  for (const unit of units) {
    expect(unit).toMatchObject({
      signatureThreshold: 0,
      revocationThreshold: 0,
      administrators: [],
      newRegister: 'Empty',
      currentRegister: 'Empty',
    })
  }
  const states = await unitStates()
  expect(states.map(({ type, administrators, next }) => [type, administrators, next])).toEqual(
    units.map(({ type }) => [type, [], 'add-administrators']),
  )
  await expect(client.createKey('too early')).rejects.toThrow('503')
})

test('an initialisation through the recovery unit leads all units to one master key, and keys work', async () => {
  const wanted = configuration(2, 2, one, two, three)
  expect(await tke.check(wanted)).toEqual([])
  const units = await tke.update(wanted)
  expect(new Set(units.map(({ currentPattern }) => currentPattern)).size).toBe(1)
  for (const unit of units) {
    expect(unit).toMatchObject({
      signatureThreshold: 2,
      revocationThreshold: 2,
      newRegister: 'Empty',
      currentRegister: 'Valid',
      permissions: unit.type === 'recovery' ? 0x01ff_205f : 0x01ff_2055,
      mode: 0x0004_0203,
    })
    expect(new Set(unit.administrators.map(({ ski, name }) => `${ski} ${name}`))).toEqual(
      new Set([one, two, three].map(({ ski, name }) => `${ski} ${name}`)),
    )
  }
  const beginning = ['ZEROIZE', 'ADD_ADMINISTRATOR', 'ADD_ADMINISTRATOR', 'ADD_ADMINISTRATOR', 'SET_ATTRIBUTES']
  const copying = ['GENERATE_IMPORTER', 'LOAD', 'COMMIT', 'ACTIVATE']
  for (const [unit, commands] of takeSent(units)) {
    const own = unit.type === 'recovery' ? ['RANDOM', 'EXPORT', 'EXPORT'] : copying
    expect(commands).toEqual([...beginning, ...own])
  }
  expect((await listing()).states).toEqual(['ready', 'ready', 'ready'])
  const listed = await tke.wire.list()
  expect(await unitStates()).toEqual(
    units.map((unit) => ({
      hsm_id: unit.id,
      location: unit.location,
      serial_number: listed.find(({ id }) => id === unit.id)?.serial,
      state: 'ready',
      version: listed.find(({ id }) => id === unit.id)?.version,
      type: unit.type,
      administrators: [one, two, three].map(({ ski, name }) => ({ ski, name })),
      signatureThreshold: 2,
      revocationThreshold: 2,
      masterKey: {
        current: { state: 'valid', verificationPattern: unit.currentPattern },
        new: { state: 'empty' },
      },
      next: 'none',
    })),
  )
  key = await client.createKey('made of the shared master key')
  expect((await client.call('POST', `/api/v2/keys/${key}/actions/wrap`, { body: {} })).status).toBe(200)
})

test('each unit’s events tell the whole initialisation, in order, with every field of it', async () => {
  const units = await tke.query()
  const pattern = units[0]?.currentPattern
  const adminIds = [one, two, three].map(({ ski }) => ski)
  for (const unit of units) {
    const events = await eventsOf(unit)
    const isRecovery = unit.type === 'recovery'
    const base = 'hs-crypto.tke-cryptounit'
    const register = `${base}-master-key-register`
    const permissions = isRecovery ? '01ff205f' : '01ff2055'
    const main = [one.ski, two.ski]
    const common = [
      // Of its creation, which nobody signs.
      { action: `${base}.reset`, typeURI: '', signerIds: undefined, request: {}, response: {} },
      { action: `${base}.reset`, typeURI: '', signerIds: [], request: {}, response: {} },
      ...adminIds.map((adminId, index) => ({
        action: `${base}-admin.add`,
        typeURI: '/admin',
        signerIds: [],
        request: { adminId, adminName: signers[index]?.name },
        response: { adminIds: adminIds.slice(0, index + 1) },
      })),
      {
        action: `${base}-threshold.set`,
        typeURI: '/threshold',
        signerIds: main,
        request: { signatureThreshold: 2, revocationSignatureThreshold: 2, permissions },
        response: {
          signatureThreshold: 2,
          revocationSignatureThreshold: 2,
          initialValue: { signatureThreshold: 0, revocationSignatureThreshold: 0, permissions: '81ff0011' },
        },
      },
    ]
    const patternOnly = { verificationPattern: pattern }
    const anyHash = expect.stringMatching(/^[0-9a-f]{64}$/) as string
    const own = isRecovery
      ? [
          {
            action: `${register}.activate`,
            typeURI: '/master-key-register',
            signerIds: [one.ski],
            request: {},
            response: patternOnly,
          },
          ...[1, 2].map(() => ({
            action: `${base}-master-key.export`,
            typeURI: '/master-key',
            signerIds: main,
            request: { register: 'current', recipientId: anyHash },
            response: patternOnly,
          })),
        ]
      : [
          {
            action: `${base}-importer.create`,
            typeURI: '/importer',
            signerIds: [one.ski],
            request: {},
            response: { importerId: anyHash },
          },
          {
            action: `${register}.add`,
            typeURI: '/master-key-register',
            signerIds: [one.ski],
            request: { masterKeyIds: [pattern] },
            response: patternOnly,
          },
          {
            action: `${register}.commit`,
            typeURI: '/master-key-register',
            signerIds: main,
            request: patternOnly,
            response: { masterKeyIds: [pattern] },
          },
          {
            action: `${register}.activate`,
            typeURI: '/master-key-register',
            signerIds: [one.ski],
            request: patternOnly,
            response: patternOnly,
          },
        ]
    expect(events.map(({ action }) => action)).toEqual([...common, ...own].map(({ action }) => action))
    for (const [index, expected] of [...common, ...own].entries()) {
      const event = events[index] as ActivityEvent
      expect(event).toMatchObject({
        outcome: 'success',
        severity: 'critical',
        reason: { reasonCode: 200, reasonType: 'OK' },
        target: {
          id: expect.stringMatching(new RegExp(`:${product.instance}:tke-cryptounit:${unit.id}$`)) as string,
          name: unit.location,
          typeURI: `hs-crypto/tke-cryptounit${expected.typeURI}`,
        },
      })
      expect(event).not.toHaveProperty('correlationId')
      const { location, requestURI, instanceID, signerIds, requestHash, transactionCounter, ...request } =
        event.requestData as Record<string, unknown>
      const { unitRevision, ...response } = event.responseData as Record<string, unknown>
      expect([location, instanceID]).toEqual([unit.location, product.instance])
      expect(unitRevision).toBe(index + 1)
      expect(request).toEqual(expected.request)
      expect(response).toEqual(expected.response)
      expect(signerIds).toEqual(expected.signerIds)
      if (expected.signerIds === undefined) continue
      expect([requestURI, transactionCounter]).toEqual([
        expect.stringContaining(`/v1/tke/${product.instance}/hsms/${unit.id}`),
        String(index < 2 ? 1 : index - 1),
      ])
      expect(requestHash).toMatch(/^[0-9a-f]{64}$/)
      expect(event.initiator.host?.address).toBe('127.0.0.1')
    }
    expect((await tke.wire.list()).find(({ id }) => id === unit.id)?.version).toBe(events.length)
  }
})

test('each command answers with its event, whose hash is the one of the DER that was sent', async () => {
  const [unit] = await tke.query()
  const { eventId, requestHash } = await tke.command(unit as TkeUnitState, 'CLEAR_NEW', Buffer.alloc(0), 1)
  const event = await client.event(eventId)
  expect(event.action).toBe('hs-crypto.tke-cryptounit-new-master-key-register.clear')
  expect(event.requestData).toMatchObject({ requestHash, signerIds: [one.ski] })
  expect(event.target.typeURI).toBe('hs-crypto/tke-cryptounit/new-master-key-register')
  tke.sent.length = 0
})

test('a second update with the same wishes sends no command at all', async () => {
  const before = await listing()
  await tke.update(configuration(2, 2, one, two, three))
  expect(tke.sent).toEqual([])
  expect(await listing()).toEqual(before)
})

test('thresholds are changed by the old main threshold, on every unit', async () => {
  const units = await tke.update(configuration(2, 3, one, two, three))
  for (const [unit, commands] of takeSent(units)) {
    expect(commands).toEqual(['SET_ATTRIBUTES'])
    expect([unit.signatureThreshold, unit.revocationThreshold]).toEqual([2, 3])
    const event = (await eventsOf(unit)).at(-1)
    expect(event?.requestData).toMatchObject({ signerIds: [one.ski, two.ski], revocationSignatureThreshold: 3 })
    expect(event?.responseData).toMatchObject({ initialValue: { revocationSignatureThreshold: 2 } })
  }
})

test('with a revocation threshold above the main one it is lowered first, then one goes and another comes', async () => {
  const units = await tke.update(configuration(2, 2, one, two, rsa))
  for (const [unit, commands] of takeSent(units)) {
    expect(commands).toEqual(['SET_ATTRIBUTES', 'REMOVE_ADMINISTRATOR', 'ADD_ADMINISTRATOR'])
    const [removed, added] = (await eventsOf(unit)).slice(-2)
    expect(removed).toMatchObject({
      action: 'hs-crypto.tke-cryptounit-admin.remove',
      requestData: { adminId: three.ski, signerIds: [one.ski, two.ski] },
      responseData: { adminIds: [one.ski, two.ski] },
    })
    expect(added).toMatchObject({
      action: 'hs-crypto.tke-cryptounit-admin.add',
      requestData: { adminId: rsa.ski },
      responseData: { adminIds: [one.ski, two.ski, rsa.ski] },
    })
  }
  expect((await client.call('POST', `/api/v2/keys/${key}/actions/wrap`, { body: {} })).status).toBe(200)
})

test('whoever was removed signs nothing any more, and an RSA administrator signs like any other', async () => {
  const [unit] = (await tke.query()) as [TkeUnitState]
  const refused = await tke.command(unit, 'CLEAR_NEW', Buffer.alloc(0), 1, [three]).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(TkeRefused)
  const { eventId, requestHash, message } = refused as TkeRefused
  expect(message).toBe('257/0')
  expect(await client.event(eventId)).toMatchObject({
    outcome: 'failure',
    severity: 'critical',
    reason: {
      reasonCode: 500,
      reasonType: 'Internal Server Error',
      reasonForFailure: 'The command is signed by somebody who is not an administrator (257/0).',
    },
    requestData: { requestHash, signerIds: [three.ski], location: unit.location },
  })
  const payload = encodeAttributes([[attributes.SIGNATURE_THRESHOLD, 2]])
  const { eventId: accepted } = await tke.command(unit, 'SET_ATTRIBUTES', payload, 2, [rsa, two])
  expect((await client.event(accepted)).requestData).toMatchObject({ signerIds: [rsa.ski, two.ski] })
  tke.sent.length = 0
})

test('what cannot be done is found before anything is sent', async () => {
  const stranger = newSigner('stranger')
  expect(await tke.check(configuration(9, 1, one, two, rsa))).toContain('thresholds')
  expect(await tke.check(configuration(2, 2, stranger, three))).toContain('too few administrators stay')
  expect(await tke.check(configuration(2, 2, one, { ...two, name: 'renamed' }))).toContain('a changed name')
  expect(await tke.check(configuration(2, 2, one, one))).toContain('a key twice')
  expect(await tke.check(configuration(3, 2, one, two))).toContain('number of administrators')
  expect(tke.sent).toEqual([])
})

test('a unit that lost its master key gets it again from the recovery unit', async () => {
  const [unit] = (await tke.query()) as [TkeUnitState]
  await tke.command(unit, 'CLEAR_CURRENT', Buffer.alloc(0), 1)
  expect((await listing()).states).toEqual(['no_master_key', 'ready', 'ready'])
  expect((await client.call('POST', `/api/v2/keys/${key}/actions/wrap`, { body: {} })).status).toBe(200)
  tke.sent.length = 0
  const units = await tke.update(configuration(2, 2, one, two, rsa))
  const commands = [...takeSent(units).values()]
  expect(commands).toEqual([['GENERATE_IMPORTER', 'LOAD', 'COMMIT', 'ACTIVATE'], [], ['EXPORT']])
  expect((await listing()).states).toEqual(['ready', 'ready', 'ready'])
})

test('after a zeroize of all units keys do not work, and every revision stays told', async () => {
  await tke.zeroize()
  const units = await tke.query()
  expect([...takeSent(units).values()]).toEqual([['ZEROIZE'], ['ZEROIZE'], ['ZEROIZE']])
  expect((await listing()).states).toEqual(['imprint', 'imprint', 'imprint'])
  const refused = await client.call('POST', `/api/v2/keys/${key}/actions/wrap`, { body: {} })
  expect(refused.status).toBe(503)
  for (const unit of units) {
    const events = await eventsOf(unit)
    expect(events.at(-1)).toMatchObject({
      action: 'hs-crypto.tke-cryptounit.reset',
      outcome: 'success',
      requestData: { signerIds: [one.ski] },
    })
    const revisions = events.flatMap(
      ({ responseData }) => (responseData as { unitRevision?: number }).unitRevision ?? [],
    )
    expect(revisions).toEqual(revisions.toSorted((a, b) => a - b))
    expect(new Set(revisions).size).toBe(revisions.length)
    expect(unit.version).toBe(revisions.at(-1))
    for (const event of events) expect(event).not.toHaveProperty('correlationId')
  }
})

test('initialised anew, with another master key, the old keys do not open and new ones work', async () => {
  tke = clientOf([two])
  await tke.update(configuration(1, 1, two))
  expect((await listing()).states).toEqual(['ready', 'ready', 'ready'])
  const refused = await client.call('POST', `/api/v2/keys/${key}/actions/wrap`, { body: {} })
  expect(refused.status).toBe(503)
  expect(await client.event(refused.eventId)).toMatchObject({
    action: 'hs-crypto.secrets.wrap',
    outcome: 'failure',
    reason: {
      reasonCode: 503,
      reasonForFailure: 'The key is wrapped under a master key that no crypto unit holds. (UNIT_UNAVAILABLE)',
    },
  })
  const other = await client.createKey('made of the second master key')
  expect((await client.call('POST', `/api/v2/keys/${other}/actions/wrap`, { body: {} })).status).toBe(200)
})
