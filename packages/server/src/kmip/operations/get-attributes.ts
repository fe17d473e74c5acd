/** Get Attributes: those that are named, or all (KMIP 1.4, section 4.12). */
import { Refusal } from '../../errors.ts'
import { tags } from '../ttlv/tags.ts'
import type { KmipOperation } from './item.ts'
import { identifier, objectOfItem } from './object-of-item.ts'
import { attributeItem, attributesFor, toldUnasked } from './shown-attributes.ts'
import { namesOf } from './new-object.ts'
import { withDigest } from './with-digest.ts'

export const getAttributes: KmipOperation = async (payload, item, parts) => {
  const object = objectOfItem(payload, item)
  const names = payload.many(tags.AttributeName, 'TextString')
  payload.end()
  if (names.length > 0) item.seen.request.attributeNames = namesOf(names.map((name) => ({ name })))
  const wanted = new Set(names)
  if (wanted.size < names.length) {
    throw new Refusal('KMIP_INVALID_MESSAGE', { message: 'An attribute is asked for twice.' })
  }
  // What is not set, or not known, is left out without a word.
  const isWanted = (name: string): boolean => wanted.size === 0 || wanted.has(name)
  const known = isWanted('Digest') ? await withDigest(object, item, parts) : object
  const all = attributesFor(known, item.call.version)
  const shown = wanted.size === 0 ? toldUnasked(all, item.call.version) : all.filter(({ name }) => wanted.has(name))
  return [identifier(object.id), ...shown.map((attribute) => attributeItem(attribute, item.call.version))]
}
