/** A domain's answers to whatever comes: faults before the module, short errors, signed refusals, counters, and holds. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { UnitIdentity } from './messages.ts'
import { operations } from './protocol.ts'
import { ask, hold, info, pairOf, sayOf, sayText, verified } from './testing/answers.ts'
import {
  INSTANCE,
  InProcessUnit,
  identities,
  newAdministrator,
  putName,
  signedBy,
  testParts,
  thresholds,
} from './testing/in-process-unit.ts'
import { encodeAdminRequest, encodeInfoRequest, infoQueries } from './tke/admin-message.ts'
import { encodeQueryBlock, queries } from './tke/command-block.ts'
import { encodeCprb } from './tke/cprb.ts'
import { octets, sequence, word, wordBytes } from './tke/der.ts'
import { decodeHtpResponse, encodeHtpRequest, type HtpError } from './tke/htp.ts'

const [identity, other] = identities as [UnitIdentity, UnitIdentity]
const administrators = [newAdministrator('one'), newAdministrator('two')] as const
const [one, two] = administrators
const empty = Buffer.alloc(0)
let unit: InProcessUnit

beforeEach(() => {
  unit = new InProcessUnit()
  unit.adopt(unit.create(identity))
})

function leaveImprint(): void {
  for (const { certificate } of administrators) unit.carryOut(identity, 'ADD_ADMINISTRATOR', certificate)
  unit.carryOut(identity, 'SET_ATTRIBUTES', thresholds(2, 2), administrators)
}

describe('what does not reach the module', () => {
  const cprb = encodeCprb(3, encodeAdminRequest(3, encodeQueryBlock(queries.ATTRIBUTES, 3), []))
  const good = encodeHtpRequest(1, cprb)
  /** The same text with another field, and the length that fits. */
  const withField = (index: number, value: string): string => {
    const fields = good.split(';')
    fields[index] = value
    const rest = `;${fields.slice(1).join(';')}`
    return `${rest.length}${rest}`
  }

  test.each([
    ['nothing', '', '11/3/0'],
    ['a text without fields', 'hello', '11/3/0'],
    ['a seventh field', `${good};`, '11/3/0'],
    ['another message type', withField(1, 'PCI reply  '), '11/3/0'],
    ['another program', withField(2, 'XPNUM'), '11/3/0'],
    ['another length than it says', good.replace(/^\d+/, '9'), '11/3/0'],
    ['a length that is no number', good.replace(/^\d+/, 'x'), '11/3/0'],
    ['characters where blanks belong', withField(4, 'TKEUSER '), '11/3/0'],
    ['a module index that is no integer', withField(3, '1.0'), '9/1/0'],
    ['no module index', withField(3, ''), '9/1/0'],
    ['the module index of another module', withField(3, '2'), '9/2/0'],
    ['a digit that is none', withField(5, `${cprb.toString('hex')}0g`), '9/12/0'],
    ['half a byte', withField(5, `${cprb.toString('hex')}0`), '9/13/0'],
    ['no command', withField(5, ''), '11/3/0'],
    ['a command of another form', withField(5, cprb.toString('hex').replace(/^0020/, '0021')), '11/3/0'],
    ['a command shorter than it says', withField(5, cprb.subarray(0, -1).toString('hex')), '11/3/0'],
    ['the domain index of another domain', encodeHtpRequest(1, encodeCprb(4, cprb.subarray(32))), '9/5/0'],
    ['more than is ever sent', encodeHtpRequest(1, Buffer.alloc(33_000)), '11/3/0'],
  ])('%s is answered as the catcher does', (_, text, expected) => {
    const { response, isCommand } = sayText(unit, identity, text)
    expect(isCommand).toBe(false)
    const [length = '', errorInfo = '', hex] = response.split(';')
    expect(Number(length)).toBe(response.length - length.length)
    expect([errorInfo.length, hex, response.split(';').length]).toEqual([156, '', 3])
    let refused: HtpError | undefined
    try {
      decodeHtpResponse(response)
    } catch (error) {
      refused = error as HtpError
    }
    expect(`${refused?.type}/${refused?.returnCode}/${refused?.reason}`).toBe(expected)
    expect(refused?.message).toMatch(/^[\x20-\x7e]{10,100}$/)
  })

  test('lower case digits are read like upper case ones', () => {
    const { response } = sayText(unit, identity, good.toLowerCase().replace('pci request;xpnum', 'PCI request;XPNUM'))
    expect(() => decodeHtpResponse(response)).not.toThrow()
  })
})

