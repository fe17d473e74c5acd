/** Administrative commands: who may, in which order, with how many signatures; nothing is in force before its adoption. */
import { beforeEach, describe, expect, test } from 'vitest'
import { encodeSignerInfo } from './tke/signer-info.ts'
import type { UnitIdentity } from './messages.ts'
import {
  InProcessUnit,
  identities,
  newAdministrator,
  signedBy,
  testParts,
  thresholds,
  type TestAdministrator,
} from './testing/in-process-unit.ts'
import { v1, v2Ski, v3Certificate, v4 } from './testing/tke-vectors.ts'
import { verificationPattern } from './tke/verification-pattern.ts'

const identity = identities[0] as UnitIdentity
const administrators = ['one', 'two', 'three'].map((name) => newAdministrator(name))
const [one, two, three] = administrators as [TestAdministrator, TestAdministrator, TestAdministrator]
const stranger = newAdministrator('stranger')
const empty = Buffer.alloc(0)
const otherParts = [Buffer.alloc(32, 9), Buffer.alloc(32, 1)]
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
    ['LOAD', Buffer.from('3000', 'hex')],
    ['GENERATE_IMPORTER', Buffer.from('00000003', 'hex')],
    ['RANDOM', empty],
    ['EXPORT', empty],
    ['EXPORT_NEW', empty],
    ['ADD_CONTROL_POINTS', Buffer.alloc(16)],
    ['COMMIT', Buffer.alloc(32)],
    ['ACTIVATE', Buffer.alloc(32)],
    ['CLEAR_NEW', empty],
    ['CLEAR_CURRENT', empty],
  ] as const)('%s is refused in it', (name, payload) => {
    unit.carryOut(identity, 'ADD_ADMINISTRATOR', one.certificate)
    expect(unit.command(identity, name, payload, [one])).toMatchObject({ refused: '179/34' })
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
    expect(unit.command(identity, 'SET_ATTRIBUTES', payload)).toMatchObject({ refused: '208/21' })
    expect(unit.command(identity, 'SET_ATTRIBUTES', payload, [one])).toMatchObject({ refused: '208/21' })
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
    expect(unit.command(identity, 'ADD_ADMINISTRATOR', one.certificate)).toMatchObject({ refused: '256/38' })
    expect(unit.command(identity, 'ADD_ADMINISTRATOR', Buffer.from('no certificate'))).toMatchObject({
      refused: '32/40',
    })
    for (let count = 1; count < 8; count++) {
      unit.carryOut(identity, 'ADD_ADMINISTRATOR', newAdministrator(`number ${count}`).certificate)
    }
    expect(unit.command(identity, 'ADD_ADMINISTRATOR', stranger.certificate)).toMatchObject({ refused: '261/39' })
  })

  test('removing one needs the revocation threshold, and cannot go below a threshold', () => {
    leaveImprint(2, 3)
    const third = Buffer.from(three.ski, 'hex')
    expect(unit.command(identity, 'REMOVE_ADMINISTRATOR', third, [one, two])).toMatchObject({ refused: '208/21' })
    expect(unit.command(identity, 'REMOVE_ADMINISTRATOR', third, [one, two, three])).toMatchObject({
      refused: '209/66',
    })
    unit.carryOut(identity, 'SET_ATTRIBUTES', thresholds(2, 2), [one, two])
    expect(unit.carryOut(identity, 'REMOVE_ADMINISTRATOR', third, [one, two]).administrators.length).toBe(2)
  })

  test('removing one who is not there is refused', () => {
    expect(unit.command(identity, 'REMOVE_ADMINISTRATOR', Buffer.from(one.ski, 'hex'))).toMatchObject({
      refused: '32/32',
    })
    expect(unit.command(identity, 'REMOVE_ADMINISTRATOR', Buffer.alloc(31))).toMatchObject({ refused: '32/32' })
  })
})

