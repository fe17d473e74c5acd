/** Both master key registers in all their states against every command that looks at them (TKE reference, section 5). */
import { createECDH } from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { UnitIdentity } from './messages.ts'
import { InProcessUnit, identities, newAdministrator, testParts, thresholds } from './testing/in-process-unit.ts'
import { encodeHolderCertificate, encodeParameters, parameters } from './tke/parameter-file.ts'

const identity = identities[0] as UnitIdentity
const one = newAdministrator('one')
const empty = Buffer.alloc(0)
const otherParts = [Buffer.alloc(32, 9), Buffer.alloc(32, 1)]
/** Everything permitted: import, export, in one part, random, and thresholds of one. */
const ALL = 0x81ff_001f

type NewState = 'empty' | 'uncommitted' | 'committed'
type CurrentState = 'empty' | 'valid'

const holder = createECDH('secp521r1').generateKeys()
const exportPayload = encodeParameters([
  { type: parameters.PART_LIMIT, index: 1, data: empty },
  { type: parameters.HOLDER_CERTIFICATE, index: 0, data: encodeHolderCertificate(holder) },
  { type: parameters.SCOPE, index: 12, data: empty },
])

/** States of a unit with each pair of register states, made once. */
const states = new Map<string, Buffer>()
let unit: InProcessUnit

beforeAll(() => {
  for (const current of ['empty', 'valid'] as const) {
    const made = new InProcessUnit()
    made.adopt(made.create(identity))
    let last: Buffer = empty
    const carry = (answer: ReturnType<InProcessUnit['command']>): void => {
      made.adopted(answer)
      last = (answer as { sealed: Buffer }).sealed
    }
    carry(made.command(identity, 'ADD_ADMINISTRATOR', one.certificate))
    carry(made.command(identity, 'SET_ATTRIBUTES', thresholds(1, 1, [3, ALL]), [one]))
    if (current === 'valid') carry(made.command(identity, 'RANDOM', empty, [one]))
    states.set(`empty ${current}`, last)
    carry(made.load(identity, testParts, [one]))
    states.set(`uncommitted ${current}`, last)
    const pattern = Buffer.from(made.report(identity).newRegister.pattern ?? '', 'hex')
    carry(made.command(identity, 'COMMIT', pattern, [one]))
    states.set(`committed ${current}`, last)
  }
})

function unitWith(newState: NewState, current: CurrentState): InProcessUnit {
  const made = new InProcessUnit()
  made.adopt(states.get(`${newState} ${current}`) as Buffer)
  const { newRegister, currentRegister } = made.report(identity)
  expect([newRegister.state, currentRegister.state]).toEqual([newState, current])
  return made
}

const pattern = (): Buffer => Buffer.from(unit.report(identity).newRegister.pattern ?? '00'.repeat(32), 'hex')

/** How each command is sent. */
const sending = {
  load: () => unit.load(identity, otherParts, [one]),
  random: () => unit.command(identity, 'RANDOM', empty, [one]),
  commit: () => unit.command(identity, 'COMMIT', pattern(), [one]),
  'commit of another pattern': () => unit.command(identity, 'COMMIT', Buffer.alloc(32, 1), [one]),
  'commit of half a pattern': () => unit.command(identity, 'COMMIT', pattern().subarray(0, 28), [one]),
  activate: () => unit.command(identity, 'ACTIVATE', pattern(), [one]),
  'activation of another pattern': () => unit.command(identity, 'ACTIVATE', Buffer.alloc(32, 1), [one]),
  'clear new': () => unit.command(identity, 'CLEAR_NEW', empty, [one]),
  'clear current': () => unit.command(identity, 'CLEAR_CURRENT', empty, [one]),
  'export current': () => unit.command(identity, 'EXPORT', exportPayload, [one]),
  'export new': () => unit.command(identity, 'EXPORT_NEW', exportPayload, [one]),
  zeroize: () => unit.command(identity, 'ZEROIZE', empty, [one]),
}

type Sending = keyof typeof sending
/** Register states afterwards, or the pair that the command is refused with; `same` when nothing changes. */
type Outcome = 'same' | `${number}/${number}` | readonly [NewState, CurrentState]