describe('short errors', () => {
  const block = encodeQueryBlock(queries.ATTRIBUTES, 3)
  test.each([
    ['what is no request', Buffer.from('garbage'), 7],
    ['no bytes', empty, 7],
    ['another function', sequence(word(0x0001_002a), word(3), octets(block), octets()), 7],
    ['a request with a member too many', sequence(word(0x0001_0029), word(3), octets(block), octets(), octets()), 7],
    ['a block that is none', encodeAdminRequest(3, Buffer.from('garbage'), []), 7],
    ['a request for another domain', encodeAdminRequest(4, block, []), 3],
    ['a question about another domain', encodeInfoRequest(4, infoQueries.DOMAIN), 3],
    ['a question with a member too few', sequence(word(0x0001_0026), word(3), word(3)), 7],
    // A query's form, and a command's id.
    ['a command without module and counter', encodeAdminRequest(3, encodeQueryBlock(0x10, 3), []), 7],
  ])('%s is answered with three members', (_, der, returnCode) => {
    expect(sayOf(unit, identity, der)).toEqual({ kind: 'refused', returnCode })
  })

  test('the API ordinal of the client means nothing', () => {
    const said = sayOf(unit, identity, sequence(word(0x0006_0029), word(3), octets(block), octets()))
    expect(said.kind).toBe('admin')
  })
})

describe('signed answers', () => {
  test('a refusal is signed like what is carried out, with the reason in four bytes', () => {
    leaveImprint()
    const block = unit.blockOf(identity, 'ZEROIZE', empty)
    const said = sayOf(unit, identity, encodeAdminRequest(3, block, []))
    if (said.kind !== 'admin') throw new Error('not signed')
    expect(pairOf(verified(unit, identity, said))).toBe('208/21')
    const accepted = sayOf(
      unit,
      identity,
      encodeAdminRequest(
        3,
        block,
        administrators.map((signer) => signedBy(signer, block)),
      ),
    )
    if (accepted.kind !== 'admin') throw new Error('not signed')
    expect(pairOf(verified(unit, identity, accepted))).toBe('0/0')
  })

  test('an unknown command is refused in the name of the unit, with no reason at all', () => {
    const block = unit.blockOf(identity, 'ZEROIZE', empty, { command: 0x0f })
    const said = sayOf(unit, identity, encodeAdminRequest(3, block, []))
    if (said.kind !== 'admin') throw new Error('not signed')
    expect(verified(unit, identity, said)).toMatchObject({ id: 0x0f, returnCode: 84, payload: empty })
  })

  test.each([
    0x01, 0x03, 0x05, 0x06, 0x07, 0x0f, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1d, 0x1e, 0x1f, 0x20, 0x21, 0x22,
    0x23, 0x24, 0x25, 0x27, 0,
  ])('command %i of a card, or of nobody, is refused as not supported', (command) => {
    expect(unit.command(identity, 'ZEROIZE', empty, [], { command })).toMatchObject({ refused: '84/0' })
  })

  test('the answer to a zeroize is of the life that ended; the next one begins with counter 0', () => {
    leaveImprint()
    const before = unit.report(identity)
    const answer = unit.command(identity, 'ZEROIZE', empty, administrators)
    expect(answer.block).toMatchObject({ domainInstance: before.domainInstance, counter: before.counter + 1n })
    unit.adopted(answer)
    const after = ask(unit, identity, queries.ATTRIBUTES)
    expect(after.counter).toBe(0n)
    expect(after.domainInstance).not.toBe(before.domainInstance)
  })
})

