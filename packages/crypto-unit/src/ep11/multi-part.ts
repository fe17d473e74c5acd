/** Operations between two calls: begun, gone on with, and each state used once (section 6; decision 0017). */
import { isOffered, mechanismInvalid, mechanismText, openOfAny, workplaceOf, type Call } from './call.ts'
import type { MechanismUse } from './calls.ts'
import { Ep11Error } from './ep11-error.ts'
import { mechanismName } from './mechanisms.ts'
import { demandSession } from './object-opener.ts'
import { newOperationId } from './operation-id.ts'
import type { OpenedKey } from './opened-key.ts'
import { notInitialized, openState, sealState, stateName, type Family, type OperationState } from './state-blob.ts'

/** An operation whose state a caller gave. */
export interface OpenOperation extends OperationState {
  /** Undefined for a digest. */
  readonly opened: OpenedKey | undefined
}

/** The first state of an operation. */
export function begin(call: Call, family: Family, mechanism: MechanismUse, key?: OpenedKey, object?: Buffer): Buffer {
  const operationId = newOperationId(call.holdings.now())
  call.facts.response.operationId = operationId
  return sealed(call, { family, mechanism, key: object ?? Buffer.alloc(0), saved: undefined, operationId }, key)
}

/**
 * Runs `use` on an operation, and spends its state when that succeeds: what a state says is done once. A call that failed
 * may be tried again. What an operation began with may have been switched off since.
 * @throws Ep11Error `CKR_OPERATION_NOT_INITIALIZED` for a state that was used before, `CKR_MECHANISM_INVALID` when its
 *   mechanism is not offered any more, and as `openState` and `openObject`
 */
export function withOperation<Result>(
  call: Call,
  family: Family,
  state: Buffer,
  use: (operation: OpenOperation) => Result,
): Result {
  const { instance, holdings, facts } = call
  const opened = openState(state, family, instance, workplaceOf(call).active)
  facts.request.operationId = opened.operationId
  facts.request.mechanism = mechanismText(opened.mechanism.value)
  const name = stateName(state)
  try {
    if (holdings.spentStates.has(instance, name)) throw notInitialized('The state was used before.')
    const mechanism = mechanismName(opened.mechanism.value)
    if (mechanism === undefined || !isOffered(call, mechanism)) throw mechanismInvalid()
    const key = opened.key.length === 0 ? undefined : openOfAny(call, opened.key, 'keyFingerprint')
    if (needsSession(key)) demandSession(key, call.session?.binding)
    const result = use({ ...opened, opened: key })
    holdings.spentStates.add(instance, name)
    return result
  } finally {
    opened.saved?.fill(0)
  }
}

/** The next state of an operation. `saved` is zeroed. */
export function goOn(
  call: Call,
  { family, mechanism, key, operationId, opened }: OpenOperation,
  saved: Buffer,
): Buffer {
  const next = sealed(call, { family, mechanism, key, saved, operationId }, opened)
  saved.fill(0)
  return next
}

function sealed(call: Call, state: OperationState, key: OpenedKey | undefined): Buffer {
  const { instance, holdings } = call
  const { ivs, scratch } = holdings
  const session = needsSession(key) ? key.session : undefined
  return sealState(state, { instance, master: workplaceOf(call).master, ivs, scratch, session })
}

/** What was begun with a public key goes on without its session (section 6). */
function needsSession(key: OpenedKey | undefined): key is Exclude<OpenedKey, { readonly class: 'public' }> {
  return key !== undefined && key.class !== 'public'
}

/** One shot is for an operation that has not gone on yet. @throws Ep11Error `CKR_OPERATION_ACTIVE` */
export function demandFresh({ saved }: OperationState): void {
  if (saved === undefined) return
  throw new Ep11Error('CKR_OPERATION_ACTIVE', 'The operation goes on in parts already: it ends with Final.')
}

/** The key of an operation that has one. */
export function keyOf({ opened }: OpenOperation): OpenedKey {
  if (opened === undefined) throw notInitialized('The operation has no key.')
  return opened
}
