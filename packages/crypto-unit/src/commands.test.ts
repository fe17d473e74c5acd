/** Administrative commands: who may, in which order, with how many signatures; nothing is in force before its adoption. */
import { sign } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { commands, encodeCommandBlock } from './command-block.ts'
import type { UnitIdentity } from './messages.ts'
import {
  InProcessUnit,
  identities,
  newAdministrator,
  testParts,
  thresholds,
  type TestAdministrator,
} from './testing/in-process-unit.ts'
import { v1, v2Ski, v3Certificate, v4 } from './testing/tke-vectors.ts'
import { verificationPattern } from './verification-pattern.ts'

const identity = identities[0] as UnitIdentity
const administrators = ['one', 'two', 'three'].map((name) => newAdministrator(name))
const [one, two, three] = administrators as [TestAdministrator, TestAdministrator, TestAdministrator]
const stranger = newAdministrator('stranger')
const empty = Buffer.alloc(0)
const parts = Buffer.concat(testParts)
let unit: InProcessUnit

beforeEach(() => {
  unit = new InProcessUnit()
  unit.adopt(unit.create(identity))
})

/** Out of imprint mode with three administrators, main and revocation threshold as given. */
function leaveImprint(main = 2, revocation = 2): void {
  for (const { certificate } of administrators) unit.carryOut(identity, 'ADD_ADMINISTRATOR', certificate)
  unit.carryOut(identity, 'SET_ATTRIBUTES', thresholds(main, revocation), administrators.slice(0, main))
}

function pattern(): Buffer {
  return Buffer.from(unit.report(identity).newRegister.pattern ?? '', 'hex')
}

describe('imprint mode', () => {
  test('a fresh unit is in it, with empty registers and nobody installed', () => {
    expect(unit.report(identity)).toMatchObject({
      imprint: true,
      revision: 1,
      counter: 0n,
      signatureThreshold: 0,
      revocationSignatureThreshold: 0,
      permissions: 0x81ff_0011,
      administrators: [],
      newRegister: { state: 'empty' },
      currentRegister: { state: 'empty' },
    })
  })

  test.each([
    ['LOAD', parts],
    ['COMMIT', Buffer.alloc(32)],
    ['ACTIVATE', Buffer.alloc(32)],
    ['CLEAR_NEW', empty],
    ['CLEAR_CURRENT', empty],
  ] as const)('%s is refused in it', (name, payload) => {
    unit.carryOut(identity, 'ADD_ADMINISTRATOR', one.certificate)
    expect(unit.command(identity, name, payload, [one])).toEqual({ refused: '179/34' })
  })

  test('administrators are added and removed without a signature', () => {
    unit.carryOut(identity, 'ADD_ADMINISTRATOR', one.certificate)
    const report = unit.carryOut(identity, 'ADD_ADMINISTRATOR', two.certificate)
    expect(report.administrators).toEqual([
      { ski: one.ski, name: 'one' },
      { ski: two.ski, name: 'two' },
    ])
    const left = unit.carryOut(identity, 'REMOVE_ADMINISTRATOR', Buffer.from(one.ski, 'hex'))
    expect(left.administrators.map(({ ski }) => ski)).toEqual([two.ski])
  })

  test('leaving it needs as many signatures as the new threshold', () => {
    for (const { certificate } of administrators) unit.carryOut(identity, 'ADD_ADMINISTRATOR', certificate)
    const payload = thresholds(2, 2)
    expect(unit.command(identity, 'SET_ATTRIBUTES', payload)).toEqual({ refused: '208/21' })
    expect(unit.command(identity, 'SET_ATTRIBUTES', payload, [one])).toEqual({ refused: '208/21' })
    expect(unit.carryOut(identity, 'SET_ATTRIBUTES', payload, [one, three])).toMatchObject({
      imprint: false,
      signatureThreshold: 2,
      revocationSignatureThreshold: 2,
    })
  })
})

