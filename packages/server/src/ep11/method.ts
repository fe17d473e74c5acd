/** What a service on the EP11 listener is made of: methods, each with its event, its permissions and what it does. */
import {
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  create,
  toBinary,
} from '@bufbuild/protobuf'
import type { ActionName } from '@keywitness/cadf'
import type { Done, Seen } from '../audit.ts'
import type { Caller } from '../caller.ts'
import { Refusal } from '../errors.ts'
import type { InstancePermission } from '../iam/permissions.ts'
import type { Instance } from '../instances/instance.ts'
import { demandFewFields } from './field-count.ts'

/** The message of a call, or why it can be read by no method: for that, too, its caller needs the permissions. */
export type SentMessage = Uint8Array | Refusal

/** A call that is let in: its caller has the permissions of the method, and the instance takes calls from there. */
export interface Ep11Call {
  readonly caller: Caller
  readonly instance: Instance
  readonly correlationId: string
  /** Pin blob of the metadata `ep11-session-bin`; empty without one. */
  readonly session: Buffer
}

/** What a method returns after *decide* and *make*; `code` of its event is always 200. */
export type MethodDone<Answer> = Pick<Done<unknown>, 'changes' | 'conditions' | 'alongside' | 'settled'> & {
  readonly answer: Answer
}

export interface MethodSpec<I extends DescMessage, O extends DescMessage, A extends ActionName> {
  readonly method: DescMethodUnary<I, O>
  /** Under which every call is recorded, whether it succeeds or not. */
  readonly action: A
  /** Each is needed, on the whole instance. */
  readonly permissions: readonly InstancePermission[]
  /** Before the message is looked at: for permissions that depend on more than the instance. @throws Refusal */
  readonly admit?: (call: Ep11Call) => void
  /**
   * Decides and makes. A `Refusal` or an `Ep11Error` that it throws is recorded as the failure, with what was seen of the
   * request until then.
   */
  readonly run: (
    call: Ep11Call,
    request: MessageShape<I>,
    seen: Seen<A>,
  ) => Promise<MethodDone<MessageInitShape<O>>> | MethodDone<MessageInitShape<O>>
}

/** A method whose message types nobody needs to know any more. */
export interface Ep11Method {
  /** `/grep11.Crypto/Encrypt` */
  readonly path: string
  /** `Encrypt` */
  readonly name: string
  readonly action: ActionName
  readonly permissions: readonly InstancePermission[]
  /** @throws Refusal `EP11_CANNOT_UNMARSHAL`, the one in place of a message, and as `MethodSpec.run` */
  readonly run: (call: Ep11Call, message: SentMessage, seen: Seen<ActionName>) => Promise<MethodDone<Buffer>>
}

export function ep11Method<I extends DescMessage, O extends DescMessage, A extends ActionName>(
  spec: MethodSpec<I, O, A>,
): Ep11Method {
  const { method, action, permissions, admit, run } = spec
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    name: method.name,
    action,
    permissions,
    async run(call, message, seen) {
      admit?.(call)
      const done = await run(call, decode(method.input, message), seen)
      const answer = toBinary(method.output, create(method.output, done.answer))
      return { ...done, answer: Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength) }
    },
  }
}

function decode<I extends DescMessage>(schema: I, message: SentMessage): MessageShape<I> {
  if (message instanceof Refusal) throw message
  try {
    demandFewFields(schema, message)
    return fromBinary(schema, message, { readUnknownFields: false })
  } catch {
    // The library's texts quote nothing of the message, but say nothing to a client either.
    throw new Refusal('EP11_CANNOT_UNMARSHAL')
  }
}
