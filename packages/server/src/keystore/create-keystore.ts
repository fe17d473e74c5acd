/** `keystore.createkeystore`: a new keystore, under an id that its users agreed on or one that is made here. */
import { uuidv7 } from '@keywitness/cadf'
import type { Operation } from '../audit.ts'
import { Refusal } from '../errors.ts'
import { keystoreTarget, noteRequested } from './admit.ts'
import { addKeystore } from './changes.ts'
import type { KeystoreRow } from './keystore-row.ts'
import { keystoreLimits } from './limits.ts'
import type { KeystoreCall, KeystoreParts } from './parts.ts'

export interface KeystoreWish {
  /** UUID; undefined: made here. */
  readonly id: string | undefined
  /** Empty for none. */
  readonly name: string
  readonly type: KeystoreRow['type']
  readonly authenticated: boolean
}

export function createKeystore(
  call: KeystoreCall,
  wish: () => KeystoreWish,
  parts: KeystoreParts,
): Operation<'hs-crypto.keystore.createkeystore', KeystoreRow> {
  return (seen) => {
    noteRequested(call, undefined, undefined, seen)
    parts.access.requireKeystore(call.caller, call.instance, 'keystores.create', undefined)
    const { id: wanted, name, type, authenticated } = wish()
    seen.request.type = type
    seen.request.authenticated = authenticated
    const instance = call.instance.guid
    const now = parts.clock.now()
    const id = wanted ?? uuidv7(now, parts.random(10))
    seen.target = keystoreTarget(call, id)
    if (parts.keystores.keystore(instance, id) !== undefined) {
      throw new Refusal('ALREADY_EXISTS', { message: 'The instance has a keystore of this id already.' })
    }
    requireRoom(parts.keystores.totals(instance), authenticated)
    const keystore: KeystoreRow = {
      number: 0,
      instance,
      id,
      name,
      type,
      authenticated: authenticated ? 1 : 0,
      version: 0,
      objects: 0,
      createdAt: now,
      createdBy: call.caller.id,
    }
    seen.response.keystoreId = id
    return { result: keystore, code: 201, changes: [addKeystore(keystore)] }
  }
}

/** @throws Refusal `QUOTA_EXCEEDED` */
function requireRoom(
  totals: { readonly keystores: number; readonly authenticated: number },
  authenticated: boolean,
): void {
  const { keystoresPerInstance, authenticatedPerInstance } = keystoreLimits
  if (totals.keystores >= keystoresPerInstance) {
    throw new Refusal('QUOTA_EXCEEDED', { message: 'The instance has as many keystores as it may.' })
  }
  if (authenticated && totals.authenticated >= authenticatedPerInstance) {
    const message = `An instance has ${authenticatedPerInstance} authenticated keystores at most.`
    throw new Refusal('QUOTA_EXCEEDED', { message })
  }
}