describe('administrators', () => {
  test('the certificate of the TKE reference is taken, and known by its key identifier', () => {
    const report = unit.carryOut(identity, 'ADD_ADMINISTRATOR', Buffer.from(v3Certificate, 'hex'))
    expect(report.administrators).toEqual([{ ski: v2Ski, name: 'vector-admin-1' }])
  })

  test('a second of the same key, a ninth, and what is no certificate are refused', () => {
    unit.carryOut(identity, 'ADD_ADMINISTRATOR', one.certificate)
    expect(unit.command(identity, 'ADD_ADMINISTRATOR', one.certificate)).toEqual({ refused: '256/38' })
    expect(unit.command(identity, 'ADD_ADMINISTRATOR', Buffer.from('no certificate'))).toEqual({ refused: '32/40' })
    for (let count = 1; count < 8; count++) {
      unit.carryOut(identity, 'ADD_ADMINISTRATOR', newAdministrator(`number ${count}`).certificate)
    }
    expect(unit.command(identity, 'ADD_ADMINISTRATOR', stranger.certificate)).toEqual({ refused: '261/39' })
  })

  test('removing one needs the revocation threshold, and cannot go below a threshold', () => {
    leaveImprint(2, 3)
    const third = Buffer.from(three.ski, 'hex')
    expect(unit.command(identity, 'REMOVE_ADMINISTRATOR', third, [one, two])).toEqual({ refused: '208/21' })
    expect(unit.command(identity, 'REMOVE_ADMINISTRATOR', third, [one, two, three])).toEqual({ refused: '209/66' })
    unit.carryOut(identity, 'SET_ATTRIBUTES', thresholds(2, 2), [one, two])
    expect(unit.carryOut(identity, 'REMOVE_ADMINISTRATOR', third, [one, two]).administrators.length).toBe(2)
  })

  test('removing one who is not there is refused', () => {
    expect(unit.command(identity, 'REMOVE_ADMINISTRATOR', Buffer.from(one.ski, 'hex'))).toEqual({ refused: '32/32' })
    expect(unit.command(identity, 'REMOVE_ADMINISTRATOR', Buffer.alloc(31))).toEqual({ refused: '32/32' })
  })
})

describe('signatures', () => {
  beforeEach(() => leaveImprint())

  test('the same administrator twice counts once', () => {
    expect(unit.command(identity, 'ADD_ADMINISTRATOR', stranger.certificate, [one, one])).toEqual({ refused: '208/21' })
  })

  test('a signature of somebody not installed spoils the command', () => {
    expect(unit.command(identity, 'ADD_ADMINISTRATOR', stranger.certificate, [one, two, stranger])).toEqual({
      refused: '257/0',
    })
  })

  test('a signature over other bytes, and one that is no signature, are refused', () => {
    const { domainIndex, domainInstance, serial, moduleInstance, counter } = unit.report(identity)
    const of = (payload: Uint8Array): Buffer =>
      encodeCommandBlock({
        command: commands.ZEROIZE,
        domainIndex,
        domainInstance,
        serial,
        moduleInstance,
        counter: counter + 1n,
        payload,
      })
    const signature = sign('sha512', of(Buffer.alloc(1)), one.key)
    expect(unit.sendCommand(identity, of(empty), [{ ski: one.ski, signature }])).toEqual({ refused: '192/22' })
    expect(unit.sendCommand(identity, of(empty), [{ ski: one.ski, signature: empty }])).toEqual({ refused: '193/0' })
    expect(unit.sendCommand(identity, of(empty), [{ ski: one.ski, signature: Buffer.alloc(142) }])).toEqual({
      refused: '193/0',
    })
    const nine = Array.from({ length: 9 }, () => ({ ski: one.ski, signature }))
    expect(unit.sendCommand(identity, of(empty), nine)).toEqual({ refused: '7/87' })
  })

  test('the signed command of the TKE reference is not for this unit', () => {
    const answer = unit.sendCommand(identity, Buffer.from(v4.block, 'hex'), [
      { ski: v2Ski, signature: Buffer.from(v4.signature, 'hex') },
    ])
    expect(answer).toEqual({ refused: '3/12' })
  })

  test.each([
    ['another domain', { domainIndex: 4 }, '3/12'],
    ['another life of the unit', { domainInstance: 1 }, '3/14'],
    ['another module', { serial: 'SOFT1002' }, '3/17'],
    ['another module instance', { moduleInstance: 2n }, '3/16'],
    ['a counter used before', { counter: 1n }, '163/19'],
    ['an unknown command', { command: 0x1d }, '84/0'],
  ] as const)('a block for %s is refused', (_, changed, refused) => {
    expect(unit.command(identity, 'ZEROIZE', empty, [one, two], changed)).toEqual({ refused })
  })

  test('a command cannot be replayed after it was carried out', () => {
    const { domainIndex, domainInstance, serial, moduleInstance, counter } = unit.report(identity)
    const block = encodeCommandBlock({
      command: commands.LOAD,
      domainIndex,
      domainInstance,
      serial,
      moduleInstance,
      counter: counter + 7n,
      payload: parts,
    })
    const signatures = [{ ski: one.ski, signature: sign('sha512', block, one.key) }]
    const first = unit.sendCommand(identity, block, signatures)
    unit.adopt((first as { sealed: Buffer }).sealed)
    expect(unit.report(identity).counter).toBe(counter + 7n)
    expect(unit.sendCommand(identity, block, signatures)).toEqual({ refused: '163/19' })
  })

  test('bytes that are no command block are refused', () => {
    expect(unit.sendCommand(identity, Buffer.from('garbage'), [])).toEqual({ refused: '7/10' })
  })
})

