/** Re-key: a new key in the place of another, with its names and attributes (KMIP 1.4, section 4.4). */
import { Refusal } from '../../errors.ts'
import { type Attributes, attributeValue, dateOf, instancesOf, put } from '../attributes/attribute-set.ts'
import { attributeSpec } from '../attributes/attribute-spec.ts'
import { invalid } from '../attributes/attribute-values.ts'
import { hasState, isDestroyed, type KmipObject, objectTypes } from '../objects/kmip-object.ts'
import { COMPROMISED, orderedDates } from '../objects/states.ts'
import { enumerations } from '../ttlv/enumerations.ts'
import { tags } from '../ttlv/tags.ts'
import { makeKey } from './create.ts'
import { type KmipOperation, secondsOf } from './item.ts'
import { countLinks, linkedTo } from './links.ts'
import { changed, identifier, note, objectOfItem } from './object-of-item.ts'
import { noteWishes } from './new-object.ts'
import { readTemplateAttribute } from './template-attribute.ts'

const { ReplacementObjectLink, ReplacedObjectLink } = enumerations.LinkType

/** The last date that Date-Time can say. */
const lastDate = 0x7fff_ffff_ffff_ffffn

/** What the new key does not take over: what is the server's, and what is about the old one. */
const notCopied: ReadonlySet<string> = new Set([
  ...orderedDates,
  'Name',
  'Link',
  'Fresh',
  'Original Creation Date',
  'Random Number Generator',
])

export const reKey: KmipOperation = async (payload, item, parts) => {
  const { call, seen, workspace, batch } = item
  const old = objectOfItem(payload, item)
  const offset = payload.optional(tags.Offset, 'Interval')
  const template = payload.optional(tags.TemplateAttribute, 'Structure')
  payload.end()
  seen.request.replacedKeyId = old.id
  const given = readTemplateAttribute(template, objectTypes.SymmetricKey, item)
  noteWishes(old.type, given, item)
  requireReplaceable(old, given, offset)
  const attributes = inherited(old, given, offset, secondsOf(call))
  noteWishes(old.type, attributes, item)
  const made = await makeKey(attributes, item, parts, old.id)
  const replacing = { ...made, attributes: linkedTo(made.attributes, ReplacedObjectLink, old.id) }
  const names = instancesOf(old.attributes, 'Name')
  const bare = names.length === 0 ? old.attributes : put(old.attributes, 'Name', undefined)
  workspace.replace(changed(old, item, { attributes: linkedTo(bare, ReplacementObjectLink, made.id) }))
  workspace.add(replacing)
  note(replacing, seen, call)
  batch.placeholder = made.id
  return [identifier(made.id)]
}

/** @throws Refusal for the conditions of section 4.4 */
function requireReplaceable(old: KmipObject, given: Attributes, offset: number | undefined): void {
  if (old.type !== objectTypes.SymmetricKey || !hasState(old)) {
    throw new Refusal('KMIP_ILLEGAL_OPERATION', { message: 'Only symmetric keys are replaced.' })
  }
  if (isDestroyed(old) || old.state === COMPROMISED) throw new Refusal('KMIP_WRONG_STATE')
  if (old.material === undefined || old.form.wrapping !== undefined) throw new Refusal('KMIP_KEY_VALUE_NOT_PRESENT')
  if (countLinks(old.attributes, ReplacementObjectLink) > 0)
    throw new Refusal('KMIP_WRONG_STATE', { message: 'The key is replaced already.' })
  for (const { name } of given) {
    if (name === 'Cryptographic Algorithm' || name === 'Cryptographic Length') {
      throw invalid('The new key is of the kind of the old one.')
    }
  }
  if (offset === undefined) return
  if (given.some(({ name }) => (orderedDates as readonly string[]).includes(name))) {
    throw new Refusal('KMIP_INVALID_MESSAGE', { message: 'An offset and dates exclude each other.' })
  }
  if (dateOf(old.attributes, 'Activation Date') === undefined) {
    throw new Refusal('KMIP_ILLEGAL_OPERATION', { message: 'The key has no activation date that could be moved.' })
  }
}

/** Attributes of the old key, those of the request over them, and the dates that follow from the offset. */
function inherited(old: KmipObject, given: Attributes, offset: number | undefined, now: bigint): Attributes {
  const over = new Set(given.map(({ name }) => name))
  const copied = old.attributes.filter(({ name }) => !notCopied.has(name) && !over.has(name) && isGivenByClient(name))
  let attributes: Attributes = [...copied, ...given]
  // Names move, unless the client gives others.
  if (!over.has('Name')) attributes = [...attributes, ...instancesOf(old.attributes, 'Name')]
  const move = (name: string, date: bigint | undefined): void => {
    if (date !== undefined && !over.has(name)) attributes = put(attributes, name, attributeValue.date(date))
  }
  const activation = dateOf(old.attributes, 'Activation Date')
  const distance = offset === undefined || activation === undefined ? 0n : now + BigInt(offset) - activation
  for (const name of orderedDates) {
    const date = dateOf(old.attributes, name)
    if (date !== undefined && date + distance > lastDate) throw invalid('A date cannot be moved as far as that.')
    move(name, date === undefined ? undefined : date + distance)
  }
  return attributes
}

/** What a client gives a key, or may change of it: the rest is the server's. */
function isGivenByClient(name: string): boolean {
  return attributeSpec(name, 4)?.isGivenByClient === true
}
