/** Usage Limits: how much a key may still protect, and what a use takes of it (KMIP 1.4, section 3.21). */
import { Refusal } from '../../errors.ts'
import { attributeValue, type Attributes, put, valueOf } from '../attributes/attribute-set.ts'
import type { KmipObject } from '../objects/kmip-object.ts'
import { enumerations } from '../ttlv/enumerations.ts'
import type { Item } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import type { KmipItem } from './item.ts'

/** What is left, in the unit of the limits; undefined where there are none. */
export function usageLeft(attributes: Attributes): bigint | undefined {
  const count = fieldOf(attributes, tags.UsageLimitsCount)
  return count?.type === 'LongInteger' ? count.value : undefined
}

/** Takes one use, or the bytes that it protects. @throws Refusal `KMIP_NOT_PERMITTED` when that much is not left */
export function countUse(object: KmipObject, dataBytes: number, { workspace }: KmipItem): void {
  const left = usageLeft(object.attributes)
  if (left === undefined) return
  const unit = fieldOf(object.attributes, tags.UsageLimitsUnit)
  const isBytes = unit?.type === 'Enumeration' && unit.value === enumerations.UsageLimitsUnit.Byte
  const taken = isBytes ? BigInt(dataBytes) : 1n
  if (taken > left) throw new Refusal('KMIP_NOT_PERMITTED', { message: 'The usage limits of the key are reached.' })
  const limits = valueOf(object.attributes, 'Usage Limits')
  if (limits?.type !== 'Structure') return
  const items = limits.value.map((field): Item =>
    field.tag === tags.UsageLimitsCount ? { tag: field.tag, type: 'LongInteger', value: left - taken } : field,
  )
  const attributes = put(object.attributes, 'Usage Limits', attributeValue.structure(items))
  workspace.replace({ ...object, attributes })
}

function fieldOf(attributes: Attributes, tag: number): Item | undefined {
  const limits = valueOf(attributes, 'Usage Limits')
  return limits?.type === 'Structure' ? limits.value.find((field) => field.tag === tag) : undefined
}