describe('thresholds and permissions', () => {
  beforeEach(() => leaveImprint())

  test.each([
    ['a main threshold of 0', thresholds(0, 2), '209/76'],
    ['a revocation threshold of 0', thresholds(2, 0), '209/77'],
    ['a main threshold above the administrators', thresholds(4, 2), '209/57'],
    ['a revocation threshold above the administrators', thresholds(2, 4), '209/58'],
    ['a main threshold of 1 no longer permitted', thresholds(1, 2, [3, 0x81ff_0001]), '209/78'],
    ['a revocation threshold of 1 no longer permitted', thresholds(2, 1, [3, 0x81ff_0001]), '209/79'],
    ['taking back a change control once it is given up', thresholds(2, 2, [3, 0xffff_0011]), '209/69'],
    ['an attribute twice', thresholds(2, 2, [1, 2]), '32/43'],
    ['an attribute that does not exist', thresholds(2, 2, [6, 0]), '32/42'],
    ['half a pair', thresholds(2, 2).subarray(0, 12), '33/41'],
    ['nothing', empty, '33/41'],
  ])('%s is refused', (_, payload, refused) => {
    expect(unit.command(identity, 'SET_ATTRIBUTES', payload, [one, two])).toEqual({ refused })
  })

  test('a threshold of 1 is possible while permitted, and keeps its permission', () => {
    unit.carryOut(identity, 'SET_ATTRIBUTES', thresholds(1, 1), [one, two])
    expect(unit.command(identity, 'SET_ATTRIBUTES', thresholds(1, 1, [3, 0x81ff_0001]), [one])).toEqual({
      refused: '209/74',
    })
  })

  test('what lost its change control cannot be changed', () => {
    unit.carryOut(identity, 'SET_ATTRIBUTES', thresholds(2, 2, [3, 0x81ce_0011]), [one, two])
    expect(unit.command(identity, 'SET_ATTRIBUTES', thresholds(3, 2), [one, two])).toEqual({ refused: '209/71' })
    expect(unit.command(identity, 'SET_ATTRIBUTES', thresholds(2, 3), [one, two])).toEqual({ refused: '209/71' })
    expect(unit.command(identity, 'SET_ATTRIBUTES', thresholds(2, 2, [3, 0x81ce_0010]), [one, two])).toEqual({
      refused: '209/70',
    })
  })

  test('imprint mode is not left with a revocation threshold of 0', () => {
    unit.carryOut(identity, 'ZEROIZE', empty, [one, two])
    for (const { certificate } of administrators) unit.carryOut(identity, 'ADD_ADMINISTRATOR', certificate)
    expect(unit.command(identity, 'SET_ATTRIBUTES', thresholds(2, 0), [one, two])).toEqual({ refused: '209/36' })
  })

  test('loading can be forbidden, and one part alone is never enough unless permitted', () => {
    expect(unit.command(identity, 'LOAD', testParts[0] as Uint8Array, [one])).toEqual({ refused: '80/81' })
    unit.carryOut(identity, 'SET_ATTRIBUTES', thresholds(2, 2, [3, 0x81ff_0010]), [one, two])
    expect(unit.command(identity, 'LOAD', parts, [one])).toEqual({ refused: '80/80' })
    unit.carryOut(identity, 'SET_ATTRIBUTES', thresholds(2, 2, [3, 0x81ff_0015]), [one, two])
    expect(unit.carryOut(identity, 'LOAD', testParts[0] as Uint8Array, [one]).newRegister.state).toBe('uncommitted')
  })

  test('one signature zeroizes where that is permitted', () => {
    expect(unit.command(identity, 'ZEROIZE', empty, [one])).toEqual({ refused: '208/21' })
    unit.carryOut(identity, 'SET_ATTRIBUTES', thresholds(2, 2, [3, 0x81ff_0051]), [one, two])
    expect(unit.carryOut(identity, 'ZEROIZE', empty, [one]).imprint).toBe(true)
  })
})

