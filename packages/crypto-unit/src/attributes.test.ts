/** Attributes of a domain: every threshold, every permission under its change control, modes, and control points. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { UnitIdentity } from './messages.ts'
import { ask } from './testing/answers.ts'
import {
  InProcessUnit,
  identities,
  newAdministrator,
  thresholds,
  type CommandAnswer,
  type TestAdministrator,
} from './testing/in-process-unit.ts'
import { controlPoints, controlPointSet, decodeAttributes, encodeAttributes, permissions } from './tke/attributes.ts'
import { queries } from './tke/command-block.ts'

const identity = identities[0] as UnitIdentity
const administrators = Array.from({ length: 8 }, (_, index) => newAdministrator(`number ${index + 1}`))
const [one] = administrators as [TestAdministrator]
const empty = Buffer.alloc(0)
const FRESH = 0x81ff_0011
let unit: InProcessUnit
/** In imprint mode with all eight installed. */
let installed: Buffer

beforeAll(() => {
  const made = new InProcessUnit()
  made.adopt(made.create(identity))
  for (const { certificate } of administrators) {
    const answer = made.command(identity, 'ADD_ADMINISTRATOR', certificate)
    made.adopted(answer)
    installed = (answer as { sealed: Buffer }).sealed
  }
})

beforeEach(() => {
  unit = new InProcessUnit()
  unit.adopt(installed)
})

function set(payload: Uint8Array, signers: readonly TestAdministrator[]): CommandAnswer {
  return unit.command(identity, 'SET_ATTRIBUTES', payload, signers)
}

function attributesNow(): Map<number, number> {
  return decodeAttributes(Buffer.from(ask(unit, identity, queries.ATTRIBUTES).payload))
}

describe('thresholds', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'a main threshold of %i needs that many signatures, and one fewer is refused',
    (n) => {
      expect(set(thresholds(n, 8), administrators.slice(0, n - 1))).toMatchObject({ refused: '208/21' })
      unit.adopted(set(thresholds(n, 8), administrators.slice(0, n)))
      const points = Buffer.alloc(16)
      expect(unit.command(identity, 'ADD_CONTROL_POINTS', points, administrators.slice(1, n))).toMatchObject({
        refused: '208/21',
      })
      expect(unit.command(identity, 'ADD_CONTROL_POINTS', points, administrators.slice(8 - n))).toHaveProperty('sealed')
    },
  )

  test.each([1, 2, 3, 4, 5, 6, 7])(
    'a revocation threshold of %i is what a removal needs, whatever the main one',
    (n) => {
      unit.adopted(set(thresholds(1, n), [one]))
      const last = Buffer.from(administrators[7]?.ski ?? '', 'hex')
      expect(unit.command(identity, 'REMOVE_ADMINISTRATOR', last, administrators.slice(0, n - 1))).toMatchObject({
        refused: '208/21',
      })
      const removed = unit.adopted(unit.command(identity, 'REMOVE_ADMINISTRATOR', last, administrators.slice(0, n)))
      expect(removed.administrators.length).toBe(7)
      expect(removed.output.length).toBe(7 * 32)
    },
  )

  test('of eight and eight nobody can be removed, until they are lower', () => {
    unit.adopted(set(thresholds(8, 8), administrators))
    const last = Buffer.from(administrators[7]?.ski ?? '', 'hex')
    expect(unit.command(identity, 'REMOVE_ADMINISTRATOR', last, administrators)).toMatchObject({ refused: '209/66' })
    unit.adopted(set(thresholds(7, 7), administrators))
    expect(unit.command(identity, 'REMOVE_ADMINISTRATOR', last, administrators)).toHaveProperty('sealed')
  })

  test.each([
    [9, 1, '208/21'],
    [0xffff_ffff, 1, '208/21'],
    [1, 9, '209/58'],
    [1, 0xffff_ffff, '209/58'],
    [0, 1, '209/76'],
    [1, 0, '209/36'],
  ])('of %i and %i do not lead out of imprint mode', (main, revocation, refused) => {
    expect(set(thresholds(main, revocation), administrators)).toMatchObject({ refused })
    expect(unit.report(identity).imprint).toBe(true)
  })

  test('removing the last but as many as a threshold is refused', () => {
    unit.adopted(set(thresholds(1, 7), administrators))
    const remove = (index: number): CommandAnswer => {
      const ski = Buffer.from(administrators[index]?.ski ?? '', 'hex')
      return unit.command(identity, 'REMOVE_ADMINISTRATOR', ski, administrators.slice(0, 7))
    }
    unit.adopted(remove(7))
    expect(remove(6)).toMatchObject({ refused: '209/66' })
  })

  test('one who was removed signs nothing any more', () => {
    unit.adopted(set(thresholds(2, 2), administrators))
    const [first, second] = administrators as [TestAdministrator, TestAdministrator]
    unit.carryOut(identity, 'REMOVE_ADMINISTRATOR', Buffer.from(first.ski, 'hex'), [first, second])
    expect(unit.command(identity, 'CLEAR_NEW', empty, [first])).toMatchObject({ refused: '257/0' })
    expect(unit.command(identity, 'CLEAR_NEW', empty, [second])).toHaveProperty('sealed')
  })

  test('attributes that are not named stay, in whatever order the others come', () => {
    unit.adopted(set(thresholds(2, 3), administrators))
    unit.adopted(set(encodeAttributes([[2, 4]]), administrators))
    expect(unit.report(identity)).toMatchObject({ signatureThreshold: 2, revocationSignatureThreshold: 4 })
    const reversed = encodeAttributes([
      [4, 0x0004_0202],
      [3, FRESH],
      [2, 2],
      [1, 3],
    ])
    unit.adopted(set(reversed, administrators))
    expect(unit.report(identity)).toMatchObject({ signatureThreshold: 3, revocationSignatureThreshold: 2 })
  })
})

