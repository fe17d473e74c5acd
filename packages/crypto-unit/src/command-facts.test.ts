/** What a unit tells about commands: over the pipe unchanged, complete for each command, and never anything secret. */
import { createECDH, createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { putFacts, readFacts, type CommandFacts } from './command-facts.ts'
import { Fields, FrameBatch, ProtocolError } from './frames.ts'
import type { UnitIdentity } from './messages.ts'
import { InProcessUnit, identities, newAdministrator, testParts, thresholds } from './testing/in-process-unit.ts'
import { encodeAdminRequest } from './tke/admin-message.ts'
import { commands } from './tke/command-block.ts'
import { importerSki } from './tke/p521.ts'
import { encodeHolderCertificate, encodeParameters, parameters } from './tke/parameter-file.ts'
import { verificationPattern } from './tke/verification-pattern.ts'

const identity = identities[0] as UnitIdentity
const administrators = [newAdministrator('one'), newAdministrator('two')] as const
const [one, two] = administrators
const stranger = newAdministrator('stranger')
const empty = Buffer.alloc(0)
let unit: InProcessUnit

beforeEach(() => {
  unit = new InProcessUnit()
  unit.adopt(unit.create(identity))
})

function patternOf(fill: number): Buffer {
  return Buffer.alloc(32, fill).fill(0, 28)
}

function leaveImprint(): void {
  for (const { certificate } of administrators) unit.carryOut(identity, 'ADD_ADMINISTRATOR', certificate)
  unit.carryOut(identity, 'SET_ATTRIBUTES', thresholds(2, 2, [3, 0x81ff_001f]), administrators)
}

describe('on the pipe', () => {
  const anyHash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'))
  const anyWord = fc.integer({ min: 0, max: 0xffff_ffff })
  const anyFacts = fc.record(
    {
      command: anyWord,
      counter: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
      requestHash: anyHash,
      signerIds: fc.array(anyHash, { maxLength: 8 }),
      adminId: anyHash,
      adminName: fc.stringMatching(/^[ -~]{1,30}$/),
      signatureThreshold: anyWord,
      revocationSignatureThreshold: anyWord,
      permissions: anyWord,
      pattern: anyHash,
      partPatterns: fc.array(anyHash, { maxLength: 20 }),
      controlPoints: anyHash.map((hash) => hash.slice(0, 32)),
      recipientId: anyHash,
    },
    { requiredKeys: ['command', 'counter', 'requestHash', 'signerIds'] },
  ) as fc.Arbitrary<CommandFacts>

  test('whatever is there arrives, and whatever is not there does not', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const batch = new FrameBatch()
        putFacts(batch, facts)
        const fields = new Fields(Buffer.from(batch.take()))
        expect(readFacts(fields)).toEqual(facts)
        fields.end()
      }),
    )
  })

  test('cut off anywhere it is refused', () => {
    const batch = new FrameBatch()
    putFacts(batch, { command: 1, counter: 1n, requestHash: '00'.repeat(32), signerIds: ['11'.repeat(32)] })
    const whole = Buffer.from(batch.take())
    for (let length = 0; length < whole.length; length++) {
      expect(() => readFacts(new Fields(whole.subarray(0, length)))).toThrow(ProtocolError)
    }
  })
})

