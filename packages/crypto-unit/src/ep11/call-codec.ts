/** The calls of EP11 on the pipe: requests and outcomes are read and put field by field, as the table of calls has them. */
import { ProtocolError, type Fields, type FrameBatch } from '../frames.ts'
import { EP11_DATA_BYTES_MAX, ID_BYTES_MAX } from '../protocol.ts'
import {
  calls,
  factNames,
  type CallFacts,
  type CallName,
  type CallOutcome,
  type CallRequest,
  type FactName,
  type Template,
} from './calls.ts'
import { Ep11Error } from './ep11-error.ts'
import { putMechanism, readMechanism } from './parameter-codec.ts'

/** Longest data of an answer: with what padding adds to the longest that are taken. */
const ANSWER_BYTES_MAX = EP11_DATA_BYTES_MAX + 64 * 1024
/** Most attributes of one template, and most bytes of one value. */
export const TEMPLATE_ENTRIES_MAX = 64
export const VALUE_BYTES_MAX = 64 * 1024
/** Most numbers of a list: more than there are mechanisms, and attributes of one key. */
const NUMBERS_MAX = 255
const MESSAGE_BYTES_MAX = 1024
export const SESSION_BYTES = 32

const namesByCode = new Map<number, CallName>(
  (Object.keys(calls) as CallName[]).map((name) => [calls[name].code, name]),
)

type Shape = Readonly<Record<string, 'bytes' | 'own' | 'u32' | 'u32s' | 'mechanism' | 'template'>>
type Values = Readonly<Record<string, unknown>>

/** Who calls: an instance, and the login session that the caller showed. */
export interface CallHead {
  /** Instance GUID. */
  readonly instance: string
  /** What a login answered; undefined without one. */
  readonly session: Buffer | undefined
}

/** A request as it is read: `request` lies in the frame, and is valid as long as that. */
export interface ReadCall extends CallHead {
  readonly name: CallName
  readonly request: Values
}

/** @throws Ep11Error `CKR_ARGUMENTS_BAD`, `CKR_IBM_TRANSPORT_LIMIT` for what the pipe has no room for */
export function putCall<Name extends CallName>(
  frame: FrameBatch,
  { instance, session }: CallHead,
  name: Name,
  request: CallRequest<Name>,
): void {
  frame.text(instance)
  frame.bytes(session ?? Buffer.alloc(0))
  frame.u8(calls[name].code)
  putValues(frame, calls[name].request, request, EP11_DATA_BYTES_MAX)
}

/** Of the call that was read last: most calls are of the same instance, and its name need not be made anew. */
let lastInstance = ''

/** @throws ProtocolError `MALFORMED` */
export function readCall(fields: Fields): ReadCall {
  const instance = (lastInstance = fields.textLike(lastInstance, ID_BYTES_MAX))
  const session = fields.bytes(SESSION_BLOB_BYTES_MAX)
  const name = namesByCode.get(fields.u8())
  if (name === undefined) throw new ProtocolError('MALFORMED', 'A call is not known.')
  const request = readValues(fields, calls[name].request)
  fields.end()
  return { instance, session: session.length === 0 ? undefined : session, name, request }
}

/** What a login answers may be as long as this. */
export const SESSION_BLOB_BYTES_MAX = 256

export function putOutcome(frame: FrameBatch, name: CallName, outcome: CallOutcome<CallName>): void {
  putFacts(frame, outcome.facts.request)
  putFacts(frame, outcome.facts.response)
  if ('answer' in outcome) {
    frame.u8(0)
    putValues(frame, calls[name].answer, outcome.answer, ANSWER_BYTES_MAX)
    return
  }
  frame.u8(1)
  frame.u32(outcome.refusal.code)
  frame.bytes(Buffer.from(outcome.refusal.message))
}

/** Copies what it gives: the frame is zeroed after it was read. @throws ProtocolError `MALFORMED` */
export function readOutcome<Name extends CallName>(fields: Fields, name: Name): CallOutcome<Name> {
  const facts = { request: readFacts(fields), response: readResponseFacts(fields) }
  if (fields.u8() === 1) {
    const code = fields.u32()
    const message = fields.bytes(MESSAGE_BYTES_MAX).toString('utf8')
    fields.end()
    return { facts, refusal: { code, message } }
  }
  const answer = readValues(fields, calls[name].answer, copyOf)
  fields.end()
  return { facts, answer } as CallOutcome<Name>
}

/** Memory of its own: of Node's shared pool, parts are given to whoever comes next. */
function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(copy)
  return copy
}

function putValues(frame: FrameBatch, shape: Shape, values: Values, bytesMax: number): void {
  for (const name in shape) {
    const value = values[name]
    switch (shape[name]) {
      case 'u32':
        frame.u32(value as number)
        break
      case 'u32s':
        putNumbers(frame, value as readonly number[])
        break
      case 'mechanism':
        putMechanism(frame, value as Parameters<typeof putMechanism>[1])
        break
      case 'template':
        putTemplate(frame, value as Template)
        break
      default:
        demandRoom((value as Buffer).length, bytesMax)
        frame.bytes(value as Buffer)
        if (shape[name] === 'own') giveBack(value as Buffer)
    }
  }
}

/**
 * Erases bytes and frees their memory, where that is theirs alone: so much of it would otherwise wait for the garbage
 * collector that its threads take a fifth of a unit's time.
 */
function giveBack(bytes: Buffer): void {
  bytes.fill(0)
  if (bytes.length > 0 && bytes.length === bytes.buffer.byteLength) (bytes.buffer as ArrayBuffer).transfer(0)
}

