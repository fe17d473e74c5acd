/** Templates: attributes by their PKCS #11 names with values of the kind that each has, to be sent and as they come back. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import {
  type AttributeKind,
  attributeNamed,
  type AttributeName,
  attributeOfType,
  type CurveName,
  type KeyType,
  keyTypeName,
  keyTypes,
  type ObjectClass,
  objectClasses,
  objectClassName,
} from './constants/attributes.ts'
import { mechanismName, type MechanismName } from './constants/mechanisms.ts'
import { mechanismValue } from './mechanism.ts'
import type { AttributeValue, AttributeValueSchema } from './schema/grep11_pb.ts'

type AttributeInit = MessageInitShape<typeof AttributeValueSchema>

/** What programs give for an attribute of each kind. */
interface Given {
  readonly boolean: boolean
  readonly integer: number
  readonly number: number | bigint | Uint8Array
  readonly objectClass: ObjectClass
  readonly keyType: KeyType
  readonly mechanism: MechanismName | number
  /** A name, or an object identifier in DER. */
  readonly curve: CurveName | Uint8Array
  readonly text: string | Uint8Array
  readonly bytes: Uint8Array
}

/** What they get. A number is one that this package has no name for, bytes are what is none of the kind. */
interface Got {
  readonly boolean: boolean
  readonly integer: number | bigint
  /** Big-endian, without leading zeros. */
  readonly number: Uint8Array
  readonly objectClass: ObjectClass | number
  readonly keyType: KeyType | number
  readonly mechanism: MechanismName | number
  /** An object identifier in DER. */
  readonly curve: Uint8Array
  readonly text: string
  readonly bytes: Uint8Array
}

/** Attributes of a key to be made; those that are left out have the defaults of EP11. */
export type Template = { readonly [Name in AttributeName]?: Given[KindOf<Name>] }

type KindOf<Name extends AttributeName> = {
  [K in AttributeKind]: Name extends AttributeName<K> ? K : never
}[AttributeKind]

/** Attributes that an object of a keystore is to have; null takes one away. */
export type AttributeChanges = { readonly [Name in AttributeName]?: Given[KindOf<Name>] | null }

/** Those that were asked for. */
export type Attributes<Name extends AttributeName> = { readonly [N in Name]: Got[KindOf<N>] }

const attributesMax = 256

/** @throws TypeError for a name that is none, and for a value that is not of the attribute's kind */
export function templateMessage(template: Template): Record<string, AttributeInit> {
  return changesMessage(template, false)
}

/** As `templateMessage`. @param mayRemove whether null is a value */
export function changesMessage(template: AttributeChanges, mayRemove = true): Record<string, AttributeInit> {
  const given = Object.entries(template).filter(([, value]) => value !== undefined)
  if (given.length > attributesMax) throw new TypeError(`A template has at most ${attributesMax} attributes.`)
  return Object.fromEntries(
    given.map(([name, value]) => {
      const { type, kind } = known(name)
      if (value === null && mayRemove) return [String(type), {}]
      const oneAttr = armOf(kind, value)
      if (oneAttr === undefined) throw new TypeError(`The value of ${name} is not of its kind.`)
      return [String(type), { oneAttr }]
    }),
  )
}

/** Names of attributes as they are asked for. @throws TypeError for one that is none */
export function namesMessage(names: readonly AttributeName[]): Record<string, AttributeInit> {
  if (names.length > attributesMax) throw new TypeError(`At most ${attributesMax} attributes are asked for.`)
  return Object.fromEntries(names.map((name) => [String(known(name).type), {}]))
}

/** Without what this package does not know, or has no value. */
export function attributesOf(
  answer: Readonly<Record<string, AttributeValue>>,
): Partial<Record<AttributeName, unknown>> {
  return Object.fromEntries(
    Object.entries(answer).flatMap(([type, { oneAttr }]) => {
      const attribute = attributeOfType(Number(type))
      if (attribute === undefined || oneAttr.case === undefined) return []
      return [[attribute.name, valueOf(attribute.kind, oneAttr.value)]]
    }),
  )
}

function known(name: string) {
  const attribute = attributeNamed(name)
  // It may be anything, a secret in the wrong place too.
  if (attribute === undefined) throw new TypeError('A template has a name that is no attribute’s.')
  return attribute
}

type Arm = AttributeInit['oneAttr']

const integer = (value: number | bigint): Arm => ({ case: 'attributeI', value: BigInt(value) })
const octets = (value: Uint8Array): Arm => ({ case: 'attributeB', value })

/** Undefined for a value of another kind. */
function armOf(kind: AttributeKind, value: unknown): Arm | undefined {
  const isBytes = value instanceof Uint8Array
  switch (kind) {
    case 'boolean':
      return typeof value === 'boolean' ? { case: 'attributeTf', value } : undefined
    case 'integer':
      return isCount(value) ? integer(value) : undefined
    case 'number':
      if (typeof value === 'bigint') return value >= 0n && value < 1n << 63n ? integer(value) : undefined
      return isBytes ? octets(value) : isCount(value) ? integer(value) : undefined
    case 'objectClass':
      return named(objectClasses, value)
    case 'keyType':
      return named(keyTypes, value)
    case 'mechanism':
      return typeof value === 'string' || isCount(value) ? integer(mechanismValue(value as MechanismName)) : undefined
    case 'curve':
      return isBytes ? octets(value) : typeof value === 'string' ? octets(Buffer.from(value, 'latin1')) : undefined
    case 'text':
      return isBytes ? octets(value) : typeof value === 'string' ? octets(Buffer.from(value)) : undefined
    case 'bytes':
      return isBytes ? octets(value) : undefined
  }
}

function named(values: Readonly<Record<string, number>>, name: unknown): Arm | undefined {
  return typeof name === 'string' && Object.hasOwn(values, name) ? integer(values[name] as number) : undefined
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** A value may come in another arm than its own: an integer and a boolean as bytes (reference grep11, section 4.1). */
function valueOf(kind: AttributeKind, value: Uint8Array | boolean | bigint): unknown {
  switch (kind) {
    case 'boolean':
      return typeof value === 'boolean' ? value : integerIn(value) !== 0n
    case 'integer':
      return small(integerIn(value))
    case 'number':
      return unsigned(value)
    case 'objectClass':
      return nameOr(integerIn(value), objectClassName)
    case 'keyType':
      return nameOr(integerIn(value), keyTypeName)
    case 'mechanism':
      return nameOr(integerIn(value), mechanismName)
    case 'text':
      return value instanceof Uint8Array ? Buffer.from(value).toString() : String(value)
    case 'curve':
    case 'bytes':
      return unsigned(value)
  }
}

function integerIn(value: Uint8Array | boolean | bigint): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'boolean') return value ? 1n : 0n
  return value.length === 0 ? 0n : BigInt(`0x${Buffer.from(value).toString('hex')}`)
}

function small(value: bigint): number | bigint {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
}

function nameOr<Name>(value: bigint, name: (value: number) => Name | undefined): Name | number {
  const number = Number(value)
  return name(number) ?? number
}

/** Bytes as they are; an integer big-endian. */
function unsigned(value: Uint8Array | boolean | bigint): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value)
  const hex = integerIn(value).toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
}
