/** States of objects: Activate, Revoke, Destroy in each state, and the dates that change a state by themselves. */
import { beforeEach, describe, expect, test } from 'vitest'
import { enumeration, type Item } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { type KmipHouse, openKmipHouse } from '../testing/kmip-house.ts'
import { type Answered, nameAttribute, uid, uidOf, valueAt } from '../testing/messages.ts'
import {
  attributeOf,
  attributesOf,
  createKey,
  dateAttribute,
  opaqueObject,
  revocation,
  stateOf,
  toldOf,
} from '../testing/payloads.ts'

let house: KmipHouse
let now: number
beforeEach(async () => {
  house = await openKmipHouse()
  now = house.time / 1_000
})

const states = ['', 'Pre-Active', 'Active', 'Deactivated', 'Compromised', 'Destroyed', 'Destroyed Compromised']

type Step = 'Activate' | 'Revoke' | 'Compromise' | 'Destroy'

function asked(step: Step, id: string): { operation: 'Activate' | 'Revoke' | 'Destroy'; payload: Item[] } {
  if (step === 'Revoke') return { operation: 'Revoke', payload: revocation(id, 'Superseded') }
  if (step === 'Compromise') return { operation: 'Revoke', payload: revocation(id, 'KeyCompromise') }
  return { operation: step, payload: [uid(id)] }
}

/** How to come to a state from nothing. */
const ways: readonly (readonly Step[])[] = [
  [],
  [],
  ['Activate'],
  ['Activate', 'Revoke'],
  ['Compromise'],
  ['Destroy'],
  ['Compromise', 'Destroy'],
]

async function keyIn(state: number): Promise<string> {
  const id = await createKey(house.client, [nameAttribute('disk')])
  for (const step of ways[state] ?? []) {
    const { operation, payload } = asked(step, id)
    await house.client.ask(operation, payload)
  }
  return id
}

/** The state that each step leads to from each, or the reason why it does not (reference section 9). */
const table: Readonly<Record<Step, readonly (number | string)[]>> = {
  Activate: ['', 2, 'PermissionDenied', 'PermissionDenied', 'PermissionDenied', 'PermissionDenied', 'PermissionDenied'],
  Revoke: ['', 'IllegalOperation', 3, 'IllegalOperation', 'IllegalOperation', 'IllegalOperation', 'IllegalOperation'],
  Compromise: ['', 4, 4, 4, 'IllegalOperation', 6, 'IllegalOperation'],
  Destroy: ['', 5, 'PermissionDenied', 5, 6, 'PermissionDenied', 'PermissionDenied'],
}

const actions: Readonly<Record<Step, string>> = {
  Activate: 'kmip-key.activate',
  Revoke: 'kmip-key.revoke',
  Compromise: 'kmip-key.revoke',
  Destroy: 'kmip-key.destroy',
}

const severities: Readonly<Record<Step, string>> = {
  Activate: 'normal',
  Revoke: 'warning',
  Compromise: 'critical',
  Destroy: 'critical',
}

const cases = (Object.keys(table) as Step[]).flatMap((step) =>
  [1, 2, 3, 4, 5, 6].map((from) => ({ step, from, name: states[from], to: table[step][from] })),
)

async function take(step: Step, id: string): Promise<Answered | undefined> {
  house.time += 7_000
  const { operation, payload } = asked(step, id)
  return (await house.client.send([{ operation, payload }]))[0]
}

test.each(cases.filter(({ to }) => typeof to === 'number'))('$step of what is $name leads to $to', async (one) => {
  const { step, from, to } = one
  const id = await keyIn(from)
  expect((await take(step, id))?.fields).toEqual([uid(id)])
  expect(toldOf(house.lastEvent())).toMatchObject({
    action: actions[step],
    outcome: 'success',
    code: 200,
    severity: severities[step],
    target: 'disk',
    response: { keyId: id, initialValue: { kmipState: from }, newValue: { kmipState: to } },
  })
  expect(await stateOf(house.client, id)).toBe(to)
  expect(await attributeOf(house.client, id, 'Last Change Date')).toBe(BigInt(now + 7))
})

test.each(cases.filter(({ to }) => typeof to === 'string'))('$step of what is $name is refused: $to', async (one) => {
  const { step, from, to } = one
  const id = await keyIn(from)
  expect((await take(step, id))?.reason).toBe(to)
  expect(toldOf(house.lastEvent())).toMatchObject({
    action: actions[step],
    outcome: 'failure',
    code: to === 'PermissionDenied' ? 409 : 400,
    target: 'disk',
    response: { keyId: id, resultReason: to },
  })
  expect(await stateOf(house.client, id)).toBe(from)
})

test('an activation writes its date, and the event tells it', async () => {
  const id = await createKey(house.client)
  expect(await attributeOf(house.client, id, 'Activation Date')).toBeUndefined()
  house.time += 3_000
  await house.client.ask('Activate', [uid(id)])
  expect(house.lastEvent().responseData['activationDate']).toBe('2026-03-01T12:00:03.000Z')
  expect(await attributeOf(house.client, id, 'Activation Date')).toBe(BigInt(now + 3))
})