describe('transaction counters', () => {
  beforeEach(leaveImprint)

  test.each([
    ['the next one', 1n, undefined],
    ['any later one', 1_000n, undefined],
    ['the furthest that one command may go', 2n ** 32n, undefined],
    ['one further', 2n ** 32n + 1n, '163/18'],
    ['the same again', 0n, '163/19'],
    ['an earlier one', -1n, '163/19'],
  ])('%s', (_, step, refused) => {
    const { counter } = unit.report(identity)
    const answer = unit.command(identity, 'ADD_CONTROL_POINTS', Buffer.alloc(16), administrators, {
      counter: counter + step,
    })
    expect('refused' in answer ? answer.refused : answer.report.counter).toBe(refused ?? counter + step)
  })

  test('a refused command that its signatures permit is answered with its own counter, any other with the last one', () => {
    const { counter } = unit.report(identity)
    const permitted = unit.command(identity, 'COMMIT', Buffer.alloc(32), administrators)
    expect(permitted).toMatchObject({ refused: '96/50', block: { counter: counter + 1n } })
    const unsigned = unit.command(identity, 'COMMIT', Buffer.alloc(32))
    expect(unsigned).toMatchObject({ refused: '208/21', block: { counter } })
  })

  test('a command of one unit cannot be sent to another one of the same administrators', () => {
    unit.adopt(unit.create(other))
    const block = unit.blockOf(identity, 'ADD_ADMINISTRATOR', newAdministrator('three').certificate)
    expect(unit.sendCommand(other, block)).toMatchObject({ refused: '3/14' })
  })

  test('a command of imprint mode counts too, and cannot be replayed after a zeroize', () => {
    unit.carryOut(identity, 'ZEROIZE', empty, administrators)
    const block = unit.blockOf(identity, 'ADD_ADMINISTRATOR', one.certificate)
    unit.adopted(unit.sendCommand(identity, block))
    expect(unit.sendCommand(identity, block)).toMatchObject({ refused: '163/19' })
    unit.carryOut(identity, 'ZEROIZE', empty)
    expect(unit.sendCommand(identity, block)).toMatchObject({ refused: '3/14' })
  })
})

