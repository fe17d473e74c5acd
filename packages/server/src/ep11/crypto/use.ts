/** One method of `grep11.Crypto`: its call to the crypto unit, and what of it becomes the event and what the answer. */
import type { DescMessage, DescMethodUnary, MessageInitShape, MessageShape } from '@bufbuild/protobuf'
import { SESSION_BLOB_BYTES_MAX } from '@keywitness/crypto-unit/ep11/call-codec'
import type { CallAnswer, CallName, CallRequest } from '@keywitness/crypto-unit/ep11/calls'
import { Ep11Error } from '@keywitness/crypto-unit/ep11/ep11-error'
import { returnValueName } from '@keywitness/crypto-unit/ep11/return-values'
import type { InstancePermission } from '../../iam/permissions.ts'
import type { Ep11Client } from '../../units/ep11-client.ts'
import { type Ep11Call, type Ep11Method, ep11Method } from '../method.ts'

/** Suffixes of IAM's `hs-crypto.crypto.…`. */
type CryptoPermission =
  Extract<InstancePermission, `crypto.${string}`> extends `crypto.${infer Suffix}` ? Suffix : never

export interface CryptoUse<I extends DescMessage, O extends DescMessage, Name extends CallName> {
  readonly method: DescMethodUnary<I, O>
  readonly name: Name
  /** Beside `ep11.use`. */
  readonly permissions: readonly CryptoPermission[]
  /** @throws Ep11Error for what the crypto unit need not see */
  readonly read: (message: MessageShape<I>) => CallRequest<Name>
  readonly write: (answer: CallAnswer<Name>, message: MessageShape<I>) => MessageInitShape<O>
}

export function cryptoUse<I extends DescMessage, O extends DescMessage, Name extends CallName>(
  unit: Pick<Ep11Client, 'call'>,
  { method, name, permissions, read, write }: CryptoUse<I, O, Name>,
): Ep11Method {
  return ep11Method({
    method,
    action: 'hs-crypto.ep11.use',
    permissions: ['ep11.use', ...permissions.map((suffix) => `crypto.${suffix}` as const)],
    async run(call, message, seen) {
      const outcome = await unit.call(call.instance.guid, sessionOf(call), name, read(message))
      Object.assign(seen.request, outcome.facts.request)
      if ('refusal' in outcome) throw errorOf(outcome.refusal)
      Object.assign(seen.response, outcome.facts.response)
      return { answer: write(outcome.answer, message) }
    },
  })
}

function sessionOf({ session }: Ep11Call): Buffer | undefined {
  if (session.length > SESSION_BLOB_BYTES_MAX) {
    throw new Ep11Error('CKR_SESSION_HANDLE_INVALID', 'No login answered this session.')
  }
  return session.length === 0 ? undefined : session
}

function errorOf({ code, message }: { readonly code: number; readonly message: string }): Ep11Error {
  return new Ep11Error(returnValueName(code) ?? 'CKR_GENERAL_ERROR', message)
}
