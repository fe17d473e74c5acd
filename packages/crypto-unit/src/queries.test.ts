/** Queries: what each one answers, signed by the module, in every state; and what it answers to what it does not know. */
import { createPublicKey } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import type { UnitIdentity } from './messages.ts'
import { ask, askBlock, info, pairOf, rootOf, sayOf } from './testing/answers.ts'
import { InProcessUnit, identities, newAdministrator, testParts, thresholds } from './testing/in-process-unit.ts'
import { encodeAdminRequest, encodeInfoRequest } from './tke/admin-message.ts'
import { decodeAttributes } from './tke/attributes.ts'
import { encodeQueryBlock, queries } from './tke/command-block.ts'
import { octets, sequence, wordBytes } from './tke/der.ts'
import { decodeDeviceCertificate, verifyDeviceCertificate } from './tke/device-certificate.ts'
import { verificationPattern } from './tke/verification-pattern.ts'

const identity = identities[0] as UnitIdentity
const administrators = [newAdministrator('one'), newAdministrator('two')] as const
const [one, two] = administrators
const empty = Buffer.alloc(0)
const partPatterns = testParts.map((part) => verificationPattern(part))
let unit: InProcessUnit

beforeEach(() => {
  unit = new InProcessUnit()
  unit.adopt(unit.create(identity))
})

/** Out of imprint mode with two administrators and thresholds of one. */
function leaveImprint(): void {
  for (const { certificate } of administrators) unit.carryOut(identity, 'ADD_ADMINISTRATOR', certificate)
  unit.carryOut(identity, 'SET_ATTRIBUTES', thresholds(1, 1), [one])
}

function payloadOf(id: number, payload?: Uint8Array): Buffer {
  const block = ask(unit, identity, id, payload)
  expect([id, pairOf(block)]).toEqual([id, '0/0'])
  return Buffer.from(block.payload)
}

function refusalOf(id: number, payload?: Uint8Array): string {
  return pairOf(ask(unit, identity, id, payload))
}

describe('a fresh unit', () => {
  test('answers the attributes that a domain has in the beginning', () => {
    expect([...decodeAttributes(payloadOf(queries.ATTRIBUTES))]).toEqual([
      [1, 0],
      [2, 0],
      [3, 0x81ff_0011],
      [4, 0x0004_0202],
      [5, 0],
    ])
  })

  test('has no administrators, no importer, no keys, no parts and no control points', () => {
    expect(payloadOf(queries.ADMINISTRATORS)).toEqual(empty)
    expect(payloadOf(queries.CARD_ADMINISTRATORS)).toEqual(empty)
    expect(refusalOf(queries.IMPORTER)).toBe('96/1')
    expect(refusalOf(queries.CURRENT_PATTERN)).toBe('96/49')
    expect(refusalOf(queries.NEW_PATTERN)).toBe('96/50')
    expect(payloadOf(queries.PART_PATTERNS)).toEqual(empty)
    expect(payloadOf(queries.CONTROL_POINTS)).toEqual(Buffer.alloc(16))
  })

  test('names itself in every answer, with the counter that it used last', () => {
    const { domainIndex, domainInstance, serial, moduleInstance } = unit.report(identity)
    const block = ask(unit, identity, queries.ATTRIBUTES)
    const own = { domainIndex, domainInstance, serial, moduleInstance }
    expect(block).toMatchObject({ ...own, id: queries.ATTRIBUTES, counter: 0n })
    unit.carryOut(identity, 'ADD_ADMINISTRATOR', one.certificate)
    expect(ask(unit, identity, queries.ATTRIBUTES)).toMatchObject({ ...own, counter: 1n })
  })
})

