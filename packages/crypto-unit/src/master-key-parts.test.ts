/** Master keys on their way into a unit and between units: importers, imports part by part, exports to a holder. */
import { createECDH, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import type { UnitIdentity } from './messages.ts'
import {
  InProcessUnit,
  identities,
  newAdministrator,
  signedBy,
  testParts,
  thresholds,
  type CommandAnswer,
  type TestAdministrator,
} from './testing/in-process-unit.ts'
import { encodeAdminRequest, encodeInfoRequest } from './tke/admin-message.ts'
import type { CommandBlock } from './tke/command-block.ts'
import { octets, sequence, word, wordBytes } from './tke/der.ts'
import { importerSki, pointOfKey } from './tke/p521.ts'
import {
  decodeParameters,
  encodeHolderCertificate,
  encodeParameters,
  parameters,
  type Parameter,
} from './tke/parameter-file.ts'
import { openPart, sealPart } from './tke/recipient-info.ts'
import { verificationPattern } from './tke/verification-pattern.ts'

const [identity, other] = identities as [UnitIdentity, UnitIdentity]
const administrators = [newAdministrator('one'), newAdministrator('two')] as const
const [one, two] = administrators
const stranger = newAdministrator('stranger')
const empty = Buffer.alloc(0)
const [firstPart, secondPart] = testParts as [Uint8Array, Uint8Array]
const recipient = Buffer.alloc(32, 1)
/** Import, export and transport in one part permitted, besides what is in the beginning. */
const TRANSPORT = 0x81ff_0017
let unit: InProcessUnit

beforeEach(() => {
  unit = new InProcessUnit()
  leaveImprint(identity)
})

function leaveImprint(of: UnitIdentity, permissions = TRANSPORT): void {
  unit.adopt(unit.create(of))
  for (const { certificate } of administrators) unit.carryOut(of, 'ADD_ADMINISTRATOR', certificate)
  unit.carryOut(of, 'SET_ATTRIBUTES', thresholds(2, 2, [3, permissions]), administrators)
}

function importer(type = 3): KeyObject {
  const { output } = unit.carryOut(identity, 'GENERATE_IMPORTER', wordBytes(type), [one])
  return createPublicKey({ key: output, format: 'der', type: 'spki' })
}

function sealed(bytes: Uint8Array, key: KeyObject): Buffer {
  return sealPart(bytes, key, recipient)
}

/** An import of embedded requests as they are. */
function load(requests: readonly Uint8Array[], changed: Partial<CommandBlock> = {}): CommandAnswer {
  return unit.command(identity, 'LOAD', Buffer.concat(requests), [], changed)
}

function part(info: Uint8Array, signers: readonly TestAdministrator[], changed?: Partial<CommandBlock>): Buffer {
  return unit.partOf(identity, info, signers, changed)
}

describe('importers', () => {
  test.each([
    ['P-521', 3, 158],
    ['RSA', 0, 294],
  ])('of %s is made by one signature, and answered as a SubjectPublicKeyInfo', (_, type, bytes) => {
    expect(unit.command(identity, 'GENERATE_IMPORTER', wordBytes(type))).toMatchObject({ refused: '208/21' })
    expect(unit.carryOut(identity, 'GENERATE_IMPORTER', wordBytes(type), [two]).output.length).toBe(bytes)
  })

  test.each([1, 2, 4, 5, 6, 7, 8, 9, 0xffff_ffff])('of type %i are not made here', (type) => {
    const answer = unit.command(identity, 'GENERATE_IMPORTER', wordBytes(type), [one])
    expect(answer).toMatchObject({ refused: '32/55' })
  })

  test('of no type, or half a one, are refused', () => {
    for (const length of [0, 3, 5]) {
      const answer = unit.command(identity, 'GENERATE_IMPORTER', Buffer.alloc(length), [one])
      expect(answer).toMatchObject({ refused: '32/54' })
    }
  })

  test('a new one replaces the old one, whose parts do not open any more', () => {
    const old = sealed(firstPart, importer())
    importer()
    expect(load([part(old, [one])])).toMatchObject({ refused: '32/28' })
  })

  test('one is used once: the same parts cannot be loaded again', () => {
    const info = sealed(firstPart, importer())
    unit.adopted(load([part(info, [one])]))
    expect(load([part(info, [one])])).toMatchObject({ refused: '96/1' })
  })

  test('a refused import leaves it in place', () => {
    const key = importer()
    expect(load([part(Buffer.from('3000', 'hex'), [one])])).toMatchObject({ refused: '32/23' })
    expect(unit.adopted(load([part(sealed(firstPart, key), [one])])).newRegister.state).toBe('uncommitted')
  })
})

describe('an import', () => {
  test.each([
    ['P-521', 3],
    ['RSA', 0],
  ])('of parts encrypted to an importer of %s makes their exclusive or', (_, type) => {
    const key = importer(type)
    const report = unit.adopted(load([part(sealed(firstPart, key), [one]), part(sealed(secondPart, key), [two])]))
    const sum = Buffer.from(firstPart.map((byte, index) => byte ^ (secondPart[index] ?? 0)))
    expect(report.newRegister).toEqual({
      state: 'uncommitted',
      pattern: verificationPattern(sum),
      partPatterns: [verificationPattern(firstPart), verificationPattern(secondPart)],
    })
    expect(report.output.toString('hex')).toBe(verificationPattern(sum))
  })

  test('says who signed which part: each of them, once', () => {
    const key = importer()
    const answer = load([
      part(sealed(firstPart, key), [one]),
      part(sealed(secondPart, key), [two]),
      part(sealed(Buffer.alloc(32, 7), key), [one, two]),
    ])
    expect(answer.facts?.signerIds).toEqual([one.ski, two.ski])
    expect(answer.facts?.partPatterns?.length).toBe(3)
  })

  test('may have twenty parts', () => {
    const key = importer()
    const parts = Array.from({ length: 20 }, (_, index) => part(sealed(Buffer.alloc(32, index + 1), key), [one]))
    expect(unit.adopted(load(parts)).newRegister.partPatterns.length).toBe(20)
  })

  test('of more than twenty parts is refused', () => {
    const parts = Array.from({ length: 21 }, () => part(empty, [one]))
    expect(load(parts)).toMatchObject({ refused: '32/75' })
  })

  test('a signature over the whole makes up for none of a part, and is not needed', () => {
    const info = sealed(firstPart, importer())
    const outer = (requests: readonly Uint8Array[], signers: readonly TestAdministrator[]): CommandAnswer =>
      unit.command(identity, 'LOAD', Buffer.concat(requests), signers)
    expect(outer([part(info, [])], administrators)).toMatchObject({ refused: '208/9' })
    const answer = outer([part(info, [one])], [two])
    expect(answer).toHaveProperty('sealed')
    expect(answer.facts?.signerIds).toEqual([one.ski])
  })

  test('without parts is refused', () => {
    expect(load([])).toMatchObject({ refused: '33/2' })
  })

  test.each([
    ['RSA parts', 'rsa', 3],
    ['P-521 parts', 'ec', 0],
  ] as const)('of %s for an importer of the other kind is refused', (_, kind, type) => {
    importer(type)
    const { publicKey } =
      kind === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ec', { namedCurve: 'P-521' })
    expect(load([part(sealed(firstPart, publicKey), [one])])).toMatchObject({ refused: '32/23' })
  })

  test.each([3, 0])('of parts for the importer of somebody else is refused (type %i)', (type) => {
    importer(type)
    const { publicKey } =
      type === 0
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ec', { namedCurve: 'P-521' })
    expect(load([part(sealed(firstPart, publicKey), [one])])).toMatchObject({ refused: '32/28' })
  })

  test.each([16, 24, 40])('of parts of %i bytes is refused; under RSA like what does not open', (bytes) => {
    for (const [type, refused] of [
      [3, '32/23'],
      [0, '32/28'],
    ] as const) {
      const info = sealed(Buffer.alloc(bytes, 1), importer(type))
      expect(load([part(info, [one])])).toMatchObject({ refused })
    }
  })

  test('without an importer is refused', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' })
    expect(load([part(sealed(firstPart, publicKey), [one])])).toMatchObject({ refused: '96/1' })
  })

  test('in one part is refused where that is not permitted; two parts are not', () => {
    unit.carryOut(identity, 'SET_ATTRIBUTES', thresholds(2, 2, [3, 0x81ff_0011]), administrators)
    const key = importer()
    expect(load([part(sealed(firstPart, key), [one])])).toMatchObject({ refused: '80/81' })
    const both = [part(sealed(firstPart, key), [one]), part(sealed(secondPart, key), [one])]
    expect(load(both)).toHaveProperty('sealed')
  })

  test('of the key that is current already is refused', () => {
    unit.loadAndActivate(identity, administrators, testParts)
    expect(unit.load(identity, testParts, [one])).toMatchObject({ refused: '101/48' })
  })
})