/** Permission bits, each with the bit that guards it (TKE reference, section 3.3). */
const guarded = [
  ['import', permissions.IMPORT, permissions.CHANGE_IMPORT],
  ['export', permissions.EXPORT, permissions.CHANGE_EXPORT],
  ['one part', permissions.ONE_PART, permissions.CHANGE_ONE_PART],
  ['random', permissions.RANDOM, permissions.CHANGE_RANDOM],
  ['a threshold of one', permissions.THRESHOLD_ONE, permissions.CHANGE_THRESHOLD_ONE],
  [
    'control points by one signature',
    permissions.ONE_SIGNATURE_CONTROL_POINTS,
    permissions.CHANGE_ONE_SIGNATURE_CONTROL_POINTS,
  ],
  ['zeroizing by one signature', permissions.ONE_SIGNATURE_ZEROIZE, permissions.CHANGE_ONE_SIGNATURE_ZEROIZE],
  ['do not disturb', permissions.DO_NOT_DISTURB, permissions.CHANGE_DO_NOT_DISTURB],
] as const

describe('permissions', () => {
  const permit = (value: number): CommandAnswer => set(thresholds(2, 2, [3, value >>> 0]), administrators.slice(0, 2))
  beforeEach(() => void unit.adopted(set(thresholds(2, 2), administrators.slice(0, 2))))

  test.each(guarded)(
    '%s: changes under its change control, and with the command that gives it up',
    (_, bit, control) => {
      unit.adopted(permit(FRESH ^ bit))
      expect(unit.report(identity).permissions).toBe((FRESH ^ bit) >>> 0)
      unit.adopted(permit(FRESH & ~control))
      expect(permit((FRESH & ~control) ^ bit)).toMatchObject({ refused: '209/70' })
      expect(permit(FRESH)).toMatchObject({ refused: '209/69' })
      // Everything else can still be changed.
      for (const [, other] of guarded.filter(([, one_]) => one_ !== bit)) {
        expect(permit((FRESH & ~control) ^ other), `${other}`).toHaveProperty('sealed')
      }
    },
  )

  test.each([
    ['main', permissions.CHANGE_SIGNATURE_THRESHOLD, thresholds(3, 2), thresholds(2, 3)],
    ['revocation', permissions.CHANGE_REVOCATION_THRESHOLD, thresholds(2, 3), thresholds(3, 2)],
  ] as const)('the %s threshold changes under its change control only', (_, control, frozen, free) => {
    unit.adopted(permit(FRESH & ~control))
    expect(set(frozen, administrators)).toMatchObject({ refused: '209/71' })
    expect(set(free, administrators)).toHaveProperty('sealed')
    expect(set(thresholds(2, 2), administrators)).toHaveProperty('sealed')
  })

  test('a zeroize brings back every permission, and every change control that was given up', () => {
    unit.adopted(permit(0))
    expect(permit(1)).toMatchObject({ refused: '209/70' })
    unit.carryOut(identity, 'ZEROIZE', empty, administrators.slice(0, 2))
    expect(unit.report(identity).permissions).toBe(FRESH)
  })

  test('what a client writes for operational and recovery units is what the unit has then', () => {
    for (const value of [0x01ff_2055, 0x01ff_205f]) {
      unit.carryOut(identity, 'ZEROIZE', empty, administrators.slice(0, unit.report(identity).signatureThreshold))
      unit.carryOut(identity, 'ADD_ADMINISTRATOR', one.certificate)
      const payload = encodeAttributes([
        [1, 1],
        [2, 1],
        [3, value],
        [4, 0x0004_0202],
      ])
      unit.adopted(set(payload, [one]))
      expect([...attributesNow()]).toEqual([
        [1, 1],
        [2, 1],
        [3, value],
        [4, 0x0004_0203],
        [5, 0],
      ])
    }
  })

  test('bits of cards mean nothing, and are kept', () => {
    unit.adopted(permit(FRESH ^ 0x0780))
    expect(unit.report(identity).permissions).toBe((FRESH ^ 0x0780) >>> 0)
    expect(permit(FRESH)).toHaveProperty('sealed')
  })
})

