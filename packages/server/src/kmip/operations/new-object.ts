/** A new object with the attributes that the server sets, and what its event says of the request. */
import { uuidv7 } from '@keywitness/cadf'
import { type Attributes, attributeValue, flagOf, numberOf, put, valueOf } from '../attributes/attribute-set.ts'
import { isCustomName } from '../attributes/attribute-spec.ts'
import { checkRoom } from '../attributes/attribute-values.ts'
import { randomPool } from '../../random-pool.ts'
import { hasState, type KmipObject, type ObjectForm, type ObjectType } from '../objects/kmip-object.ts'
import { asOf, checkDates, PRE_ACTIVE } from '../objects/states.ts'
import { enumerationName, enumerations } from '../ttlv/enumerations.ts'
import { bytes, enumeration, type Item } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { type KmipItem, secondsOf } from './item.ts'
import { note, stampOf } from './object-of-item.ts'
import { unusedLimits } from './usage-limits.ts'

const SHA_256 = 6

const random = randomPool(10)

export interface NewObject {
  readonly type: ObjectType
  readonly form: ObjectForm
  readonly attributes: Attributes
  /** SHA-256 of the material, where it is kept: see `digestOf`. */
  readonly sha256: Uint8Array | undefined
  readonly material: KmipObject['material']
  readonly id: string
  /** Whether the server made the material. */
  readonly isMadeHere?: boolean
}

/**
 * Identifiers cannot be guessed (reference section 8), 74 bits of them being random; and they grow with the time, so that
 * new objects lie side by side in each index and not on a page of their own.
 * @param now milliseconds since the epoch
 */
export function newIdentifier(now: number): string {
  return uuidv7(now, random())
}

/** The object with the attributes that the server sets, in the state that its dates say. */
export function completed(made: NewObject, item: KmipItem): KmipObject {
  const { call, seen } = item
  const { type, form, id, sha256 } = made
  const seconds = secondsOf(call)
  checkDates(made.attributes)
  let attributes = made.attributes
  const set = (name: string, value: Item | undefined): void => {
    attributes = put(attributes, name, value)
  }
  set('Initial Date', attributeValue.date(seconds))
  set('Last Change Date', attributeValue.date(seconds))
  if (made.isMadeHere === true && valueOf(attributes, 'Original Creation Date') === undefined) {
    set('Original Creation Date', attributeValue.date(seconds))
  }
  if (hasState(made)) {
    if (sha256 !== undefined) set('Digest', digestOf(sha256, form.format))
    set('Fresh', valueOf(attributes, 'Fresh') ?? attributeValue.boolean(true))
    // Where it is absent the value is there; PyKMIP cannot read the attribute.
    if (made.material === undefined) set('Key Value Present', attributeValue.boolean(false))
    const isSensitive = flagOf(attributes, 'Sensitive') ?? false
    const isExtractable = flagOf(attributes, 'Extractable') ?? true
    set('Sensitive', attributeValue.boolean(isSensitive))
    set('Always Sensitive', attributeValue.boolean(isSensitive))
    set('Extractable', attributeValue.boolean(isExtractable))
    set('Never Extractable', attributeValue.boolean(!isExtractable))
    const limits = valueOf(attributes, 'Usage Limits')
    if (limits !== undefined) set('Usage Limits', unusedLimits(limits))
  }
  checkRoom(attributes)
  const object: KmipObject = {
    number: undefined,
    instance: call.instance.guid,
    adapter: call.adapter.id,
    id,
    type,
    state: PRE_ACTIVE,
    revision: 1,
    form,
    material: made.material,
    attributes,
    created: stampOf(call),
    updated: undefined,
    destroyed: undefined,
  }
  note(object, seen, call)
  const now = asOf(object, call.now)
  if (hasState(now)) seen.response.kmipState = now.state
  return now
}

/** What the event of a new object says of its request. */
export function noteWishes(type: number, attributes: Attributes, { seen }: KmipItem): void {
  const { request } = seen
  request.objectType = enumerationName('ObjectType', type) ?? String(type)
  const algorithm = numberOf(attributes, 'Cryptographic Algorithm')
  const length = numberOf(attributes, 'Cryptographic Length')
  const mask = numberOf(attributes, 'Cryptographic Usage Mask')
  if (algorithm !== undefined) {
    request.cryptographicAlgorithm = enumerationName('CryptographicAlgorithm', algorithm) ?? String(algorithm)
  }
  if (length !== undefined) request.cryptographicLength = length
  if (mask !== undefined) request.usageMask = mask
  if (attributes.length > 0) request.attributeNames = namesOf(attributes)
}

/** Names that an event tells of at most. */
const namesTold = 64
const characterTold = 128

/**
 * Distinct names as events spell them: those of the standard as the KMIP Profiles do in XML, without spaces; of a client's
 * own, letters, digits and what stands between them.
 */
export function namesOf(attributes: readonly { readonly name: string }[]): string[] {
  const told = attributes.map(({ name }) => eventName(name))
  return [...new Set(told)].slice(0, namesTold)
}

function eventName(name: string): string {
  const spelled = isCustomName(name) ? name : name.replaceAll(/[ #]/g, '')
  return spelled.replaceAll(/[^A-Za-z0-9._:@/+-]/gu, '_').slice(0, characterTold) || '_'
}

/**
 * Digest (KMIP 1.4, section 3.17) over the material itself. It is kept of keys only: of a password it would let whoever
 * reads the store try all passwords, and so it is made anew each time somebody asks.
 * @param format as opaque data have none, theirs is told as Opaque: clients expect the field from version 1.1 on
 */
export function digestOf(sha256: Uint8Array, format: number | undefined): Item {
  return attributeValue.structure([
    enumeration(tags.HashingAlgorithm, SHA_256),
    bytes(tags.DigestValue, sha256),
    enumeration(tags.KeyFormatType, format ?? enumerations.KeyFormatType.Opaque),
  ])
}