describe('a part', () => {
  let info: Buffer
  beforeEach(() => {
    info = sealed(firstPart, importer())
  })
  const counter = (): bigint => unit.report(identity).counter

  test.each([
    ['nobody', [], '208/9'],
    ['a stranger', [stranger], '257/0'],
    ['a stranger besides an administrator', [one, stranger], '257/0'],
  ] as const)('signed by %s is refused', (_, signers, refused) => {
    const answer = load([part(info, [one]), part(info, signers)])
    expect(answer).toMatchObject({ refused })
    expect(answer).not.toHaveProperty('used')
  })

  test('refused for its signature is witnessed with everybody who claims to have signed', () => {
    const answer = load([part(info, [one]), part(info, [stranger])])
    expect(answer).toMatchObject({ refused: '257/0', facts: { signerIds: [one.ski, stranger.ski] } })
  })

  test('signed over other bytes is refused', () => {
    const block = unit.blockOf(identity, 'LOAD', info)
    const elsewhere = signedBy(one, unit.blockOf(identity, 'LOAD', empty))
    expect(load([encodeAdminRequest(3, block, [elsewhere])])).toMatchObject({ refused: '192/22' })
    expect(load([encodeAdminRequest(3, block, [Buffer.from('3000', 'hex')])])).toMatchObject({ refused: '193/0' })
  })

  test('signed as something else cannot be passed off as a part', () => {
    const block = unit.blockOf(identity, 'COMMIT', info)
    expect(load([encodeAdminRequest(3, block, [signedBy(one, block)])])).toMatchObject({ refused: '32/11' })
  })

  test.each([
    ['another counter', { counter: 9_999n }, '163/19'],
    ['another domain', { domainIndex: 4 }, '32/7'],
    ['another life of the unit', { domainInstance: 1 }, '32/20'],
    ['another module', { serial: 'SOFT9999' }, '32/17'],
    ['another module instance', { moduleInstance: 2n }, '32/16'],
    ['another command', { command: 0x10 }, '32/11'],
  ] as const)('for %s is refused', (_, changed, refused) => {
    expect(load([part(info, [one], changed)])).toMatchObject({ refused })
  })

  test('whose request names another domain than its block is refused', () => {
    const block = unit.blockOf(identity, 'LOAD', info)
    expect(load([encodeAdminRequest(4, block, [signedBy(one, block)])])).toMatchObject({ refused: '32/7' })
  })

  test.each([
    ['is no DER', Buffer.from('garbage'), '32/3'],
    ['is cut off', Buffer.from('3005', 'hex'), '32/3'],
    ['has no members', sequence(), '32/4'],
    ['is of another function', sequence(word(0x0001_0030), word(3), octets(), octets()), '32/4'],
    ['is a question', encodeInfoRequest(3, 3), '32/6'],
    ['has no block', encodeAdminRequest(3, empty, []), '32/8'],
    ['has a block that is none', encodeAdminRequest(3, Buffer.from('garbage'), []), '32/10'],
  ])('that %s is refused', (_, bytes, refused) => {
    expect(load([part(info, [one]), bytes])).toMatchObject({ refused })
  })

  test('of an earlier command cannot be used in a later one', () => {
    const kept = part(info, [one])
    unit.adopted(load([kept]))
    importer()
    expect(load([kept])).toMatchObject({ refused: '163/19' })
    expect(load([kept], { counter: counter() })).toMatchObject({ refused: '163/19' })
  })
})

