/** Names of objects: what they say, and whether another object has them (KMIP 1.4, section 3.2). */
import { Refusal } from '../../errors.ts'
import { type Attributes, instancesOf } from '../attributes/attribute-set.ts'
import type { Item } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import type { KmipItem } from './item.ts'

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
