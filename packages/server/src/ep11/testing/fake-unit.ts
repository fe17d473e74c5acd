/** A crypto unit that answers what a test wants: it remembers what it was asked. */
import {
  type CallAnswer,
  type CallName,
  type CallOutcome,
  type CallRequest,
  calls,
} from '@keywitness/crypto-unit/ep11/calls'
import type { Ep11Client } from '../../units/ep11-client.ts'

export interface Asked {
  readonly instance: string
  readonly session: Buffer | undefined
  readonly name: CallName
  /** Copied: the bytes that came are overwritten once they are answered. */
  readonly request: Readonly<Record<string, unknown>>
}

type Outcome = CallOutcome<CallName>
type Respond = (asked: Asked) => Partial<Outcome> | Promise<Partial<Outcome>>

export class FakeUnit implements Ep11Client {
  readonly asked: Asked[] = []
  /** In place of the usual answer, and beside the usual facts. */
  respond: Respond = () => ({})

  async call<Name extends CallName>(
    instance: string,
    session: Buffer | undefined,
    name: Name,
    request: CallRequest<Name>,
  ): Promise<CallOutcome<Name>> {
    const asked: Asked = { instance, session: session && Buffer.from(session), name, request: copied(request) }
    this.asked.push(asked)
    const usual = { facts: { request: {}, response: {} } }
    const own = await this.respond(asked)
    const outcome = 'refusal' in own || 'answer' in own ? own : { answer: answerTo(name, asked.request), ...own }
    return { ...usual, ...outcome } as CallOutcome<Name>
  }
}

function copied(request: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(request).map(([name, value]) => [name, structuredCopy(value)]))
}

function structuredCopy(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return Buffer.from(value)
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [key as unknown, structuredCopy(one)]))
  if (Array.isArray(value)) return value.map(structuredCopy)
  if (typeof value === 'object' && value !== null) return copied(value)
  return value
}

/** Every field says which it is: `EncryptSingle.ciphered`. */
function answerTo(name: CallName, request: Readonly<Record<string, unknown>>): CallAnswer<CallName> {
  const attributes = (request['attributes'] ?? []) as number[]
  const bytes = (field: string) => Buffer.from(`${name}.${field}`)
  const values = {
    bytes,
    own: bytes,
    u32: () => 0x8001_0001,
    u32s: () => [1, 0x8001_0023],
    template: () => new Map(attributes.map((type, index) => [type, [true, 300n, Buffer.from('value')][index % 3]])),
  }
  const shape: Readonly<Record<string, keyof typeof values>> = calls[name].answer
  return Object.fromEntries(
    Object.entries(shape).map(([field, type]) => [field, values[type](field)]),
  ) as unknown as CallAnswer<CallName>
}
