/** What an object is: asked of the crypto unit, which alone can tell a good blob; certificates and data are what clients say. */
import { attributeTypes, objectClasses } from '@keywitness/crypto-unit/ep11/attributes'
import { type ReturnValue, returnValueName } from '@keywitness/crypto-unit/ep11/return-values'
import { type ErrorCode, Refusal } from '../errors.ts'
import { type Attributes, attributesRefused, toldAttributes } from './attributes.ts'
import { keystoreLimits } from './limits.ts'
import type { KeystoreCall, KeystoreParts } from './parts.ts'

export interface DescribedObject {
  /** CKO_. */
  readonly class: number
  /** CKK_; null for certificates and data. */
  readonly keyType: number | null
  readonly told: Attributes
  /** The master key that it is under, 32 hex digits; null for none. */
  readonly wkid: string | null
  /** Whether it works in a login session only. */
  readonly isOfSession: boolean
  /** Whether the unit knows it: then it is kept as the unit has it. */
  readonly isKey: boolean
  /** What is to be kept: of a key that is under the former master key of a rotation, the same under the one in force. */
  readonly object: Buffer
}

/** What a keystore keeps without knowing more of it than its clients say; domain parameters are in the clear anyway. */
const opaque: ReadonlySet<unknown> = new Set([
  objectClasses.CKO_DATA,
  objectClasses.CKO_CERTIFICATE,
  objectClasses.CKO_DOMAIN_PARAMETERS,
])

/**
 * @param given what is said of it, its class among it unless it is a key
 * @throws Refusal `BODY_TOO_LARGE`, `KEYSTORE_BLOB_BROKEN`, `KEYSTORE_OTHER_MASTER_KEY`, `KEYSTORE_SESSION`, `UNIT_UNAVAILABLE`
 */
export async function describeObject(
  call: KeystoreCall,
  object: Buffer,
  given: Attributes,
  parts: Pick<KeystoreParts, 'ep11'>,
): Promise<DescribedObject> {
  if (object.length > keystoreLimits.objectBytes) throw new Refusal('BODY_TOO_LARGE')
  const saidClass = given.get(attributeTypes.CKA_CLASS)
  if (opaque.has(saidClass)) {
    const keyType = given.get(attributeTypes.CKA_KEY_TYPE)
    return {
      class: saidClass as number,
      keyType: typeof keyType === 'number' ? keyType : null,
      told: new Map(),
      wkid: null,
      isOfSession: false,
      isKey: false,
      object,
    }
  }
  const outcome = await parts.ep11.call(call.instance.guid, undefined, 'DescribeObject', { object })
  if (!('answer' in outcome)) throw unitRefusal(outcome.refusal.code, outcome.refusal.message)
  const { attributes, object: inForce } = outcome.answer
  const told = toldAttributes(attributes)
  const [objectClass, keyType] = [told.get(attributeTypes.CKA_CLASS), told.get(attributeTypes.CKA_KEY_TYPE)]
  if (typeof objectClass !== 'number') throw attributesRefused('The object does not say what it is.')
  const wkid = attributes.get(attributeTypes.CKA_GREP11_WKID)
  return {
    class: objectClass,
    keyType: typeof keyType === 'number' ? keyType : null,
    told,
    wkid: wkid instanceof Buffer ? wkid.toString('hex') : null,
    isOfSession: attributes.has(attributeTypes.CKA_IBM_LOGIN_SESSION),
    isKey: true,
    object: inForce.length === 0 ? object : inForce,
  }
}

const codes: Partial<Record<ReturnValue, ErrorCode>> = {
  CKR_IBM_WKID_MISMATCH: 'KEYSTORE_OTHER_MASTER_KEY',
  CKR_SESSION_CLOSED: 'KEYSTORE_SESSION',
  CKR_USER_NOT_LOGGED_IN: 'KEYSTORE_SESSION',
  CKR_IBM_WK_NOT_INITIALIZED: 'UNIT_UNAVAILABLE',
  CKR_DEVICE_REMOVED: 'UNIT_UNAVAILABLE',
  CKR_IBM_REQ_TIMEOUT: 'UNIT_UNAVAILABLE',
  CKR_IBM_TRANSPORT_LIMIT: 'UNIT_UNAVAILABLE',
  CKR_DEVICE_ERROR: 'INTERNAL',
}

/** Anything else that the unit says of an object is that it is no good one. */
function unitRefusal(code: number, message: string): Refusal {
  const known = codes[returnValueName(code) ?? 'CKR_OK']
  return known === 'UNIT_UNAVAILABLE' ? new Refusal(known, { message }) : new Refusal(known ?? 'KEYSTORE_BLOB_BROKEN')
}