describe('master key registers', () => {
  beforeEach(() => leaveImprint())

  test('vector V1: the key of two parts and its patterns are those of the TKE reference', () => {
    const key = Buffer.from(v1.key, 'hex')
    const part1 = Buffer.from(v1.part1, 'hex')
    const part2 = Buffer.from(key.map((byte, index) => byte ^ (part1[index] ?? 0)))
    expect(verificationPattern(key)).toBe(v1.keyPattern)
    const report = unit.carryOut(identity, 'LOAD', Buffer.concat([part1, part2]), [one])
    expect(report.newRegister).toEqual({
      state: 'uncommitted',
      pattern: v1.keyPattern,
      partPatterns: [v1.part1Pattern, v1.part2Pattern],
    })
  })

  test('a key goes from loaded over committed to valid, and in no other order', () => {
    const loading = unit.command(identity, 'COMMIT', Buffer.alloc(32), [one, two])
    expect(loading).toEqual({ refused: '96/50' })
    unit.carryOut(identity, 'LOAD', parts, [one])
    expect(unit.command(identity, 'ACTIVATE', pattern(), [one])).toEqual({ refused: '96/64' })
    expect(unit.command(identity, 'COMMIT', pattern(), [one])).toEqual({ refused: '208/21' })
    expect(unit.command(identity, 'COMMIT', Buffer.alloc(32), [one, two])).toEqual({ refused: '101/48' })
    expect(unit.carryOut(identity, 'COMMIT', pattern(), [one, two]).newRegister.state).toBe('committed')
    expect(unit.command(identity, 'ACTIVATE', empty, [one])).toEqual({ refused: '101/48' })
    expect(unit.command(identity, 'ACTIVATE', pattern(), [])).toEqual({ refused: '208/21' })
    const report = unit.carryOut(identity, 'ACTIVATE', pattern(), [one])
    expect([report.newRegister.state, report.currentRegister.state]).toEqual(['empty', 'valid'])
    expect(unit.command(identity, 'ACTIVATE', pattern(), [one])).toEqual({ refused: '96/64' })
  })

  test('loading anew replaces a committed key by an uncommitted one', () => {
    unit.carryOut(identity, 'LOAD', parts, [one])
    unit.carryOut(identity, 'COMMIT', pattern(), [one, two])
    const report = unit.carryOut(identity, 'LOAD', Buffer.concat([Buffer.alloc(32, 9), Buffer.alloc(32, 1)]), [one])
    expect(report.newRegister.state).toBe('uncommitted')
  })

  test('the key that is current already, parts that cancel out, and odd parts are refused', () => {
    unit.loadAndActivate(identity, [one, two], testParts)
    expect(unit.command(identity, 'LOAD', parts, [one])).toEqual({ refused: '101/48' })
    const part = testParts[0] as Uint8Array
    expect(unit.command(identity, 'LOAD', Buffer.concat([part, part]), [one])).toEqual({ refused: '32/28' })
    expect(unit.command(identity, 'LOAD', Buffer.alloc(33, 1), [one])).toEqual({ refused: '32/28' })
    expect(unit.command(identity, 'LOAD', empty, [one])).toEqual({ refused: '33/2' })
    expect(unit.command(identity, 'LOAD', Buffer.alloc(32 * 21, 1), [one])).toEqual({ refused: '32/75' })
  })

  test('either register is cleared by one signature, also when it is empty, and never with a payload', () => {
    unit.loadAndActivate(identity, [one, two], testParts)
    unit.carryOut(identity, 'LOAD', Buffer.concat([Buffer.alloc(32, 9), Buffer.alloc(32, 1)]), [one])
    expect(unit.command(identity, 'CLEAR_NEW', Buffer.alloc(1), [one])).toEqual({ refused: '33/0' })
    expect(unit.carryOut(identity, 'CLEAR_NEW', empty, [one])).toMatchObject({
      newRegister: { state: 'empty' },
      currentRegister: { state: 'valid' },
    })
    expect(unit.carryOut(identity, 'CLEAR_CURRENT', empty, [one]).currentRegister.state).toBe('empty')
    expect(unit.carryOut(identity, 'CLEAR_NEW', empty, [one]).newRegister.state).toBe('empty')
    expect(unit.command(identity, 'CLEAR_CURRENT', empty, [])).toEqual({ refused: '208/21' })
  })

  test('zeroize brings everything back to the beginning, in a new life', () => {
    unit.loadAndActivate(identity, [one, two], testParts)
    const before = unit.report(identity)
    const after = unit.carryOut(identity, 'ZEROIZE', empty, [one, two])
    expect(after).toMatchObject({
      imprint: true,
      counter: 0n,
      administrators: [],
      permissions: 0x81ff_0011,
      newRegister: { state: 'empty' },
      currentRegister: { state: 'empty' },
    })
    expect(after.domainInstance).not.toBe(before.domainInstance)
    expect(after.revision).toBe(before.revision + 1)
  })
})
