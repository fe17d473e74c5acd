/** The attributes that a client gives a new object: read from its Template-Attribute, checked, completed. */
import { randomUUID } from 'node:crypto'
import { Refusal } from '../../errors.ts'
import {
  type Attributes,
  attributeValue,
  flagOf,
  instancesOf,
  isSameValue,
  numberOf,
  put,
  valueOf,
} from '../attributes/attribute-set.ts'
import { attributeSpec, isCustomName, isServersName } from '../attributes/attribute-spec.ts'
import {
  attributeLimits,
  checkRoom,
  checkValue,
  invalid,
  readAttribute,
  requireApplicationData,
  type SentAttribute,
} from '../attributes/attribute-values.ts'
import { Fields } from '../message/fields.ts'
import type { Version } from '../message/version.ts'
import { hasState, type KmipObject, type ObjectForm, type ObjectType } from '../objects/kmip-object.ts'
import { asOf, checkDates, PRE_ACTIVE } from '../objects/states.ts'
import { enumerationName, enumerations } from '../ttlv/enumerations.ts'
import { bytes, enumeration, type Item, type StructureItem } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { type KmipItem, secondsOf } from './item.ts'
import { note, stampOf } from './object-of-item.ts'
import { unusedLimits } from './usage-limits.ts'

const SHA_256 = 6

/**
 * The attributes of a Template-Attribute, with their indices (KMIP 1.4, section 2.1.8).
 * @throws Refusal `KMIP_ITEM_NOT_FOUND` for a template, of which this server keeps none; `KMIP_INVALID_FIELD`
 */
export function readTemplate(template: StructureItem | undefined, type: ObjectType, version: Version): Attributes {
  if (template === undefined) return []
  const fields = new Fields(template, version, { anyOrder: true })
  if (fields.many(tags.Name, 'Structure').length > 0) {
    throw new Refusal('KMIP_ITEM_NOT_FOUND', { message: 'There is no such template.' })
  }
  const sent = fields.many(tags.Attribute, 'Structure').map((attribute) => readAttribute(attribute, version))
  fields.end()
  return sent.reduce<Attributes>((list, attribute) => addSent(list, attribute, type, version), [])
}

function addSent(list: Attributes, sent: SentAttribute, type: ObjectType, version: Version): Attributes {
  const { name, index } = sent
  const spec = attributeSpec(name, version.minor, sent.value.type)
  if (spec === undefined) throw invalid('An attribute has a name that this version of KMIP does not know.')
  if (isServersName(name) || !spec.isGivenByClient) throw invalid('An attribute is the server’s to set.')
  if (!spec.appliesTo(type)) throw invalid('An attribute does not apply to this type of object.')
  const present = instancesOf(list, name)
  if (present.length > 0 && !spec.hasInstances) throw invalid('An attribute that has one instance is given twice.')
  const value = checkValue(spec, sent.value, version)
  requireApplicationData(spec, value)
  if (present.some((other) => isSameValue(other.value, value))) throw invalid('An attribute is given twice.')
  const next = 1 + Math.max(-1, ...present.map((other) => other.index))
  const at = index ?? next
  if (present.some((other) => other.index === at)) throw invalid('An attribute index is given twice.')
  if (at >= attributeLimits.instances) throw invalid('An attribute index is larger than an object has instances.')
  return [...list, { name, index: at, value }]
}

export interface NewObject {
  readonly type: ObjectType
  readonly form: ObjectForm
  readonly attributes: Attributes
  /** SHA-256 of the material, where it is kept: see `digestOf`. */
  readonly sha256: Uint8Array | undefined
  readonly material: KmipObject['material']
  readonly id: string
}

/** Identifiers cannot be guessed (reference section 8): version 4, for their bits alone tell nothing. */
export function newIdentifier(): string {
  return randomUUID()
}

/** Of a new object. @throws Refusal `KMIP_NAME_TAKEN` */
export function requireFreeNames(attributes: Attributes, item: KmipItem, own?: string): void {
  if (hasTakenName(attributes, item, own)) throw new Refusal('KMIP_NAME_TAKEN')
}

/** Whether another object than `own` has one of the names. */
export function hasTakenName(attributes: Attributes, { workspace }: KmipItem, own: string | undefined): boolean {
  return instancesOf(attributes, 'Name').some(({ value }) => {
    const name = nameText(value)
    const holder = name === undefined ? undefined : workspace.named(name)
    return holder !== undefined && holder !== own
  })
}

export function nameText(value: Item): string | undefined {
  const text = value.type === 'Structure' ? value.value.find(({ tag }) => tag === tags.NameValue) : undefined
  return text?.type === 'TextString' ? text.value : undefined
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
