/** What an adapter's clients can do in each state of its root key: every cell of the table (reference section 16.2). */
import { beforeEach, expect, test } from 'vitest'
import { DEACTIVATED, DESTROYED, SUSPENDED } from '../keys/states.ts'
import { type KmipHouse, openKmipHouse } from './testing/kmip-house.ts'
import { aesKey, type Asked, attribute, nameAttribute, uid, uidOf } from './testing/messages.ts'
import { bytes, enumeration, integer, type Item, structure, text } from './ttlv/item.ts'
import { tags } from './ttlv/tags.ts'

let house: KmipHouse
let crk: string
beforeEach(async () => {
  house = await openKmipHouse()
  ;({ crk } = house.client.adapter)
})

const activation = attribute('Activation Date', { tag: 0, type: 'DateTime', value: 0n })
const revocation = structure(tags.RevocationReason, [enumeration(tags.RevocationReasonCode, 1)])
const ecb = structure(tags.CryptographicParameters, [enumeration(tags.BlockCipherMode, 2)])
const block = bytes(tags.Data, Buffer.alloc(16))

function registration(): Item[] {
  const template = structure(tags.TemplateAttribute, [attribute('Cryptographic Usage Mask', integer(0, 0))])
  const value = structure(tags.KeyValue, [bytes(tags.KeyMaterial, Buffer.from('a password'))])
  const key = structure(tags.KeyBlock, [enumeration(tags.KeyFormatType, 2), value])
  const secret = structure(tags.SecretData, [enumeration(tags.SecretDataType, 1), key])
  return [enumeration(tags.ObjectType, 7), template, secret]
}

/** Rows of operations that share a column of the table, each on an object of its own kind. */
type Column = 'open' | 'seal' | 'describe' | 'state' | 'destroy' | 'server'

interface Prepared {
  readonly active: string
  readonly idle: string
  readonly plain: string
}

const rows: readonly (readonly [Column, (ids: Prepared) => Asked])[] = [
  ['open', ({ active }) => ({ operation: 'Get', payload: [uid(active)] })],
  ['open', ({ active }) => ({ operation: 'Encrypt', payload: [uid(active), ecb, block] })],
  ['open', ({ active }) => ({ operation: 'Decrypt', payload: [uid(active), ecb, block] })],
  ['seal', () => ({ operation: 'Create', payload: aesKey() })],
  ['seal', () => ({ operation: 'Register', payload: registration() })],
  ['seal', ({ active }) => ({ operation: 'ReKey', payload: [uid(active)] })],
  ['describe', ({ active }) => ({ operation: 'GetAttributes', payload: [uid(active)] })],
  ['describe', ({ active }) => ({ operation: 'GetAttributeList', payload: [uid(active)] })],
  ['describe', () => ({ operation: 'Locate', payload: [nameAttribute('idle')] })],
  ['describe', ({ idle }) => ({ operation: 'Check', payload: [uid(idle)] })],
  ['describe', ({ idle }) => ({ operation: 'AddAttribute', payload: [uid(idle), attribute('x-a', text(0, 'b'))] })],
  ['describe', ({ idle }) => ({ operation: 'ModifyAttribute', payload: [uid(idle), attribute('x-a', text(0, 'c'))] })],
  ['describe', ({ idle }) => ({ operation: 'DeleteAttribute', payload: [uid(idle), text(tags.AttributeName, 'x-a')] })],
  ['state', ({ idle }) => ({ operation: 'Activate', payload: [uid(idle)] })],
  ['state', ({ idle }) => ({ operation: 'Revoke', payload: [uid(idle), revocation] })],
  ['destroy', ({ idle }) => ({ operation: 'Destroy', payload: [uid(idle)] })],
  ['destroy', ({ plain }) => ({ operation: 'Destroy', payload: [uid(plain)] })],
  ['server', () => ({ operation: 'Query' })],
  ['server', () => ({ operation: 'DiscoverVersions' })],
]

type Cell = 'Success' | readonly [reason: string, code: number, refusal: string]

const unavailable: Cell = ['PermissionDenied', 403, 'KMIP_ROOT_KEY_UNAVAILABLE']
const gone: Cell = ['CryptographicFailure', 500, 'KMIP_ROOT_KEY_GONE']
const noUnit: Cell = ['GeneralFailure', 503, 'UNIT_UNAVAILABLE']
const works = { describe: 'Success', state: 'Success', destroy: 'Success', server: 'Success' } as const

function purge(id: string): void {
  house.store.exec('PRAGMA foreign_keys=OFF')
  house.store.run('DELETE FROM keys WHERE id = ?', [id])
}

const states: readonly (readonly [string, (crk: string) => void, Readonly<Record<Column, Cell>>])[] = [
  ['active', () => undefined, { open: 'Success', seal: 'Success', ...works }],
  ['disabled', (id) => house.forceState(id, SUSPENDED), { open: unavailable, seal: unavailable, ...works }],
  ['deactivated', (id) => house.forceState(id, DEACTIVATED), { open: 'Success', seal: unavailable, ...works }],
  [
    'expired, and nobody wrote that down yet',
    (id) => void house.store.run('UPDATE keys SET expires_at = ? WHERE id = ?', [house.time, id]),
    { open: 'Success', seal: unavailable, ...works },
  ],
  ['destroyed', (id) => house.forceState(id, DESTROYED), { open: gone, seal: gone, ...works }],
  ['purged', (id) => purge(id), { open: gone, seal: gone, ...works }],
  [
    'active, and no crypto unit answers',
    () => void (house.unit.fault = 'TIMEOUT'),
    { open: noUnit, seal: noUnit, ...works },
  ],
  [
    'active, and no master key is',
    () => void (house.unit.fault = 'NOT_READY'),
    { open: noUnit, seal: noUnit, ...works },
  ],
]

async function prepare(): Promise<Prepared> {
  const made = async (...more: Item[]): Promise<string> => uidOf(await house.client.ask('Create', aesKey(more)))
  const plain = uidOf(await house.client.ask('Register', registration()))
  return { active: await made(activation), idle: await made(nameAttribute('idle')), plain }
}

test.each(states)('with a root key that is %s, each operation does what it can', async (_, bring, expected) => {
  const ids = await prepare()
  bring(crk)
  for (const [column, make] of rows) {
    const before = house.events().length
    const asked = make(ids)
    const [answered] = await house.client.send([asked])
    const cell = expected[column]
    const [event, ...more] = house.events().slice(before)
    const [reason, code, refusal] = cell === 'Success' ? [undefined, undefined, undefined] : cell
    expect([asked.operation, answered?.reason]).toEqual([asked.operation, reason])
    if (code === undefined) continue
    expect(more).toEqual([])
    expect(event).toMatchObject({
      outcome: 'failure',
      severity: 'critical',
      reason: { reasonCode: code, reasonForFailure: expect.stringContaining(`(${refusal})`) },
      responseData: { resultReason: reason, rootKeyId: crk },
    })
  }
  expect(house.logged).toEqual([])
})

test('a root key that is enabled again opens what it did before', async () => {
  const { active } = await prepare()
  const [before] = await house.client.send([{ operation: 'Get', payload: [uid(active)] }])
  house.forceState(crk, SUSPENDED)
  expect(await house.client.refused('Get', [uid(active)])).toBe('PermissionDenied')
  house.forceState(crk, 1)
  const [after] = await house.client.send([{ operation: 'Get', payload: [uid(active)] }])
  expect(after).toEqual(before)
})