describe('administrators', () => {
  beforeEach(leaveImprint)

  test('are listed by their key identifiers, and each certificate comes back as it was brought', () => {
    expect(payloadOf(queries.ADMINISTRATORS).toString('hex')).toBe(one.ski + two.ski)
    for (const { ski, certificate } of administrators) {
      expect(payloadOf(queries.ADMINISTRATORS, Buffer.from(ski, 'hex'))).toEqual(certificate)
    }
  })

  test('that are not there, and identifiers that are none, are refused', () => {
    expect(refusalOf(queries.ADMINISTRATORS, Buffer.alloc(32))).toBe('96/33')
    for (const length of [1, 31, 33]) expect(refusalOf(queries.ADMINISTRATORS, Buffer.alloc(length))).toBe('32/32')
  })
})

describe('the device certificate', () => {
  test('is one of a chain of one, which hangs from the root and ends with 96/60', () => {
    expect(payloadOf(queries.DEVICE_CERTIFICATE)).toEqual(wordBytes(1))
    const certificate = payloadOf(queries.DEVICE_CERTIFICATE, wordBytes(0))
    const root = rootOf(unit)
    expect(() => verifyDeviceCertificate(certificate, root)).not.toThrow()
    expect(decodeDeviceCertificate(certificate).signerSki).toBe(root.ski)
    for (const index of [1, 2, 0xffff_ffff]) {
      expect(refusalOf(queries.DEVICE_CERTIFICATE, wordBytes(index))).toBe('96/60')
    }
  })

  test('of an index that is none is refused', () => {
    for (const length of [1, 3, 5, 8]) {
      expect(refusalOf(queries.DEVICE_CERTIFICATE, Buffer.alloc(length))).toBe('32/59')
    }
  })
})

describe('registers', () => {
  beforeEach(leaveImprint)

  test('are told by their patterns and the patterns of the parts, the newest key first', () => {
    const loaded = unit.adopted(unit.load(identity, testParts, [one]))
    const pattern = Buffer.from(loaded.newRegister.pattern ?? '', 'hex')
    expect(payloadOf(queries.NEW_PATTERN)).toEqual(pattern)
    expect(payloadOf(queries.PART_PATTERNS).toString('hex')).toBe(partPatterns.join(''))
    unit.carryOut(identity, 'COMMIT', pattern, [one])
    unit.carryOut(identity, 'ACTIVATE', pattern, [one])
    expect(payloadOf(queries.CURRENT_PATTERN)).toEqual(pattern)
    expect(refusalOf(queries.NEW_PATTERN)).toBe('96/50')
    expect(payloadOf(queries.PART_PATTERNS).toString('hex')).toBe(partPatterns.join(''))
    unit.adopted(unit.load(identity, [...testParts, Buffer.alloc(32, 1)], [one]))
    expect(payloadOf(queries.PART_PATTERNS).length).toBe(96)
  })

  test.each([
    ['nothing', 0x8000_0011],
    ['a loaded key', 0x8000_0015],
    ['a committed key', 0x8000_001d],
    ['a valid key', 0x8000_0013],
    ['a valid and a loaded key', 0x8000_0017],
    ['a valid and a committed key', 0x8000_001f],
  ])('the flags of a domain with %s say so', (what, flags) => {
    if (what.includes('valid')) unit.loadAndActivate(identity, [one], testParts)
    const load = (): Buffer => {
      const { newRegister } = unit.adopted(unit.load(identity, [Buffer.alloc(32, 1), Buffer.alloc(32, 2)], [one]))
      return Buffer.from(newRegister.pattern ?? '', 'hex')
    }
    if (what.includes('loaded')) load()
    if (what.includes('committed')) unit.carryOut(identity, 'COMMIT', load(), [one])
    const domain = info(unit, identity, 3)
    const { currentRegister, newRegister } = unit.report(identity)
    expect(domain.length).toBe(80)
    expect(domain.readUInt32BE(0)).toBe(3)
    expect(domain.toString('hex', 4, 36)).toBe(currentRegister.pattern ?? '00'.repeat(32))
    expect(domain.toString('hex', 36, 68)).toBe(newRegister.pattern ?? '00'.repeat(32))
    expect(domain.readUInt32BE(68)).toBe(flags)
  })

  test('the flags of a domain in imprint mode say that it is in it, and whether anybody is installed', () => {
    const other = identities[1] as UnitIdentity
    unit.adopt(unit.create(other))
    expect(info(unit, other, 3).readUInt32BE(68)).toBe(0x8000_0000)
    unit.carryOut(other, 'ADD_ADMINISTRATOR', one.certificate)
    expect(info(unit, other, 3).readUInt32BE(68)).toBe(0x8000_0001)
  })
})

