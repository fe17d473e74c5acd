/** Links between objects that belong together (KMIP 1.4, section 3.35). */
import { append, type Attributes, attributeValue, instancesOf } from '../attributes/attribute-set.ts'
import { enumeration, type Item, text } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'

/** The attributes with one more link. @param type Link Type */
export function linkedTo(attributes: Attributes, type: number, id: string): Attributes {
  const link = attributeValue.structure([enumeration(tags.LinkType, type), text(tags.LinkedObjectIdentifier, id)])
  return append(attributes, 'Link', link).attributes
}

/** How many links of a type there are. */
export function countLinks(attributes: Attributes, type: number): number {
  return instancesOf(attributes, 'Link').filter(({ value }) => linkTypeOf(value) === type).length
}

function linkTypeOf(value: Item): number | undefined {
  const type = value.type === 'Structure' ? value.value.find(({ tag }) => tag === tags.LinkType) : undefined
  return type?.type === 'Enumeration' ? type.value : undefined
}
