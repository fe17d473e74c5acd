/** Usage Limits: how much a key may still protect, and what a use takes of it (KMIP 1.4, section 3.21). */
import { Refusal } from '../../errors.ts'
import { attributeValue, type Attributes, put, valueOf } from '../attributes/attribute-set.ts'
import type { AttributeSpec } from '../attributes/attribute-spec.ts'
import { invalid } from '../attributes/attribute-values.ts'
import type { KmipObject, StoredAttribute } from '../objects/kmip-object.ts'
import { enumerations } from '../ttlv/enumerations.ts'
import type { Item } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import type { KmipItem } from './item.ts'

/** A key's Usage Limits with all of their total left, whatever count a client gave with them (section 3.21). */
export function unusedLimits(limits: Item): Item {
  if (limits.type !== 'Structure') return limits
  const total = limits.value.find(({ tag }) => tag === tags.UsageLimitsTotal)
  if (total === undefined) return limits
  const [first, ...rest] = limits.value.filter(({ tag }) => tag !== tags.UsageLimitsCount)
  const count: Item = { ...total, tag: tags.UsageLimitsCount }
  return attributeValue.structure(first === undefined ? [count] : [first, count, ...rest])
}

/** A value to add or to put: of Usage Limits, a client says everything but the count. @throws Refusal `KMIP_INVALID_FIELD` */
export function limitsToSet({ name }: Pick<AttributeSpec, 'name'>, value: Item): Item {
  if (name !== 'Usage Limits') return value
  if (fieldIn(value, tags.UsageLimitsCount) !== undefined) throw invalid('Usage Limits Count is the server’s to set.')
  return unusedLimits(value)
}

/** Once something was counted against them, Usage Limits stay. @throws Refusal `KMIP_NOT_PERMITTED` */
export function requireUnusedLimits({ name, value }: StoredAttribute): void {
  if (name !== 'Usage Limits') return
  if (fieldIn(value, tags.UsageLimitsCount)?.value === fieldIn(value, tags.UsageLimitsTotal)?.value) return
  throw new Refusal('KMIP_NOT_PERMITTED', { message: 'Usage Limits cannot be changed once the key was used.' })
}

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
  return limits === undefined ? undefined : fieldIn(limits, tag)
}

function fieldIn(limits: Item, tag: number): Item | undefined {
  return limits.type === 'Structure' ? limits.value.find((field) => field.tag === tag) : undefined
}