describe('the importer', () => {
  beforeEach(leaveImprint)

  test.each([
    ['P-521', 3, 'ec'],
    ['RSA', 0, 'rsa'],
  ] as const)('of %s is told as it was made, until it is used', (_, type, kind) => {
    const { output } = unit.carryOut(identity, 'GENERATE_IMPORTER', wordBytes(type), [one])
    expect(payloadOf(queries.IMPORTER)).toEqual(output)
    expect(createPublicKey({ key: output, format: 'der', type: 'spki' }).asymmetricKeyType).toBe(kind)
    unit.carryOut(identity, 'ZEROIZE', empty, [one])
    expect(refusalOf(queries.IMPORTER)).toBe('96/1')
  })
})

describe('control points', () => {
  test('are told as they are', () => {
    leaveImprint()
    const set = Buffer.from('00000000000001000000000000000000', 'hex')
    unit.carryOut(identity, 'ADD_CONTROL_POINTS', set, [one])
    expect(payloadOf(queries.CONTROL_POINTS)).toEqual(set)
  })
})

describe('what no query is', () => {
  test.each([0x1_0005, 0x1_0009, 0x1_000b, 0x1_000d, 0x1_0013, 0x1_00ff, 0x1_0000])(
    'id %i is refused as not supported, signed',
    (id) => {
      expect(refusalOf(id)).toBe('84/0')
    },
  )

  test.each([
    ['the importer', queries.IMPORTER],
    ['the control points', queries.CONTROL_POINTS],
    ['the current pattern', queries.CURRENT_PATTERN],
    ['the new pattern', queries.NEW_PATTERN],
    ['the attributes', queries.ATTRIBUTES],
    ['the patterns of the parts', queries.PART_PATTERNS],
  ])('a query for %s that carries something is refused', (_, id) => {
    expect(refusalOf(id, Buffer.alloc(1))).toBe('33/0')
  })

  test('a query for another domain is refused, with the answer of this one', () => {
    const block = encodeQueryBlock(queries.ATTRIBUTES, 4)
    expect(pairOf(askBlock(unit, identity, block))).toBe('3/12')
    expect(askBlock(unit, identity, block).domainIndex).toBe(3)
  })

  test('information that a domain does not have is refused in short form', () => {
    for (const query of [0, 2, 4, 0xffff_ffff]) {
      expect(sayOf(unit, identity, encodeInfoRequest(3, query))).toEqual({ kind: 'refused', returnCode: 7 })
    }
  })

  test('a query signed by anybody is answered like any other', () => {
    const request = encodeAdminRequest(3, encodeQueryBlock(queries.ATTRIBUTES, 3), [Buffer.from('garbage')])
    expect(sayOf(unit, identity, request).kind).toBe('admin')
  })

  test('a block with a member too few or too many is refused in short form', () => {
    const members = [octets(wordBytes(queries.ATTRIBUTES)), octets(wordBytes(3), wordBytes(0)), octets(), octets()]
    for (const block of [sequence(...members), sequence(...members, octets(), octets())]) {
      expect(sayOf(unit, identity, encodeAdminRequest(3, block, []))).toEqual({ kind: 'refused', returnCode: 7 })
    }
  })
})

describe('the module', () => {
  test('tells its serial number, and nothing of hardware', () => {
    const module = info(unit, identity, 1)
    expect(module.length).toBeGreaterThanOrEqual(196)
    expect(module.toString('latin1', 108, 116)).toBe(identity.serial)
    expect(module.readBigUInt64BE(116)).toBe(unit.report(identity).moduleInstance)
    const known = Buffer.from(module)
    known.fill(0, 0, 4).fill(0, 108, 124).fill(0, 156, 160)
    expect(known).toEqual(Buffer.alloc(module.length))
  })
})