test('a key whose deactivation date is now is activated and deactivated at once', async () => {
  const id = await createKey(house.client, [dateAttribute('Deactivation Date', now)])
  await house.client.ask('Activate', [uid(id)])
  expect(await stateOf(house.client, id)).toBe(3)
  expect(house.lastEvent().action).toBe('hs-crypto.kmip-key-attributes.retrieve')
  expect(house.events().at(-2)?.responseData).toMatchObject({ newValue: { kmipState: 3 } })
})

test.each(['Process Start Date', 'Protect Stop Date', 'Deactivation Date'])(
  'a key whose %s is past is not activated any more',
  async (name) => {
    const id = await createKey(house.client, [dateAttribute(name, now + 5)])
    house.time += 6_000
    expect(await house.client.refused('Activate', [uid(id)])).toBe('PermissionDenied')
  },
)

describe('Revoke', () => {
  test.each([
    ['Unspecified', 1, 'unspecified'],
    ['AffiliationChanged', 4, 'affiliation-changed'],
    ['Superseded', 5, 'superseded'],
    ['CessationOfOperation', 6, 'cessation-of-operation'],
    ['PrivilegeWithdrawn', 7, 'privilege-withdrawn'],
  ] as const)('for %s deactivates now', async (code, number, told) => {
    const id = await keyIn(2)
    house.time += 4_000
    await house.client.ask('Revoke', revocation(id, code, { message: 'a word of the client' }))
    expect(toldOf(house.lastEvent())).toMatchObject({
      severity: 'warning',
      request: { operation: 'Revoke', revocationReasonCode: told },
      response: { deactivationDate: '2026-03-01T12:00:04.000Z' },
    })
    expect(JSON.stringify(house.events())).not.toContain('a word of the client')
    const values = await attributesOf(house.client, id)
    expect(values).toMatchObject({ 'Deactivation Date': [BigInt(now + 4)] })
    expect(values['Revocation Reason']?.[0]).toEqual([
      enumeration(tags.RevocationReasonCode, number),
      { tag: tags.RevocationMessage, type: 'TextString', value: 'a word of the client' },
    ])
    expect(values).not.toHaveProperty('Compromise Date')
  })

  test.each(['KeyCompromise', 'CACompromise'] as const)('for %s compromises', async (code) => {
    const id = await keyIn(2)
    house.time += 4_000
    await house.client.ask('Revoke', revocation(id, code, { occurrence: 6 }))
    expect(toldOf(house.lastEvent())).toMatchObject({
      severity: 'critical',
      request: { compromiseOccurrenceDate: '1970-01-01T00:00:06.000Z' },
    })
    const values = await attributesOf(house.client, id)
    expect(values).toMatchObject({ 'Compromise Date': [BigInt(now + 4)], 'Compromise Occurrence Date': [6n] })
    expect(values).not.toHaveProperty('Deactivation Date')
  })

  test('a compromise without a date occurred when the key was made', async () => {
    const id = await keyIn(1)
    house.time += 4_000
    await house.client.ask('Revoke', revocation(id, 'KeyCompromise'))
    expect(await attributeOf(house.client, id, 'Compromise Occurrence Date')).toBe(BigInt(now))
  })

  test.each<[string, Parameters<typeof revocation>[1], Parameters<typeof revocation>[2]]>([
    ['a code that is not defined', 8, {}],
    ['a compromise that is still to come', 'KeyCompromise', { occurrence: 4_000_000_000 }],
    ['a long message', 'Unspecified', { message: 'm'.repeat(1_025) }],
  ])('%s is refused', async (_, code, more) => {
    const id = await keyIn(2)
    expect(await house.client.refused('Revoke', revocation(id, code, more))).toBe('InvalidField')
    expect(await stateOf(house.client, id)).toBe(2)
  })

  test('dates far off are told as far as they can be', async () => {
    for (const occurrence of [-(2n ** 63n), -62_167_219_200n, -62_167_219_201n]) {
      const id = await createKey(house.client)
      await house.client.ask('Revoke', revocation(id, 'KeyCompromise', { occurrence }))
      expect(await attributeOf(house.client, id, 'Compromise Occurrence Date')).toBe(occurrence)
    }
  })

  test('without a reason nothing is revoked', async () => {
    const id = await keyIn(2)
    expect(await house.client.refused('Revoke', [uid(id)])).toBe('InvalidField')
    expect(await stateOf(house.client, id)).toBe(2)
  })

  test('an opaque object is compromised, and not revoked otherwise', async () => {
    const id = uidOf(await house.client.ask('Register', opaqueObject(Buffer.from('a'))))
    expect(await house.client.refused('Revoke', revocation(id, 'Superseded'))).toBe('IllegalOperation')
    await house.client.ask('Revoke', revocation(id, 'KeyCompromise'))
    expect(house.lastEvent().responseData).not.toHaveProperty('newValue')
    expect(await attributeOf(house.client, id, 'Compromise Date')).toBe(BigInt(now))
  })
})

