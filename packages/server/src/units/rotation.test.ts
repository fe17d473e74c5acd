/** A master key rotation: which register may change while one runs, what races with what, and what holds one up. */
import type { UnitReport } from '@keywitness/crypto-unit/messages'
import { Fields } from '@keywitness/crypto-unit/frames'
import { statuses } from '@keywitness/crypto-unit/protocol'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { Seen } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { NotRecorded } from '../record/group-writer.ts'
import { memoryStore } from '../store/open.ts'
import type { Change, Condition, Store } from '../store/store.ts'
import { consequencesOf, insertRotation, moveRotation, putInForce, readMasterKeys } from './master-keys.ts'
import { refusalOf } from './refusals.ts'
import { type RotationParts, Rotations } from './rotation.ts'
import { type StoredBlob, UnitRefusal } from './unit-client.ts'
import { insertUnit } from './unit-states.ts'

const instance = '3c1b7f0e-9a2d-4c58-8f11-2b1f8a6f5d01'
const F = 'f'.repeat(64)
const P = 'a'.repeat(64)
const Q = 'c'.repeat(64)

type Registers = readonly [current: string | undefined, next?: string, isCommitted?: boolean]

/** Three units of an instance that works with F, each at revision 1. */
function house(): Store {
  const store = memoryStore()
  apply(store, [putInForce(instance, F, 0)])
  for (const unit of ['a', 'b', 'r']) apply(store, insertUnit(identityOf(unit), 1, new Uint8Array([1])))
  return store
}

function identityOf(unit: string) {
  const type = unit === 'r' ? 'recovery' : 'operational'
  return { instance, unit, type, location: `[x].[AZ].[00].[${unit}]`, serial: 'SOFT1001' } as const
}

function apply(store: Store, changes: readonly Change[]): void {
  for (const { sql, params, rows } of changes) expect(store.run(sql, params)).toBe(rows)
}

function hold(store: Store, conditions: readonly Condition[]): boolean {
  return conditions.every(({ sql, params }) => store.get(sql, ...params) !== undefined)
}

function report(unit: string, [current, next, isCommitted = true]: Registers, imprint = false): UnitReport {
  const register = (pattern: string | undefined, state: 'valid' | 'committed' | 'uncommitted') =>
    pattern === undefined ? { state: 'empty', partPatterns: [] } : { state, pattern, partPatterns: [] }
  return {
    ...identityOf(unit),
    revision: 1,
    imprint,
    currentRegister: register(current, 'valid'),
    newRegister: register(next, isCommitted ? 'committed' : 'uncommitted'),
  } as unknown as UnitReport
}

const usual: Registers = [F, P]

const zeroized: Registers = [undefined]

function decide(store: Store, before: Registers, after: Registers, others: readonly Registers[] = [usual, usual]) {
  const [b, r] = others.map((registers, at) => report(at === 0 ? 'b' : 'r', registers))
  return consequencesOf(
    readMasterKeys(store),
    report('a', before),
    report('a', after, after === zeroized),
    [b as UnitReport, r as UnitReport],
    1,
    after === zeroized,
  )
}