const rows: readonly (readonly [NewState, CurrentState, Readonly<Record<Sending, Outcome>>])[] = [
  [
    'empty',
    'empty',
    {
      load: ['uncommitted', 'empty'],
      random: ['empty', 'valid'],
      commit: '96/50',
      'commit of another pattern': '96/50',
      'commit of half a pattern': '96/50',
      activate: '96/64',
      'activation of another pattern': '96/64',
      'clear new': 'same',
      'clear current': 'same',
      'export current': '96/49',
      'export new': '96/50',
      zeroize: ['empty', 'empty'],
    },
  ],
  [
    'uncommitted',
    'empty',
    {
      load: 'same',
      random: ['uncommitted', 'valid'],
      commit: ['committed', 'empty'],
      'commit of another pattern': '101/48',
      'commit of half a pattern': '101/48',
      activate: '96/64',
      'activation of another pattern': '96/64',
      'clear new': ['empty', 'empty'],
      'clear current': 'same',
      'export current': '96/49',
      'export new': 'same',
      zeroize: ['empty', 'empty'],
    },
  ],
  [
    'committed',
    'empty',
    {
      load: ['uncommitted', 'empty'],
      random: ['committed', 'valid'],
      commit: 'same',
      'commit of another pattern': '101/48',
      'commit of half a pattern': '101/48',
      activate: ['empty', 'valid'],
      'activation of another pattern': '101/48',
      'clear new': ['empty', 'empty'],
      'clear current': 'same',
      'export current': '96/49',
      'export new': 'same',
      zeroize: ['empty', 'empty'],
    },
  ],
  [
    'empty',
    'valid',
    {
      load: ['uncommitted', 'valid'],
      random: ['uncommitted', 'valid'],
      commit: '96/50',
      'commit of another pattern': '96/50',
      'commit of half a pattern': '96/50',
      activate: '96/64',
      'activation of another pattern': '96/64',
      'clear new': 'same',
      'clear current': ['empty', 'empty'],
      'export current': 'same',
      'export new': '96/50',
      zeroize: ['empty', 'empty'],
    },
  ],
  [
    'uncommitted',
    'valid',
    {
      load: 'same',
      random: '80/53',
      commit: ['committed', 'valid'],
      'commit of another pattern': '101/48',
      'commit of half a pattern': '101/48',
      activate: '96/64',
      'activation of another pattern': '96/64',
      'clear new': ['empty', 'valid'],
      'clear current': ['uncommitted', 'empty'],
      'export current': 'same',
      'export new': 'same',
      zeroize: ['empty', 'empty'],
    },
  ],
  [
    'committed',
    'valid',
    {
      load: ['uncommitted', 'valid'],
      random: '80/53',
      commit: 'same',
      'commit of another pattern': '101/48',
      'commit of half a pattern': '101/48',
      activate: ['empty', 'valid'],
      'activation of another pattern': '101/48',
      'clear new': ['empty', 'valid'],
      'clear current': ['committed', 'empty'],
      'export current': 'same',
      'export new': 'same',
      zeroize: ['empty', 'empty'],
    },
  ],
]

describe.each(rows)('with the new register %s and the current one %s', (newState, current, outcomes) => {
  beforeEach(() => {
    unit = unitWith(newState, current)
  })

  test.each(Object.entries(outcomes) as [Sending, Outcome][])('%s: %o', (name, expected) => {
    const answer = sending[name]()
    const isRefused = /^\d/.test(String(expected))
    expect('refused' in answer ? answer.refused : 'same').toBe(isRefused ? expected : 'same')
    const after = isRefused ? unit.report(identity) : unit.adopted(answer)
    const wanted = Array.isArray(expected) ? expected : [newState, current]
    expect([after.newRegister.state, after.currentRegister.state]).toEqual(wanted)
  })

  test('what leaves a register alone leaves its key alone', () => {
    const before = unit.report(identity)
    const after = (names: readonly Sending[]) =>
      names.flatMap((name) => {
        const answer = sending[name]()
        return 'refused' in answer ? [] : [answer.report]
      })
    for (const { newRegister } of after(['commit', 'export current', 'export new', 'clear current'])) {
      expect(newRegister.pattern).toBe(before.newRegister.pattern)
    }
    for (const { currentRegister } of after(['load', 'commit', 'export current', 'export new', 'clear new'])) {
      expect(currentRegister).toEqual(before.currentRegister)
    }
  })
})

describe('keys on their way', () => {
  test('an activated key is the one that was committed, with its parts; a random one is its only part', () => {
    unit = unitWith('committed', 'valid')
    const { newRegister } = unit.report(identity)
    const after = unit.adopted(sending.activate())
    expect(after.currentRegister).toEqual({ ...newRegister, state: 'valid' })
    const { newRegister: random } = unit.adopted(sending.random())
    expect(random.partPatterns).toEqual([random.pattern])
    expect(random.pattern).not.toBe(newRegister.pattern)
  })

  test('two random keys are two keys', () => {
    const patterns = new Set<string>()
    for (let count = 0; count < 8; count++) {
      unit = unitWith('empty', 'empty')
      patterns.add(unit.adopted(sending.random()).currentRegister.pattern ?? '')
    }
    expect(patterns.size).toBe(8)
  })

  test('random is refused where it is not permitted, and with anything to say', () => {
    unit = unitWith('empty', 'empty')
    expect(unit.command(identity, 'RANDOM', Buffer.alloc(1), [one])).toMatchObject({ refused: '33/0' })
    unit.carryOut(identity, 'SET_ATTRIBUTES', thresholds(1, 1, [3, 0x81ff_0017]), [one])
    expect(sending.random()).toMatchObject({ refused: '80/52' })
  })

  test('the pattern of a commit is compared whole, its zero end too', () => {
    unit = unitWith('uncommitted', 'empty')
    const wrongEnd = Buffer.from(pattern())
    wrongEnd[31] = 1
    expect(unit.command(identity, 'COMMIT', wrongEnd, [one])).toMatchObject({ refused: '101/48' })
    expect(pattern().subarray(28)).toEqual(Buffer.alloc(4))
  })

  test('an answer tells what the command made', () => {
    unit = unitWith('empty', 'empty')
    const random = unit.adopted(sending.random())
    expect(random.output.toString('hex')).toBe(random.currentRegister.pattern)
    const loaded = unit.adopted(sending.load())
    expect(loaded.output.toString('hex')).toBe(loaded.newRegister.pattern)
    expect(unit.adopted(sending.commit()).output.toString('hex')).toBe(loaded.newRegister.pattern)
    expect(unit.adopted(sending.activate()).output.toString('hex')).toBe(loaded.newRegister.pattern)
    expect(unit.adopted(sending['clear current']()).output).toEqual(empty)
    expect(unit.adopted(sending.zeroize()).output).toEqual(empty)
  })
})
