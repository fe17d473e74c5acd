/** The object that an item is about: found by its identifier or the placeholder, noted for the event, changed with a stamp. */
import { Refusal } from '../../errors.ts'
import { resourceCrn } from '../../instances/instance.ts'
import { attributeValue, type Attributes, put, valueOf } from '../attributes/attribute-set.ts'
import type { ObjectState } from '../management/rows.ts'
import type { Fields } from '../message/fields.ts'
import type { KmipObject } from '../objects/kmip-object.ts'
import { type Item, text } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { type KmipCall, type KmipItem, secondsOf } from './item.ts'

/** What an identifier of ours looks like; another cannot name an object. */
const identifierPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * The object that Unique Identifier names, or else the placeholder of the batch. Of other adapters' objects is said exactly
 * what is said of what there is not.
 * @throws Refusal `KMIP_ITEM_NOT_FOUND`
 */
export function objectOfItem(payload: Fields, item: KmipItem): KmipObject {
  return objectOfId(payload.optional(tags.UniqueIdentifier, 'TextString') ?? item.batch.placeholder, item)
}

/** As `objectOfItem`, by an identifier that was read already. */
export function objectOfId(id: string | undefined, item: KmipItem): KmipObject {
  const object = findObject(id, item)
  if (object === undefined) throw new Refusal('KMIP_ITEM_NOT_FOUND')
  return object
}

function findObject(id: string | undefined, { workspace, seen, call }: KmipItem): KmipObject | undefined {
  if (id === undefined || !identifierPattern.test(id)) return undefined
  seen.target = { id: objectCrn(call, id), name: id }
  const object = workspace.find(id)
  if (object !== undefined) note(object, seen, call)
  return object
}

/** Writes into the event's facts which object it is about. */
export function note(object: KmipObject, seen: KmipItem['seen'], call: Pick<KmipCall, 'instance'>): void {
  seen.target = { id: objectCrn(call, object.id), name: nameOf(object) }
  seen.response.keyId = object.id
}

export function objectCrn({ instance }: Pick<KmipCall, 'instance'>, id: string): string {
  return resourceCrn(instance, 'kmip-object', id)
}

/** Its first Name, or its identifier. */
export function nameOf(object: Pick<KmipObject, 'id' | 'attributes'>): string {
  const name = valueOf(object.attributes, 'Name')
  const value = name?.type === 'Structure' ? name.value.find(({ tag }) => tag === tags.NameValue) : undefined
  return value?.type === 'TextString' && value.value !== '' ? value.value : object.id
}

/** The object with other attributes, or in another state, and the mark of who changed it. */
export function changed(
  object: KmipObject,
  { call }: Pick<KmipItem, 'call'>,
  change: { readonly attributes?: Attributes; readonly state?: ObjectState },
): KmipObject {
  const attributes = put(
    change.attributes ?? object.attributes,
    'Last Change Date',
    attributeValue.date(secondsOf(call)),
  )
  return { ...object, ...change, attributes, updated: stampOf(call) }
}

export function stampOf({ now, certificate }: KmipCall): { at: number; by: string; certificate: string } {
  return { at: now, by: `CertificateID-${certificate.fingerprint}`, certificate: certificate.id }
}

export function identifier(id: string): Item {
  return text(tags.UniqueIdentifier, id)
}

/** What an item is about that is about no object, or about one that is not known. */
export function instanceTarget({ instance }: Pick<KmipCall, 'instance'>): { id: string; name: string } {
  return { id: instance.crn, name: instance.name }
}