test('destruction erases the material here and wants it erased elsewhere; what is known of the key stays', async () => {
  const id = await keyIn(4)
  const before = house.forgotten
  house.time += 2_000
  await house.client.ask('Destroy', [uid(id)])
  expect(house.forgotten).toBe(before + 1)
  expect(house.store.all('SELECT blob, root_version AS root, destroyed_at AS at FROM kmip_objects')).toEqual([
    { blob: null, root: null, at: house.time },
  ])
  expect(house.lastEvent().responseData['destroyDate']).toBe('2026-03-01T12:00:02.000Z')
  expect(await attributesOf(house.client, id, ['State', 'Destroy Date', 'Cryptographic Length'])).toEqual({
    'Cryptographic Length': [256],
    State: [6],
    'Destroy Date': [BigInt(now + 2)],
  })
  expect(valueAt(await house.client.ask('Locate'), tags.LocatedItems)).toBe(0)
})

describe('dates', () => {
  test('a state changes when its date comes, whoever looks first, and the service witnesses it at that date', async () => {
    const dates = [dateAttribute('Activation Date', now + 10), dateAttribute('Deactivation Date', now + 20)]
    const id = await createKey(house.client, dates)
    house.time += 9_999
    expect(await stateOf(house.client, id)).toBe(1)
    house.time += 50_001
    const before = house.events().length
    expect(await attributesOf(house.client, id, ['State', 'Last Change Date'])).toEqual({
      State: [3],
      'Last Change Date': [BigInt(now + 20)],
    })
    const events = house.events().slice(before)
    expect(events.map((event) => toldOf(event))).toMatchObject([
      {
        action: 'kmip-key.activate',
        response: {
          keyId: id,
          initialValue: { kmipState: 1 },
          newValue: { kmipState: 2 },
          activationDate: '2026-03-01T12:00:10.000Z',
        },
      },
      {
        action: 'kmip-key.revoke',
        severity: 'warning',
        response: {
          keyId: id,
          initialValue: { kmipState: 2 },
          newValue: { kmipState: 3 },
          deactivationDate: '2026-03-01T12:00:20.000Z',
        },
      },
      { action: 'kmip-key-attributes.retrieve' },
    ])
    expect(events[0]?.initiator.name).toBe('Keywitness')
    expect(await stateOf(house.client, id)).toBe(3)
    expect(house.events().length).toBe(before + 4)
  })

  test('Locate finds a key by the state that its dates brought, before anybody wrote it down', async () => {
    const id = await createKey(house.client, [dateAttribute('Activation Date', now + 10)])
    house.time += 11_000
    const byState = (state: number) => house.client.ask('Locate', [stateFilter(state)])
    expect(uidOf(await byState(2))).toBe(id)
    expect(valueAt(await byState(1), tags.LocatedItems)).toBe(0)
  })

  const move = (id: string, name: string, seconds: number) =>
    house.client.send([{ operation: 'ModifyAttribute', payload: [uid(id), dateAttribute(name, seconds)] }])

  test('an activation date moves while it is not reached; moved to the past it activates now', async () => {
    const id = await createKey(house.client, [dateAttribute('Activation Date', now + 10)])
    await move(id, 'Activation Date', now + 100)
    house.time += 50_000
    expect(await stateOf(house.client, id)).toBe(1)
    await move(id, 'Activation Date', now - 100)
    expect(toldOf(house.lastEvent())).toMatchObject({
      severity: 'warning',
      request: { attributeEffect: 'use' },
      response: { initialValue: { kmipState: 1 }, newValue: { kmipState: 2 } },
    })
    expect(await attributesOf(house.client, id, ['State', 'Last Change Date', 'Activation Date'])).toEqual({
      State: [2],
      'Activation Date': [BigInt(now - 100)],
      'Last Change Date': [BigInt(now + 50)],
    })
    const [answer] = await move(id, 'Activation Date', now + 100)
    expect(answer?.reason).toBe('PermissionDenied')
  })

  test('a date that was not set is added, in its place among the others', async () => {
    const id = await keyIn(2)
    house.time += 1_000
    const add = (name: string, seconds: number | bigint) =>
      house.client.send([{ operation: 'AddAttribute', payload: [uid(id), dateAttribute(name, seconds)] }])
    expect((await add('Deactivation Date', now - 1))[0]?.reason).toBe('InvalidField')
    expect((await add('Deactivation Date', 2n ** 63n - 1n))[0]?.status).toBe('Success')
    expect((await add('Protect Stop Date', now + 5))[0]?.status).toBe('Success')
    expect((await add('Process Start Date', now + 6))[0]?.reason).toBe('InvalidField')
    house.time += 60_000
    expect((await move(id, 'Protect Stop Date', now + 500))[0]?.reason).toBe('PermissionDenied')
    expect((await move(id, 'Deactivation Date', now + 10))[0]?.status).toBe('Success')
    expect(await stateOf(house.client, id)).toBe(3)
    expect((await move(id, 'Deactivation Date', now + 900))[0]?.reason).toBe('PermissionDenied')
  })
})

function stateFilter(state: number): Item {
  return {
    tag: tags.Attribute,
    type: 'Structure',
    value: [{ tag: tags.AttributeName, type: 'TextString', value: 'State' }, enumeration(tags.AttributeValue, state)],
  }
}
