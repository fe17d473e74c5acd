/** Objects on their way from one master key to another, and what a keystore asks of those it holds (section 15). */
import { workplaceOf, type Call } from '../call.ts'
import type { AttributeValue, CallAnswer, CallRequest } from '../calls.ts'
import { attributeTypes } from '../attributes.ts'
import { wkidOf } from '../derived-keys.ts'
import { Ep11Error } from '../ep11-error.ts'
import { sealKey } from '../key-blob.ts'
import { demandObject, demandSession, fingerprintOf, openOnce } from '../object-opener.ts'
import type { OpenedKey } from '../opened-key.ts'
import { makePublicObject } from '../public-object.ts'
import type { MasterKey } from '../../registers.ts'
import { attributesOf } from './attributes.ts'

/**
 * While a new master key is committed and not active yet: the same object under it. It is of use once that key is in force;
 * until then the old one is.
 */
export function rewrapKeyBlob({ key }: CallRequest<'RewrapKeyBlob'>, call: Call): CallAnswer<'RewrapKeyBlob'> {
  const { active, pending } = workplaceOf(call)
  return withObject(call, key, pending === undefined ? active : [...active, pending], (opened) => {
    demandSession(opened, call.session?.binding)
    if (pending === undefined) {
      throw new Ep11Error('CKR_IBM_WK_NOT_INITIALIZED', 'No new master key is committed and still to be activated.')
    }
    return { key: underKey(call, opened, pending) }
  })
}

/** An object of a keystore under the master key in force, from whichever it is under. Its session is not asked for. */
export function reencryptObject({ object }: CallRequest<'ReencryptObject'>, call: Call): CallAnswer<'ReencryptObject'> {
  const { held, master } = workplaceOf(call)
  return withObject(call, object, held, (opened) => ({ object: underKey(call, opened, master) }))
}

/**
 * What a keystore may know of an object that it is to hold, and the object as it is to hold it: while a rotation runs, one
 * that works is under the master key that goes. Its session is not asked for.
 * @throws Ep11Error `CKR_IBM_WKID_MISMATCH` for an object that does not work now
 */
export function describeObject({ object }: CallRequest<'DescribeObject'>, call: Call): CallAnswer<'DescribeObject'> {
  const { active, master } = workplaceOf(call)
  return withObject(call, object, active, (opened) => {
    const told = [...attributesOf(opened, object)].filter(([name]) => name !== 'CKA_IBM_MACED_PUBLIC_KEY_INFO')
    const attributes = new Map<number, AttributeValue>(told.map(([name, value]) => [attributeTypes[name], value]))
    if (opened.binding !== undefined) attributes.set(attributeTypes.CKA_IBM_LOGIN_SESSION, opened.session)
    const wkid = wkidOf(master)
    const isInForce = opened.wkid?.equals(wkid) === true
    attributes.set(attributeTypes.CKA_GREP11_WKID, wkid)
    return { attributes, object: isInForce ? Buffer.alloc(0) : underKey(call, opened, master) }
  })
}

/** Opens an object under one of these keys for as long as `use` runs. */
function withObject<Result>(
  call: Call,
  object: Buffer,
  keys: readonly MasterKey[],
  use: (opened: OpenedKey) => Result,
): Result {
  demandObject(object)
  const tell = (fingerprint: string): void => {
    call.facts.request.keyFingerprint = fingerprint
  }
  const key = openOnce(object, call.instance, keys, tell)
  try {
    if (key.wkid === undefined) throw new Ep11Error('CKR_IBM_BLOB_ERROR', 'A bare SPKI is under no master key.')
    call.facts.request.oldWkid = key.wkid.toString('hex')
    return use(key)
  } finally {
    if (key.class === 'secret') key.value.fill(0)
  }
}

function underKey(call: Call, key: OpenedKey, master: MasterKey): Buffer {
  const { instance, holdings, facts } = call
  const { ivs, scratch } = holdings
  const object =
    key.class === 'public' ? makePublicObject(key, instance, master) : sealKey(key, { instance, master, ivs, scratch })
  facts.response.newWkid = wkidOf(master).toString('hex')
  facts.response.newKeyFingerprint = fingerprintOf(object)
  return object
}