/** The code of the refusal, or how the rotation stands once what was decided is committed. */
function outcome(store: Store, before: Registers, after: Registers, others?: readonly Registers[]): string {
  try {
    const { changes, conditions } = decide(store, before, after, others)
    expect(hold(store, conditions)).toBe(true)
    apply(store, changes)
    return readMasterKeys(store).rotation(instance)?.state ?? 'none'
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

function rotating(state: 'started' | 'rewrapped'): Store {
  const store = house()
  apply(store, [
    insertRotation({ instance, former: F, pattern: P, total: 5, startedAt: 0, startedBy: 'me' }),
    putInForce(instance, P, 0),
    ...(state === 'rewrapped' ? [moveRotation(instance, 'started', 'rewrapped', 0)] : []),
  ])
  return store
}

test.each<[string, Registers, Registers, string]>([
  ['activating the new key', usual, [P], 'ROTATION_UNDER_WAY'],
  ['clearing the new register', usual, [F], 'ROTATION_UNDER_WAY'],
  ['clearing the current register', usual, [undefined, P], 'ROTATION_UNDER_WAY'],
  ['loading another key', usual, [F, Q, false], 'ROTATION_UNDER_WAY'],
  ['being zeroized', usual, zeroized, 'started'],
  ['loading the old key into a unit that has nothing', [undefined], [undefined, F, false], 'started'],
  ['committing it there', [undefined, F, false], [undefined, F], 'started'],
  ['activating it there', [undefined, F], [F], 'started'],
  ['loading the new key beside it', [F], [F, P, false], 'started'],
  ['committing that', [F, P, false], [F, P], 'started'],
  ['loading another key beside it', [F], [F, Q, false], 'started'],
  ['clearing that again', [F, Q, false], [F], 'started'],
  ['activating another key over the old one', [F, Q], [Q], 'ROTATION_UNDER_WAY'],
  ['committing the new key where nothing else is', [undefined, P, false], [undefined, P], 'started'],
  ['activating it where nothing else is', [undefined, P], [P], 'started'],
  ['loading the old key beside it', [P], [P, F, false], 'started'],
  ['activating the old key over it', [P, F], [F], 'ROTATION_UNDER_WAY'],
])('while key material is wrapped anew, %s', (_, before, after, expected) => {
  expect(outcome(rotating('started'), before, after)).toBe(expected)
})

test.each<[string, Registers, Registers, string]>([
  ['activating the new key', usual, [P], 'rewrapped'],
  ['clearing the new register', usual, [F], 'ROTATION_UNDER_WAY'],
  ['loading another key', usual, [F, Q, false], 'ROTATION_UNDER_WAY'],
  ['clearing the new key where it is active', [P], [undefined], 'ROTATION_UNDER_WAY'],
  ['being zeroized where it is active', [P], zeroized, 'rewrapped'],
  ['loading another key where the new one is active', [P], [P, Q, false], 'ROTATION_UNDER_WAY'],
  ['activating another key where the new one is active', [P, Q], [Q], 'ROTATION_UNDER_WAY'],
  ['loading the new key into a unit that has nothing', [undefined], [undefined, P, false], 'rewrapped'],
  ['committing it there', [undefined, P, false], [undefined, P], 'rewrapped'],
  ['activating it there', [undefined, P], [P], 'rewrapped'],
])('once all is wrapped anew, %s', (_, before, after, expected) => {
  expect(outcome(rotating('rewrapped'), before, after)).toBe(expected)
})

test.each<[string, Registers, Registers]>([
  ['activates the new key', usual, [P]],
  ['is zeroized', usual, zeroized],
])('the last unit that has the old key %s: the rotation is finished', (_, before, after) => {
  expect(outcome(rotating('rewrapped'), before, after, [[P], [P]])).toBe('finished')
})

test('two units that activate at once: one of them is decided again, and then is the last', () => {
  const store = rotating('rewrapped')
  const { changes, conditions } = decide(store, usual, [P], [usual, [P]])
  expect(changes).toEqual([])
  expect(hold(store, conditions)).toBe(true)
  // The other one was committed between decision and commit.
  store.run("UPDATE unit_states SET revision = 2 WHERE unit = 'b'", [])
  expect(hold(store, conditions)).toBe(false)
})

test.each(['a new key cleared', 'a new key loaded'])(
  '%s while a rotation begins beside it is decided again',
  (what) => {
    const store = house()
    const { conditions } =
      what === 'a new key cleared' ? decide(store, usual, [F]) : decide(store, [F], [F, Q, false], [usual, usual])
    expect(hold(store, conditions)).toBe(true)
    apply(store, [insertRotation({ instance, former: F, pattern: P, total: 0, startedAt: 0, startedBy: 'me' })])
    expect(hold(store, conditions)).toBe(false)
  },
)

test('what touches no register is not held up by what happens beside it', () => {
  expect(decide(rotating('started'), usual, usual)).toEqual({ changes: [], conditions: [] })
})

/** Units that hold no keystore's objects. */
function reencrypting(reencrypt: (stored: StoredBlob) => Promise<Uint8Array>): RotationParts['units'] {
  return { client: { reencrypt }, ep11: { call: () => Promise.reject(new Error('no object of EP11 is there')) } }
}

/** What a rotation needs, with everything that can go wrong in the tests' hands. */
function rotationsOf(store: Store, parts: Partial<RotationParts>): Rotations {
  return new Rotations({
    store,
    units: reencrypting(() => Promise.reject(new Error('nothing is to be wrapped'))),
    clock: { now: () => 1 },
    log: pino({ level: 'silent' }),
    carry: (changes) => {
      apply(store, changes)
      return Promise.resolve()
    },
    completed: () => Promise.resolve(),
    direct: () => undefined,
    ...parts,
  })
}

/** A root key with one blob under F. */
function addKey(store: Store, id: string): void {
  store.run(
    `INSERT INTO keys (instance, id, revision, name, tags, ring, state, extractable, imported, bits, versions, newest,
      newest_at, created_at, created_by) VALUES (?, ?, 1, 'any', '[]', 'default', 1, 0, 0, 256, 1, ?, 0, 0, 'me')`,
    [instance, id, id],
  )
  const blob = Buffer.concat([Buffer.from('KWB\u0001'), Buffer.from(F, 'hex'), Buffer.from(id)])
  store.run('INSERT INTO key_material (blob) VALUES (?)', [blob])
  store.run(
    `INSERT INTO key_versions (instance, key, id, number, created_at, slot) VALUES (?, ?, ?, 1, 0, last_insert_rowid())`,
    [instance, id, id],
  )
}

function underNew({ blob }: StoredBlob): Uint8Array {
  return Buffer.concat([blob.subarray(0, 4), Buffer.from(P, 'hex'), blob.subarray(36)])
}

test('what fails for a moment holds a rotation up, and it goes on by itself', async () => {
  const store = rotating('started')
  for (const id of ['one', 'two', 'three']) addKey(store, id)
  const failures = { reencrypt: 1, carry: 1, completed: 2 }
  const failing = (name: keyof typeof failures): boolean => failures[name]-- > 0
  const { promise, resolve } = Promise.withResolvers<void>()
  const rotations = rotationsOf(store, {
    units: reencrypting((stored) =>
      failing('reencrypt')
        ? Promise.reject(new UnitRefusal('TIMEOUT', 'The crypto unit did not answer in time.'))
        : Promise.resolve(underNew(stored)),
    ),
    carry: (changes) => {
      if (failing('carry')) return Promise.reject(new NotRecorded('DISK_FULL'))
      apply(store, changes)
      return Promise.resolve()
    },
    completed: () => {
      if (failing('completed')) return Promise.reject(new Refusal('AUDIT_UNAVAILABLE'))
      resolve()
      return Promise.resolve()
    },
  })
  rotations.resume()
  await promise
  expect(readMasterKeys(store).countUnder(instance, F)).toBe(0)
  expect(readMasterKeys(store).countUnder(instance, P)).toBe(3)
  await rotations.stop()
})

test('a blob that the unit cannot even read counts as broken, and the others are wrapped anew', async () => {
  const store = rotating('started')
  for (const id of ['one', 'two', 'three']) addKey(store, id)
  const { promise, resolve } = Promise.withResolvers<void>()
  const rotations = rotationsOf(store, {
    units: reencrypting((stored) =>
      stored.id === 'two'
        ? Promise.reject(refusalOf(statuses.MALFORMED, new Fields(Buffer.from([0]))))
        : Promise.resolve(underNew(stored)),
    ),
    carry: (changes) => {
      apply(store, changes)
      if ((readMasterKeys(store).rotation(instance)?.broken ?? 0) > 0) resolve()
      return Promise.resolve()
    },
    completed: () => Promise.reject(new Error('it is not complete')),
  })
  rotations.resume()
  await promise
  expect(readMasterKeys(store).rotation(instance)).toMatchObject({ state: 'started', broken: 1 })
  expect(readMasterKeys(store).countUnder(instance, P)).toBe(2)
  await rotations.stop()
})

test('a start is committed only while every unit still is as it reported itself', () => {
  const store = house()
  const units = ['a', 'b', 'r'].map((unit) => ({ report: report(unit, usual), standing: 'ready' }) as const)
  const seen: Seen<'hs-crypto.tke-master-key-rotation.start'> = {
    target: { id: '', name: '' },
    request: {},
    response: {},
  }
  const { conditions = [] } = rotationsOf(store, {}).begin(instance, 'me', units, seen)
  expect(hold(store, conditions)).toBe(true)
  // Its new register was cleared just before: the store knows it already, the report does not.
  store.run("UPDATE unit_states SET revision = 2 WHERE unit = 'b'", [])
  expect(hold(store, rotationsOf(store, {}).begin(instance, 'me', units, seen).conditions ?? [])).toBe(false)
})

test('a unit whose state is older than the trail has no part in a rotation', () => {
  const units = ['a', 'b', 'r'].map(
    (unit) => ({ report: report(unit, usual), standing: unit === 'b' ? 'stale' : 'ready' }) as const,
  )
  const seen = { target: { id: '', name: '' }, request: {}, response: {} }
  expect(() => rotationsOf(house(), {}).begin(instance, 'me', units, seen)).toThrow('[x].[AZ].[00].[b]')
})

test('what does not depend on the other units is not decided again when they change', () => {
  const store = house()
  const { conditions } = decide(store, [F], [F, P, false])
  store.run("UPDATE unit_states SET revision = 2 WHERE unit = 'b'", [])
  expect(hold(store, conditions)).toBe(true)
})
