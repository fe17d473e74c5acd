/** Names of objects: what they say, and whether another object has them (KMIP 1.4, section 3.2). */
import { Refusal } from '../../errors.ts'
import { type Attributes, instancesOf } from '../attributes/attribute-set.ts'
import type { Item } from '../ttlv/item.ts'
import { toldText } from '../message/told-text.ts'
import { tags } from '../ttlv/tags.ts'
import type { KmipItem } from './item.ts'
import { objectCrn } from './object-of-item.ts'

/** A name in use, and the object that has it. */
interface TakenName {
  readonly name: string
  readonly holder: string
}

/** Of a new object; the event is about the object that has the name. @throws Refusal `KMIP_NAME_TAKEN` */
export function requireFreeNames(attributes: Attributes, item: KmipItem, own?: string): void {
  const taken = takenName(attributes, item, own)
  if (taken === undefined) return
  item.seen.target = { id: objectCrn(item.call, taken.holder), name: taken.name }
  throw new Refusal('KMIP_NAME_TAKEN', { message: takenText(taken) })
}

/** The first name that another object than `own` has. */
export function takenName(
  attributes: Attributes,
  { workspace }: Pick<KmipItem, 'workspace'>,
  own: string | undefined,
): TakenName | undefined {
  for (const { value } of instancesOf(attributes, 'Name')) {
    const name = nameText(value)
    const holder = name === undefined ? undefined : workspace.named(name)
    if (name !== undefined && holder !== undefined && holder !== own) return { name, holder }
  }
  return undefined
}

export function takenText({ name }: TakenName): string {
  return `Another object has this name: ${toldText(name)}`
}

export function nameText(value: Item): string | undefined {
  const text = value.type === 'Structure' ? value.value.find(({ tag }) => tag === tags.NameValue) : undefined
  return text?.type === 'TextString' ? text.value : undefined
}