describe('of each command', () => {
  beforeEach(leaveImprint)
  const factsOf = (answer: ReturnType<InProcessUnit['command']>): Partial<CommandFacts> => {
    const { command: _, counter: _counter, requestHash: _hash, signerIds: _ids, ...own } = answer.facts ?? {}
    return own
  }

  test('the hash is the one of the request as it was sent, and the counter is the one it names', () => {
    const block = unit.blockOf(identity, 'ZEROIZE', empty)
    const request = encodeAdminRequest(3, block, [])
    const { facts } = unit.sendCommand(identity, block)
    expect(facts).toMatchObject({
      command: commands.ZEROIZE,
      counter: unit.report(identity).counter + 1n,
      requestHash: createHash('sha256').update(request).digest('hex'),
      signerIds: [],
    })
  })

  test('everybody who signed is named once, in their order', () => {
    const answer = unit.command(identity, 'CLEAR_NEW', empty, [two, one, two])
    expect(answer.facts?.signerIds).toEqual([two.ski, one.ski])
  })

  test('of a refused command everybody is named who claims to have signed it', () => {
    for (const signers of [[one], [stranger], [one, stranger]]) {
      const answer = unit.command(identity, 'ADD_ADMINISTRATOR', stranger.certificate, signers)
      expect(answer).toHaveProperty('refused')
      expect(answer.facts?.signerIds).toEqual(signers.map(({ ski }) => ski))
    }
  })

  test.each([
    ['ADD_ADMINISTRATOR', stranger.certificate, { adminId: stranger.ski, adminName: 'stranger' }],
    ['ADD_ADMINISTRATOR', one.certificate, { adminId: one.ski, adminName: 'one' }],
    ['REMOVE_ADMINISTRATOR', Buffer.from(two.ski, 'hex'), { adminId: two.ski, adminName: 'two' }],
    ['REMOVE_ADMINISTRATOR', Buffer.from(stranger.ski, 'hex'), { adminId: stranger.ski }],
    [
      'SET_ATTRIBUTES',
      thresholds(7, 0xffff_ffff, [3, 0x0000_0001]),
      { signatureThreshold: 7, revocationSignatureThreshold: 0xffff_ffff, permissions: 1 },
    ],
    ['COMMIT', patternOf(0xab), { pattern: 'ab'.repeat(28) + '00'.repeat(4) }],
    ['ACTIVATE', patternOf(0xcd), { pattern: 'cd'.repeat(28) + '00'.repeat(4) }],
    // Could be a key, sent by mistake.
    ['COMMIT', Buffer.alloc(32, 0xab), {}],
    ['ACTIVATE', Buffer.alloc(32, 0xcd), {}],
    ['COMMIT', Buffer.alloc(31), {}],
    ['ADD_CONTROL_POINTS', Buffer.alloc(16, 0x0f), { controlPoints: '0f'.repeat(16) }],
    ['CLEAR_NEW', empty, {}],
    ['CLEAR_CURRENT', empty, {}],
    ['RANDOM', empty, {}],
    ['ZEROIZE', empty, {}],
    ['GENERATE_IMPORTER', Buffer.from('00000003', 'hex'), {}],
  ] as const)('%s tells what it is about, carried out or refused', (name, payload, expected) => {
    expect(factsOf(unit.command(identity, name, payload, administrators))).toEqual(expected)
  })

  test('an import tells the patterns of its parts, an export whose key went to whom', () => {
    const answer = unit.load(identity, testParts, administrators)
    expect(factsOf(answer)).toEqual({ partPatterns: testParts.map((part) => verificationPattern(part)) })
    const { newRegister } = unit.adopted(answer)
    const holder = createECDH('secp521r1').generateKeys()
    const payload = encodeParameters([
      { type: parameters.PART_LIMIT, index: 1, data: empty },
      { type: parameters.HOLDER_CERTIFICATE, index: 0, data: encodeHolderCertificate(holder) },
    ])
    expect(factsOf(unit.command(identity, 'EXPORT_NEW', payload, administrators))).toEqual({
      recipientId: importerSki(holder).toString('hex'),
      pattern: newRegister.pattern,
    })
  })

  test('nothing that a unit tells holds a part, a key, or a private key', () => {
    const sent = unit.load(identity, testParts, administrators)
    const text = JSON.stringify(sent, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
    for (const part of testParts) expect(text).not.toContain(Buffer.from(part).toString('hex'))
    const sum = Buffer.alloc(32, 0xa5 ^ 0x3c)
    expect(text).not.toContain(sum.toString('hex'))
    for (const bytes of [...testParts, sum]) {
      expect((sent as { sealed: Buffer }).sealed.includes(Buffer.from(bytes))).toBe(false)
    }
  })
})
