/** Templates as clients send them: each value is read as what its attribute is, whichever arm the client chose (section 4.1). */
import { attributeTypes } from './attributes.ts'
import type { Template } from './calls.ts'
import { Ep11Error } from './ep11-error.ts'

export type AttributeName = keyof typeof attributeTypes

const namesByType = new Map<number, AttributeName>(
  (Object.entries(attributeTypes) as [AttributeName, number][]).map(([name, type]) => [type, name]),
)

/** Undefined for an attribute that nobody knows. */
export function attributeName(type: number): AttributeName | undefined {
  return namesByType.get(type)
}

/** How events name the attributes of a template. */
export function attributeTexts(types: Iterable<number>): string[] {
  return [...types].map((type) => namesByType.get(type) ?? `CKA_0x${type.toString(16)}`)
}

/** Undefined when it is not there, or has no value. @throws Ep11Error `CKR_ATTRIBUTE_VALUE_INVALID` */
export function booleanOf(template: Template, name: AttributeName): boolean | undefined {
  const value = template.get(attributeTypes[name])
  if (value === undefined || typeof value === 'boolean') return value
  const number = integerOf(template, name)
  if (number === 0n || number === 1n) return number === 1n
  throw invalid(name)
}

/** Unsigned; bytes are big-endian. As `booleanOf`. */
export function integerOf(template: Template, name: AttributeName): bigint | undefined {
  const value = template.get(attributeTypes[name])
  if (value === undefined) return undefined
  if (typeof value === 'bigint' && value >= 0n) return value
  if (Buffer.isBuffer(value) && value.length > 0 && value.length <= 8) {
    return BigInt(`0x${value.toString('hex')}`)
  }
  throw invalid(name)
}

/** As `integerOf`, for what is a length or a constant: nothing above 32 bits is one. */
export function countOf(template: Template, name: AttributeName): number | undefined {
  const value = integerOf(template, name)
  if (value !== undefined && value > 0xffff_ffffn) throw invalid(name)
  return value === undefined ? undefined : Number(value)
}

/** As `booleanOf`; empty bytes are none. */
export function bytesOf(template: Template, name: AttributeName): Buffer | undefined {
  const value = template.get(attributeTypes[name])
  if (value === undefined) return undefined
  if (!Buffer.isBuffer(value)) throw invalid(name)
  return value.length === 0 ? undefined : value
}

/** @throws Ep11Error `CKR_TEMPLATE_INCOMPLETE` */
export function demanded<Value>(value: Value | undefined, name: AttributeName): Value {
  if (value !== undefined) return value
  throw new Ep11Error('CKR_TEMPLATE_INCOMPLETE', `The template needs ${name}.`)
}

function invalid(name: AttributeName): Ep11Error {
  return new Ep11Error('CKR_ATTRIBUTE_VALUE_INVALID', `The value of ${name} is none that it can have.`)
}