describe('a unit on hold', () => {
  /** The vendor's own return value 0x80010101. */
  const HELD = '2147549441/0'
  const wrapStatus = (): string =>
    unit.call(operations.GENERATE, (request) => {
      putName(request, { instance: INSTANCE, kind: 'root-key', id: 'key-1' })
      request.u32(32)
    }).status

  beforeEach(() => {
    leaveImprint()
    const loaded = unit.adopted(unit.load(identity, testParts, [one]))
    const pattern = loaded.newRegister.pattern ?? ''
    unit.carryOut(identity, 'COMMIT', Buffer.from(pattern, 'hex'), administrators)
    unit.carryOut(identity, 'ACTIVATE', Buffer.from(pattern, 'hex'), administrators)
    unit.direct(INSTANCE, pattern)
  })

  function putOnHold(): { counter: bigint; revision: number } {
    const { counter, revision } = unit.report(identity)
    const known = { counter: counter + 7n, revision: revision + 5 }
    hold(unit, identity, known)
    return known
  }

  test('does not work, and answers queries with the counter that is known of it', () => {
    expect(wrapStatus()).toBe('OK')
    const { counter } = putOnHold()
    expect(wrapStatus()).toBe('NOT_READY')
    expect(ask(unit, identity, queries.ATTRIBUTES).counter).toBe(counter)
    expect(info(unit, identity, infoQueries.DOMAIN).length).toBe(80)
  })

  test.each([
    ['ADD_ADMINISTRATOR', newAdministrator('three').certificate],
    ['REMOVE_ADMINISTRATOR', Buffer.from(two.ski, 'hex')],
    ['GENERATE_IMPORTER', wordBytes(3)],
    ['RANDOM', empty],
    ['EXPORT', empty],
    ['LOAD', Buffer.from('3000', 'hex')],
    ['COMMIT', Buffer.alloc(32)],
    ['ACTIVATE', Buffer.alloc(32)],
    ['ADD_CONTROL_POINTS', Buffer.alloc(16)],
    ['CLEAR_CURRENT', empty],
    ['CLEAR_NEW', empty],
  ] as const)('%s is refused', (name, payload) => {
    const { counter } = putOnHold()
    const answer = unit.command(identity, name, payload, administrators, { counter: counter + 1n })
    expect(answer).toMatchObject({ refused: HELD })
    expect(answer).not.toHaveProperty('used')
  })

  test('a command with a counter that a lost state may have used is refused first', () => {
    const { counter } = putOnHold()
    for (const used of [counter, counter - 1n, unit.report(identity).counter + 1n]) {
      const answer = unit.command(identity, 'SET_ATTRIBUTES', thresholds(2, 2), administrators, { counter: used })
      expect(answer).toMatchObject({ refused: '163/19' })
    }
  })

  test('works again once its administrators repeat its attributes, later than everything known of it', () => {
    const { counter, revision } = putOnHold()
    const confirm = (signers: readonly (typeof one)[]) =>
      unit.command(identity, 'SET_ATTRIBUTES', thresholds(2, 2), signers, { counter: counter + 1n })
    expect(confirm([one])).toMatchObject({ refused: '208/21' })
    expect(wrapStatus()).toBe('NOT_READY')
    const confirmed = unit.adopted(confirm(administrators))
    expect(confirmed).toMatchObject({ counter: counter + 1n, revision: revision + 1 })
    expect(wrapStatus()).toBe('OK')
    expect(unit.command(identity, 'CLEAR_NEW', empty, [one])).not.toHaveProperty('refused')
  })

  test('a confirmation that is refused for what it says confirms nothing, and uses up no counter', () => {
    const { counter } = putOnHold()
    for (const changed of [thresholds(3, 2), thresholds(1, 2), thresholds(2, 2, [3, 0x81ff_0051])]) {
      const answer = unit.command(identity, 'SET_ATTRIBUTES', changed, administrators, { counter: counter + 1n })
      expect(answer).toMatchObject({ refused: '2147549441/0' })
      expect(answer).not.toHaveProperty('used')
    }
    expect(wrapStatus()).toBe('NOT_READY')
  })

  test('is confirmed by no command that was signed before, whatever counter that had', () => {
    const before = unit.report(identity)
    // Lives that a zeroize has ended had their own counters: the newest that the trail knows may be a small one.
    const block = unit.blockOf(identity, 'SET_ATTRIBUTES', thresholds(2, 2), { counter: before.counter + 1_000n })
    const signerInfos = administrators.map((signer) => signedBy(signer, block))
    hold(unit, identity, { counter: 1n, revision: before.revision + 50 })
    expect(unit.report(identity).domainInstance).not.toBe(before.domainInstance)
    expect(unit.sendCommand(identity, block, signerInfos)).toMatchObject({ refused: '3/14' })
    const answer = unit.command(identity, 'SET_ATTRIBUTES', thresholds(2, 2), administrators)
    const { domainInstance } = unit.report(identity)
    expect(unit.adopted(answer)).toMatchObject({ domainInstance, revision: before.revision + 51 })
  })

  test('can be given up: a zeroize ends the hold with a new life', () => {
    const { counter, revision } = putOnHold()
    const answer = unit.command(identity, 'ZEROIZE', empty, administrators, { counter: counter + 1n })
    expect(unit.adopted(answer)).toMatchObject({ imprint: true, counter: 0n, revision: revision + 1 })
    expect(unit.command(identity, 'ADD_ADMINISTRATOR', one.certificate)).not.toHaveProperty('refused')
  })

  test('stays on hold when the state that it has is adopted again', () => {
    const sealed = unit.command(identity, 'CLEAR_NEW', empty, [one]) as { sealed: Buffer }
    putOnHold()
    expect(unit.adopt(sealed.sealed)).toBe('OK')
    expect(wrapStatus()).toBe('NOT_READY')
  })

  test('does not keep the other units of its instance from work', () => {
    unit.activate(other, administrators, testParts)
    putOnHold()
    expect(wrapStatus()).toBe('OK')
  })
})