describe('an export', () => {
  const holder = createECDH('secp521r1').generateKeys()
  const good: readonly Parameter[] = [
    { type: parameters.PART_LIMIT, index: 1, data: empty },
    { type: parameters.HOLDER_CERTIFICATE, index: 0, data: encodeHolderCertificate(holder) },
    { type: parameters.SCOPE, index: 12, data: empty },
  ]
  const send = (list: readonly Parameter[], signers: readonly TestAdministrator[] = administrators): CommandAnswer =>
    unit.command(identity, 'EXPORT', encodeParameters(list), signers)

  beforeEach(() => unit.loadAndActivate(identity, administrators, testParts))

  test('brings the current master key to whoever owns the importer, and to another unit in the end', () => {
    leaveImprint(other)
    const made = unit.carryOut(other, 'GENERATE_IMPORTER', wordBytes(3), [one])
    const target = createPublicKey({ key: made.output, format: 'der', type: 'spki' })
    const certificate = encodeHolderCertificate(pointOfKey(target))
    const list = good.map((one_) =>
      one_.type === parameters.HOLDER_CERTIFICATE ? { ...one_, data: certificate } : one_,
    )
    const answer = send(list.toReversed())
    expect(answer.facts).toMatchObject({
      recipientId: importerSki(pointOfKey(target)).toString('hex'),
      pattern: unit.report(identity).currentRegister.pattern,
    })
    const elements = decodeParameters(unit.adopted(answer).output)
    expect(elements.map(({ type, index }) => [type, index])).toEqual([[parameters.KEY_PART, 0]])
    const info = elements[0]?.data ?? empty
    const imported = unit.command(other, 'LOAD', unit.partOf(other, info, [one]))
    const { pattern } = unit.report(identity).currentRegister
    expect(unit.adopted(imported).newRegister).toEqual({
      state: 'uncommitted',
      pattern,
      partPatterns: [pattern],
    })
  })

  test('of the new register brings the key that waits there', () => {
    const key = generateKeyPairSync('ec', { namedCurve: 'P-521' })
    const parts = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
    const { newRegister } = unit.adopted(unit.load(identity, parts, [one]))
    const certificate = encodeHolderCertificate(pointOfKey(key.publicKey))
    const payload = encodeParameters([
      { type: parameters.PART_LIMIT, index: 1, data: empty },
      { type: parameters.HOLDER_CERTIFICATE, index: 0, data: certificate },
    ])
    const { output } = unit.adopted(unit.command(identity, 'EXPORT_NEW', payload, administrators))
    const exported = openPart(decodeParameters(output)[0]?.data ?? empty, key.privateKey)
    expect(exported).toEqual(Buffer.alloc(32, 3))
    expect(verificationPattern(exported ?? empty)).toBe(newRegister.pattern)
  })

  test('uses up its counter though it changes nothing else', () => {
    const { counter, revision } = unit.report(identity)
    const block = unit.blockOf(identity, 'EXPORT', encodeParameters(good))
    const signerInfos = administrators.map((signer) => signedBy(signer, block))
    expect(unit.adopted(unit.sendCommand(identity, block, signerInfos))).toMatchObject({
      counter: counter + 1n,
      revision: revision + 1,
    })
    expect(unit.sendCommand(identity, block, signerInfos)).toMatchObject({ refused: '163/19' })
  })

  test('needs the main threshold, and both permissions', () => {
    expect(send(good, [one])).toMatchObject({ refused: '208/21' })
    unit.carryOut(identity, 'SET_ATTRIBUTES', thresholds(2, 2, [3, 0x81ff_0013]), administrators)
    expect(send(good)).toMatchObject({ refused: '80/81' })
    unit.carryOut(identity, 'SET_ATTRIBUTES', thresholds(2, 2, [3, 0x81ff_0015]), administrators)
    expect(send(good)).toMatchObject({ refused: '80/131' })
  })

  const [limit, certificate, scope] = good as [Parameter, Parameter, Parameter]
  const withData = (data: Uint8Array): Parameter => ({ ...certificate, data })
  const unlike = Buffer.from(encodeHolderCertificate(holder))
  unlike[37] = 2
  test.each([
    ['no limit', [certificate, scope], '7/96'],
    ['two limits', [limit, limit, certificate], '7/96'],
    ['a limit of two parts', [{ ...limit, index: 2 }, certificate], '7/96'],
    ['no holder', [limit, scope], '7/96'],
    ['two holders', [limit, certificate, certificate], '7/96'],
    ['a holder of two parts', [limit, withData(unlike)], '3/102'],
    ['half a holder', [limit, withData(encodeHolderCertificate(holder).subarray(1))], '3/102'],
    ['a holder without a point', [limit, withData(encodeHolderCertificate(Buffer.alloc(133)))], '3/102'],
    ['a holder whose point is on no curve', [limit, withData(encodeHolderCertificate(Buffer.alloc(133, 4)))], '3/102'],
    ['nothing', [], '7/96'],
  ])('with %s is refused', (_, list, refused) => {
    expect(send(list)).toMatchObject({ refused })
  })

  test('with what is no parameter file is refused', () => {
    for (const payload of [empty, Buffer.from('garbage'), sequence(octets(Buffer.alloc(5)))]) {
      expect(unit.command(identity, 'EXPORT', payload, administrators)).toMatchObject({ refused: '7/96' })
    }
  })
})

test('an import that failed has used up its importer', () => {
  const { payload } = unit.importOf(identity, [Buffer.alloc(32, 1), Buffer.alloc(40, 2)], administrators)
  const answer = unit.command(identity, 'LOAD', payload) as { refused: string; used: Buffer }
  expect(answer.refused).toMatch(/^32\//)
  unit.adopt(answer.used)
  const again = unit.command(identity, 'LOAD', unit.partOf(identity, Buffer.from('3000', 'hex'), administrators))
  expect(again).toMatchObject({ refused: '96/1' })
})
