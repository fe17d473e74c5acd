/** Login and Logout (section 14.4): a session binds the keys that are made in it to who knows the PIN. */
import { sessionName, workplaceOf, type Call } from '../call.ts'
import type { CallAnswer, CallRequest } from '../calls.ts'
import { fingerprintOf } from '../object-opener.ts'
import { bindingOf, sealPinBlob } from '../session-id.ts'

const STORE_ID_BYTES_TOLD = 64

export function login({ storeId, pin }: CallRequest<'Login'>, call: Call): CallAnswer<'Login'> {
  if (storeId.length > 0) {
    call.facts.request.storeId =
      storeId.length <= STORE_ID_BYTES_TOLD ? storeId.toString('hex') : fingerprintOf(storeId)
  }
  const binding = bindingOf(call.instance, storeId, pin)
  return { pinBlob: sealPinBlob(call.instance, workplaceOf(call).master, binding, call.holdings.ivs) }
}

/** Ends the session that the call shows; without one there is nothing to end. */
export function logout(_request: CallRequest<'Logout'>, call: Call): CallAnswer<'Logout'> {
  if (call.session !== undefined) call.holdings.endedSessions.add(call.instance, sessionName(call.session.shown))
  return {}
}