describe('modes', () => {
  test('leaving imprint mode is told by a bit that nobody can set or take', () => {
    const mode = (value: number): Buffer => encodeAttributes([[4, value]])
    unit.adopted(set(mode(0x0004_0303), []))
    expect(attributesNow().get(4)).toBe(0x0004_0202)
    unit.adopted(set(thresholds(1, 1), [one]))
    expect(attributesNow().get(4)).toBe(0x0004_0203)
    unit.adopted(set(mode(0x0004_0302), [one]))
    expect(attributesNow().get(4)).toBe(0x0004_0203)
  })
})

describe('control points', () => {
  const points = controlPointSet(controlPoints.XCP_CPB_ALG_EC_25519, controlPoints.XCP_CPB_BTC)
  const two = administrators.slice(0, 2)
  beforeEach(() => void unit.adopted(set(thresholds(2, 2), two)))

  test('are set, added and removed by the main threshold, and answered as they are then', () => {
    for (const name of ['SET_CONTROL_POINTS', 'ADD_CONTROL_POINTS', 'REMOVE_CONTROL_POINTS'] as const) {
      expect(unit.command(identity, name, points, [one])).toMatchObject({ refused: '208/21' })
    }
    expect(unit.carryOut(identity, 'ADD_CONTROL_POINTS', points, two).output).toEqual(points)
    const other = controlPointSet(controlPoints.XCP_CPB_ECDSA_OTHER)
    const both = controlPointSet(...Object.values(controlPoints))
    expect(unit.carryOut(identity, 'ADD_CONTROL_POINTS', other, two).output).toEqual(both)
    expect(unit.carryOut(identity, 'REMOVE_CONTROL_POINTS', other, two).output).toEqual(points)
    expect(unit.carryOut(identity, 'SET_CONTROL_POINTS', other, two).output).toEqual(other)
    expect(unit.report(identity).controlPoints).toBe(other.toString('hex'))
  })

  test('are changed by one signature where that is permitted', () => {
    unit.adopted(set(thresholds(2, 2, [3, 0x81ff_0031]), two))
    for (const name of ['SET_CONTROL_POINTS', 'ADD_CONTROL_POINTS', 'REMOVE_CONTROL_POINTS'] as const) {
      expect(unit.command(identity, name, points)).toMatchObject({ refused: '208/21' })
      expect(unit.command(identity, name, points, [one])).toHaveProperty('sealed')
    }
  })

  test('of another size are refused', () => {
    for (const length of [0, 15, 17]) {
      const answer = unit.command(identity, 'ADD_CONTROL_POINTS', Buffer.alloc(length), two)
      expect(answer).toMatchObject({ refused: '32/44' })
    }
  })

  test('are gone after a zeroize', () => {
    unit.carryOut(identity, 'ADD_CONTROL_POINTS', points, two)
    expect(unit.carryOut(identity, 'ZEROIZE', empty, two).controlPoints).toBe('00'.repeat(16))
  })
})