function readValues(fields: Fields, shape: Shape, keep: (bytes: Buffer) => Buffer = (bytes) => bytes): Values {
  const values: Record<string, unknown> = {}
  for (const name in shape) {
    switch (shape[name]) {
      case 'u32':
        values[name] = fields.u32()
        break
      case 'u32s':
        values[name] = readNumbers(fields)
        break
      case 'mechanism':
        values[name] = readMechanism(fields, keep)
        break
      case 'template':
        values[name] = readTemplate(fields, keep)
        break
      default:
        values[name] = keep(fields.bytes(ANSWER_BYTES_MAX))
    }
  }
  return values
}

function putNumbers(frame: FrameBatch, numbers: readonly number[]): void {
  demandRoom(numbers.length, NUMBERS_MAX)
  frame.u32(numbers.length)
  for (const number of numbers) frame.u32(number)
}

function readNumbers(fields: Fields): number[] {
  const count = fields.u32()
  if (count > NUMBERS_MAX) throw new ProtocolError('MALFORMED', 'A list is longer than allowed.')
  return Array.from({ length: count }, () => fields.u32())
}

/** Arms of an attribute's value, by their byte. */
const arms = { none: 0, false: 1, true: 2, integer: 3, bytes: 4 } as const

function putTemplate(frame: FrameBatch, template: Template): void {
  demandRoom(template.size, TEMPLATE_ENTRIES_MAX)
  frame.u32(template.size)
  for (const [type, value] of template) {
    frame.u32(type)
    if (value === undefined) frame.u8(arms.none)
    else if (typeof value === 'boolean') frame.u8(value ? arms.true : arms.false)
    else if (typeof value === 'bigint') {
      frame.u8(arms.integer)
      frame.room(8).writeBigInt64BE(BigInt.asIntN(64, value))
    } else {
      demandRoom(value.length, VALUE_BYTES_MAX)
      frame.u8(arms.bytes)
      frame.bytes(value)
    }
  }
}

function readTemplate(fields: Fields, keep: (bytes: Buffer) => Buffer): Template {
  const count = fields.u32()
  if (count > TEMPLATE_ENTRIES_MAX) throw new ProtocolError('MALFORMED', 'A template has too many attributes.')
  const template = new Map<number, boolean | bigint | Buffer | undefined>()
  for (let index = 0; index < count; index++) {
    const type = fields.u32()
    template.set(type, readAttribute(fields, keep))
  }
  return template
}

function readAttribute(fields: Fields, keep: (bytes: Buffer) => Buffer): boolean | bigint | Buffer | undefined {
  switch (fields.u8()) {
    case arms.none:
      return undefined
    case arms.false:
      return false
    case arms.true:
      return true
    case arms.integer:
      return fields.raw(8).readBigInt64BE()
    case arms.bytes:
      return keep(fields.bytes(VALUE_BYTES_MAX))
    default:
      throw new ProtocolError('MALFORMED', 'An attribute has a value of no known kind.')
  }
}

type Fact = NonNullable<CallFacts['request'][FactName]>

/** Kinds of facts, by their byte: a text, a number, false, true, a list of texts. */
const kinds = { text: 0, number: 1, false: 2, true: 3, texts: 4 } as const
/** Codes of facts by name; 0 is none, and ends a list of them. */
const factCodes = new Map<string, number>(factNames.map((name, index) => [name, index + 1]))
const NO_FACT = 0

function putFacts(frame: FrameBatch, facts: CallFacts['request']): void {
  for (const name in facts) {
    const code = factCodes.get(name)
    if (code === undefined) throw new ProtocolError('MALFORMED', 'A call tells a fact of no known name.')
    frame.u8(code)
    putFact(frame, facts[name as FactName] as Fact)
  }
  frame.u8(NO_FACT)
}

function putFact(frame: FrameBatch, value: Fact): void {
  if (typeof value === 'string') {
    frame.u8(kinds.text)
    frame.text(value)
  } else if (typeof value === 'number') {
    frame.u8(kinds.number)
    frame.double(value)
  } else if (typeof value === 'boolean') frame.u8(value ? kinds.true : kinds.false)
  else {
    frame.u8(kinds.texts)
    frame.u8(value.length)
    for (const text of value) frame.text(text)
  }
}

function readFacts(fields: Fields): Partial<Record<FactName, Fact>> {
  const facts: Partial<Record<FactName, Fact>> = {}
  for (let code = fields.u8(); code !== NO_FACT; code = fields.u8()) {
    const name = factNames[code - 1]
    if (name === undefined) throw new ProtocolError('MALFORMED', 'A call tells a fact of no known name.')
    facts[name] = readFact(fields)
  }
  return facts
}

/** Of an answer no fact is a list. */
function readResponseFacts(fields: Fields): CallFacts['response'] {
  const facts = readFacts(fields)
  for (const name in facts) {
    if (typeof facts[name as FactName] !== 'object') continue
    throw new ProtocolError('MALFORMED', 'A fact of an answer is a list.')
  }
  return facts as CallFacts['response']
}

function readFact(fields: Fields): Fact {
  switch (fields.u8()) {
    case kinds.text:
      return fields.text()
    case kinds.number:
      return fields.double()
    case kinds.false:
      return false
    case kinds.true:
      return true
    case kinds.texts:
      return Array.from({ length: fields.u8() }, () => fields.text())
    default:
      throw new ProtocolError('MALFORMED', 'A fact is of no known kind.')
  }
}

function demandRoom(count: number, countMax: number): void {
  if (count > countMax)
    throw new Ep11Error('CKR_IBM_TRANSPORT_LIMIT', 'The request is larger than a crypto unit takes.')
}
