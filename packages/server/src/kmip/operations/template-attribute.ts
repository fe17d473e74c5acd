/** Template-Attribute: the attributes that a client gives a new object, by themselves or by a template (KMIP 1.4, section 2.1.8). */
import { Refusal } from '../../errors.ts'
import { append, type Attributes, instancesOf, isSameValue, put } from '../attributes/attribute-set.ts'
import { attributeSpec, isServersName } from '../attributes/attribute-spec.ts'
import {
  attributeLimits,
  checkValue,
  invalid,
  readAttribute,
  requireApplicationData,
  type SentAttribute,
} from '../attributes/attribute-values.ts'
import { Fields } from '../message/fields.ts'
import { newestVersion, type Version } from '../message/version.ts'
import { isDestroyed, type ObjectType, objectTypes } from '../objects/kmip-object.ts'
import { registeredTemplate } from '../objects/key-block.ts'
import type { StructureItem } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import type { KmipItem } from './item.ts'
import { nameText } from './names.ts'

/** Templates that one request names. */
const templatesMax = 16

/**
 * The attributes with their indices. Those of the request go over those of templates, and later templates over earlier
 * ones; of attributes with several instances all are taken.
 * @throws Refusal `KMIP_ITEM_NOT_FOUND` when there is no such template; `KMIP_INVALID_FIELD`
 */
export function readTemplateAttribute(
  sent: StructureItem | undefined,
  type: ObjectType,
  { call: { version }, workspace }: KmipItem,
): Attributes {
  if (sent === undefined) return []
  const fields = new Fields(sent, version, { anyOrder: true })
  const names = fields.many(tags.Name, 'Structure')
  const own = readAttributes(fields, type, version)
  fields.end()
  if (names.length > templatesMax) throw invalid('Too many templates are named.')
  const templates = names.map((name) => {
    const holder = workspace.named(nameText(name) ?? '')
    const template = holder === undefined ? undefined : workspace.find(holder)
    if (template === undefined || template.type !== objectTypes.Template || isDestroyed(template)) {
      throw new Refusal('KMIP_ITEM_NOT_FOUND', { message: 'There is no such template.' })
    }
    return readAttributes(new Fields(registeredTemplate(template.form), newestVersion), undefined, newestVersion)
  })
  return [...templates.map((template) => fitting(template, type, version)), own].reduce(over, [])
}

/**
 * Checks what a template holds for the objects that are made by it (section 2.2.6).
 * @returns its own names: clients of 1.0 give them among the rest, and no object may have another's
 * @throws Refusal `KMIP_INVALID_FIELD`
 */
export function readTemplateContent(template: Fields): Attributes {
  const content = readAttributes(template, undefined, template.version)
  if (content.some(({ name }) => name === 'Link')) throw invalid('A template holds no links.')
  if (content.length === 0) throw invalid('A template holds attributes.')
  return instancesOf(content, 'Name')
}

function readAttributes(fields: Fields, type: ObjectType | undefined, version: Version): Attributes {
  const sent = fields.many(tags.Attribute, 'Structure').map((attribute) => readAttribute(attribute, version))
  return sent.reduce<Attributes>((list, attribute) => addSent(list, attribute, type, version), [])
}

function addSent(list: Attributes, sent: SentAttribute, type: ObjectType | undefined, version: Version): Attributes {
  const { name, index } = sent
  const spec = attributeSpec(name, version.minor, sent.value.type)
  if (spec === undefined) throw invalid('An attribute has a name that this version of KMIP does not know.')
  if (isServersName(name) || !spec.isGivenByClient) throw invalid('An attribute is the server’s to set.')
  if (type !== undefined && !spec.appliesTo(type)) throw invalid('An attribute does not apply to this type of object.')
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

/** A template serves objects of all types: what does not apply to one is left out, as are its own names. */
function fitting(template: Attributes, type: ObjectType, version: Version): Attributes {
  return template.filter(
    ({ name, value }) => name !== 'Name' && attributeSpec(name, version.minor, value.type)?.appliesTo(type) === true,
  )
}

/** All of both; of what has one instance, that of `more`. */
export function over(base: Attributes, more: Attributes): Attributes {
  return more.reduce((list, one) => {
    const present = instancesOf(list, one.name)
    if (present.length === 0) return [...list, one]
    if (attributeSpec(one.name, newestVersion.minor)?.hasInstances !== true) return put(list, one.name, one.value)
    return present.some(({ value }) => isSameValue(value, one.value))
      ? list
      : append(list, one.name, one.value).attributes
  }, base)
}
