/** Digest calls: one shot, and in parts. */
import { begin, demandFresh, goOn, withOperation, type OpenOperation } from '../multi-part.ts'
import { demandMechanism, mechanismInvalid, type Call } from '../call.ts'
import type { CallAnswer, CallRequest, MechanismUse } from '../calls.ts'
import { digestMechanisms } from '../digests/digest-mechanisms.ts'
import { Ep11Error } from '../ep11-error.ts'
import type { DigestMechanism, RunningDigest } from '../mechanism-parts.ts'
import { demandNoParameter } from '../parameter-rules.ts'

function mechanismOf(value: number): DigestMechanism {
  const mechanism = digestMechanisms.get(value)
  if (mechanism === undefined) throw mechanismInvalid()
  return mechanism
}

function demanded(call: Call, use: MechanismUse): DigestMechanism {
  demandMechanism(call, use, 'DIGEST')
  const mechanism = mechanismOf(use.value)
  demandNoParameter(use.parameter)
  return mechanism
}

export function digestInit({ mechanism }: CallRequest<'DigestInit'>, call: Call): CallAnswer<'DigestInit'> {
  demanded(call, mechanism)
  return { state: begin(call, 'digest', mechanism) }
}

export function digest({ state, data }: CallRequest<'Digest'>, call: Call): CallAnswer<'Digest'> {
  call.facts.request.dataLength = data.length
  return withOperation(call, 'digest', state, (operation) => {
    demandFresh(operation)
    demandData(data)
    return { digest: mechanismOf(operation.mechanism.value).digest(data) }
  })
}

export function digestUpdate({ state, data }: CallRequest<'DigestUpdate'>, call: Call): CallAnswer<'DigestUpdate'> {
  call.facts.request.dataLength = data.length
  return withOperation(call, 'digest', state, (operation) => {
    demandData(data)
    const running = runningOf(operation)
    running.update(data)
    return { state: goOn(call, operation, running.save()) }
  })
}

/** Nobody may learn the digest of a key (section 2). */
export function digestKey(_request: CallRequest<'DigestKey'>): never {
  throw new Ep11Error('CKR_FUNCTION_NOT_SUPPORTED', 'Keys are not digested.')
}

export function digestFinal({ state }: CallRequest<'DigestFinal'>, call: Call): CallAnswer<'DigestFinal'> {
  return withOperation(call, 'digest', state, (operation) => ({ digest: runningOf(operation).finish() }))
}

export function digestSingle({ mechanism, data }: CallRequest<'DigestSingle'>, call: Call): CallAnswer<'DigestSingle'> {
  call.facts.request.dataLength = data.length
  return { digest: demanded(call, mechanism).digest(data) }
}

function runningOf({ mechanism, saved }: OpenOperation): RunningDigest {
  const digests = mechanismOf(mechanism.value)
  return saved === undefined ? digests.start() : digests.restore(saved)
}

function demandData(data: Buffer): void {
  if (data.length === 0) throw new Ep11Error('CKR_ARGUMENTS_BAD', 'There are no data.')
}