describe('signatures', () => {
  beforeEach(() => leaveImprint())

  test('the same administrator twice counts once', () => {
    expect(unit.command(identity, 'ADD_ADMINISTRATOR', stranger.certificate, [one, one])).toMatchObject({
      refused: '208/21',
    })
  })

  test('a signature of somebody not installed spoils the command', () => {
    expect(unit.command(identity, 'ADD_ADMINISTRATOR', stranger.certificate, [one, two, stranger])).toMatchObject({
      refused: '257/0',
    })
  })

  test('a signature over other bytes, and one that is no signature, are refused', () => {
    const block = unit.blockOf(identity, 'ZEROIZE', empty)
    const elsewhere = signedBy(one, unit.blockOf(identity, 'ZEROIZE', Buffer.alloc(1)))
    const ski = Buffer.from(one.ski, 'hex')
    expect(unit.sendCommand(identity, block, [elsewhere])).toMatchObject({ refused: '192/22' })
    expect(unit.sendCommand(identity, block, [encodeSignerInfo(ski, 'ecdsa', empty)])).toMatchObject({
      refused: '193/0',
    })
    expect(unit.sendCommand(identity, block, [encodeSignerInfo(ski, 'ecdsa', Buffer.alloc(257))])).toMatchObject({
      refused: '193/0',
    })
    expect(unit.sendCommand(identity, block, [Buffer.from('3000', 'hex')])).toMatchObject({ refused: '193/0' })
    const nine = Array.from({ length: 9 }, () => signedBy(one, block))
    expect(unit.sendCommand(identity, block, nine)).toMatchObject({ refused: '7/87' })
    const many = Array.from({ length: 17 }, () => signedBy(one, block))
    expect(unit.sendCommand(identity, block, many)).toMatchObject({ refused: '193/0' })
  })

  test('the signed command of the TKE reference is not for this unit', () => {
    const signerInfo = encodeSignerInfo(Buffer.from(v2Ski, 'hex'), 'ecdsa', Buffer.from(v4.signature, 'hex'))
    const answer = unit.sendCommand(identity, Buffer.from(v4.block, 'hex'), [signerInfo])
    expect(answer).toMatchObject({ refused: '3/12' })
  })

  test.each([
    ['another domain', { domainIndex: 4 }, '3/12'],
    ['another life of the unit', { domainInstance: 1 }, '3/14'],
    ['another module', { serial: 'SOFT1002' }, '3/17'],
    ['another module instance', { moduleInstance: 2n }, '3/16'],
    ['a counter used before', { counter: 1n }, '163/19'],
    ['a counter too far ahead', { counter: 2n ** 127n }, '163/18'],
    ['an unknown command', { command: 0x1d }, '84/0'],
  ] as const)('a block for %s is refused', (_, changed, refused) => {
    expect(unit.command(identity, 'ZEROIZE', empty, [one, two], changed)).toMatchObject({ refused })
  })

  test('a command cannot be replayed after it was carried out', () => {
    const { counter } = unit.report(identity)
    const block = unit.blockOf(identity, 'ADD_ADMINISTRATOR', stranger.certificate, { counter: counter + 7n })
    const signerInfos = [signedBy(one, block), signedBy(two, block)]
    unit.adopted(unit.sendCommand(identity, block, signerInfos))
    expect(unit.report(identity).counter).toBe(counter + 7n)
    expect(unit.sendCommand(identity, block, signerInfos)).toMatchObject({ refused: '163/19' })
  })

  test('a command that was permitted and refused uses up its counter: it is not tried again later', () => {
    const block = unit.blockOf(identity, 'ADD_ADMINISTRATOR', one.certificate)
    const signerInfos = [signedBy(one, block), signedBy(two, block)]
    const first = unit.sendCommand(identity, block, signerInfos)
    expect(first).toMatchObject({ refused: '256/38' })
    unit.adopt((first as { used: Buffer }).used)
    expect(unit.sendCommand(identity, block, signerInfos)).toMatchObject({ refused: '163/19' })
  })

  test('a command without enough signatures does not', () => {
    const answer = unit.command(identity, 'ADD_ADMINISTRATOR', stranger.certificate, [one])
    expect(answer).toMatchObject({ refused: '208/21' })
    expect(answer).not.toHaveProperty('used')
  })

  test('bytes that are no command block are refused', () => {
    expect(unit.sendCommand(identity, Buffer.from('garbage'))).toMatchObject({ refused: '7', facts: undefined })
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
    expect(unit.command(identity, 'SET_ATTRIBUTES', payload, [one, two])).toMatchObject({ refused })
  })

  test('a threshold of 1 is possible while permitted, and keeps its permission', () => {
    unit.carryOut(identity, 'SET_ATTRIBUTES', thresholds(1, 1), [one, two])
    expect(unit.command(identity, 'SET_ATTRIBUTES', thresholds(1, 1, [3, 0x81ff_0001]), [one])).toMatchObject({
      refused: '209/74',
    })
  })

  test('what lost its change control cannot be changed', () => {
    unit.carryOut(identity, 'SET_ATTRIBUTES', thresholds(2, 2, [3, 0x81ce_0011]), [one, two])
    expect(unit.command(identity, 'SET_ATTRIBUTES', thresholds(3, 2), [one, two])).toMatchObject({ refused: '209/71' })
    expect(unit.command(identity, 'SET_ATTRIBUTES', thresholds(2, 3), [one, two])).toMatchObject({ refused: '209/71' })
    expect(unit.command(identity, 'SET_ATTRIBUTES', thresholds(2, 2, [3, 0x81ce_0010]), [one, two])).toMatchObject({
      refused: '209/70',
    })
  })

  test('imprint mode is not left with a revocation threshold of 0', () => {
    unit.carryOut(identity, 'ZEROIZE', empty, [one, two])
    for (const { certificate } of administrators) unit.carryOut(identity, 'ADD_ADMINISTRATOR', certificate)
    expect(unit.command(identity, 'SET_ATTRIBUTES', thresholds(2, 0), [one, two])).toMatchObject({ refused: '209/36' })
  })

  test('loading can be forbidden, and one part alone is never enough unless permitted', () => {
    expect(unit.load(identity, [testParts[0] as Uint8Array], [one])).toMatchObject({ refused: '80/81' })
    unit.carryOut(identity, 'SET_ATTRIBUTES', thresholds(2, 2, [3, 0x81ff_0010]), [one, two])
    expect(unit.load(identity, testParts, [one])).toMatchObject({ refused: '80/80' })
    unit.carryOut(identity, 'SET_ATTRIBUTES', thresholds(2, 2, [3, 0x81ff_0015]), [one, two])
    expect(unit.adopted(unit.load(identity, [testParts[0] as Uint8Array], [one])).newRegister.state).toBe('uncommitted')
  })

  test('one signature zeroizes where that is permitted', () => {
    expect(unit.command(identity, 'ZEROIZE', empty, [one])).toMatchObject({ refused: '208/21' })
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
    const report = unit.adopted(unit.load(identity, [part1, part2], [one]))
    expect(report.newRegister).toEqual({
      state: 'uncommitted',
      pattern: v1.keyPattern,
      partPatterns: [v1.part1Pattern, v1.part2Pattern],
    })
  })

  test('a key goes from loaded over committed to valid, and in no other order', () => {
    const loading = unit.command(identity, 'COMMIT', Buffer.alloc(32), [one, two])
    expect(loading).toMatchObject({ refused: '96/50' })
    unit.adopted(unit.load(identity, testParts, [one]))
    expect(unit.command(identity, 'ACTIVATE', pattern(), [one])).toMatchObject({ refused: '96/64' })
    expect(unit.command(identity, 'COMMIT', pattern(), [one])).toMatchObject({ refused: '208/21' })
    expect(unit.command(identity, 'COMMIT', Buffer.alloc(32), [one, two])).toMatchObject({ refused: '101/48' })
    expect(unit.carryOut(identity, 'COMMIT', pattern(), [one, two]).newRegister.state).toBe('committed')
    expect(unit.command(identity, 'ACTIVATE', empty, [one])).toMatchObject({ refused: '101/48' })
    expect(unit.command(identity, 'ACTIVATE', pattern(), [])).toMatchObject({ refused: '208/21' })
    const report = unit.carryOut(identity, 'ACTIVATE', pattern(), [one])
    expect([report.newRegister.state, report.currentRegister.state]).toEqual(['empty', 'valid'])
    expect(unit.command(identity, 'ACTIVATE', pattern(), [one])).toMatchObject({ refused: '96/64' })
  })

  test('loading anew replaces a committed key by an uncommitted one', () => {
    unit.adopted(unit.load(identity, testParts, [one]))
    unit.carryOut(identity, 'COMMIT', pattern(), [one, two])
    const report = unit.adopted(unit.load(identity, otherParts, [one]))
    expect(report.newRegister.state).toBe('uncommitted')
  })

  test('the key that is current already, parts that cancel out, and odd parts are refused', () => {
    unit.loadAndActivate(identity, [one, two], testParts)
    expect(unit.load(identity, testParts, [one])).toMatchObject({ refused: '101/48' })
    const part = testParts[0] as Uint8Array
    expect(unit.load(identity, [part, part], [one])).toMatchObject({ refused: '32/31' })
    expect(unit.load(identity, [part, part, part], [one])).toMatchObject({ refused: '32/31' })
    const [a, b] = testParts as [Uint8Array, Uint8Array]
    const both = Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)))
    expect(unit.load(identity, [a, b, both], [one])).toMatchObject({ refused: '32/28' })
    expect(unit.load(identity, [Buffer.alloc(40, 1)], [one])).toMatchObject({ refused: '80/81' })
    expect(unit.load(identity, [part, Buffer.alloc(40, 1)], [one])).toMatchObject({ refused: '32/23' })
    expect(unit.command(identity, 'LOAD', empty)).toMatchObject({ refused: '33/2' })
    expect(unit.load(identity, Array<Uint8Array>(21).fill(part), [one])).toMatchObject({ refused: '32/75' })
  })

  test('either register is cleared by one signature, also when it is empty, and never with a payload', () => {
    unit.loadAndActivate(identity, [one, two], testParts)
    unit.adopted(unit.load(identity, otherParts, [one]))
    expect(unit.command(identity, 'CLEAR_NEW', Buffer.alloc(1), [one])).toMatchObject({ refused: '33/0' })
    expect(unit.carryOut(identity, 'CLEAR_NEW', empty, [one])).toMatchObject({
      newRegister: { state: 'empty' },
      currentRegister: { state: 'valid' },
    })
    expect(unit.carryOut(identity, 'CLEAR_CURRENT', empty, [one]).currentRegister.state).toBe('empty')
    expect(unit.carryOut(identity, 'CLEAR_NEW', empty, [one]).newRegister.state).toBe('empty')
    expect(unit.command(identity, 'CLEAR_CURRENT', empty, [])).toMatchObject({ refused: '208/21' })
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
