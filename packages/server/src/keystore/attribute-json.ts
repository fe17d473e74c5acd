/** Attributes in JSON: by name, booleans and integers as themselves, bytes in base64 or, on the way in, as a text. */
import type { AttributeValue } from '@keywitness/crypto-unit/ep11/calls'
import { type Static, Type } from 'typebox'
import { Refusal } from '../errors.ts'
import {
  type AttributeChanges,
  attributeName,
  attributeNumber,
  type Attributes,
  attributesRefused,
  readAttributes,
  type Value,
} from './attributes.ts'
import { keystoreLimits } from './limits.ts'

const { attributeBytes } = keystoreLimits
/** Base64 takes four characters for three bytes. */
export const base64LengthMax = (bytes: number): number => 4 * Math.ceil(bytes / 3)

const Bytes = Type.String({ maxLength: base64LengthMax(attributeBytes), description: 'Bytes in base64.' })
const Given = Type.Union([
  Type.Boolean(),
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  Bytes,
  Type.Object(
    { text: Type.String({ maxLength: attributeBytes, description: 'Bytes as a text, in UTF-8.' }) },
    { additionalProperties: false },
  ),
])

const namePattern = '^(CKA_[A-Z0-9_]{1,60}|0x[0-9A-Fa-f]{1,13})$'
const described = {
  maxProperties: keystoreLimits.attributes,
  additionalProperties: false,
  description: 'By PKCS #11 name, or number in hexadecimal.',
}

/** Of a new object, or of a search. */
export const GivenAttributes = Type.Record(Type.String({ pattern: namePattern }), Given, described)
/** Of an update: null takes an attribute away. */
export const ChangedAttributes = Type.Record(
  Type.String({ pattern: namePattern }),
  Type.Union([...Given.anyOf, Type.Null()]),
  described,
)
/** As answers show them. */
export const ShownAttributes = Type.Record(
  Type.String({ pattern: namePattern }),
  Type.Union([Type.Boolean(), Type.Integer(), Bytes]),
)

/** @throws Refusal `KEYSTORE_ATTRIBUTES`, `KEYSTORE_SECRET_ATTRIBUTE`, `BODY_TOO_LARGE` */
export function attributesOf(said: Static<typeof ChangedAttributes> | undefined): AttributeChanges {
  const template = new Map<number, AttributeValue>()
  for (const [name, value] of Object.entries(said ?? {})) {
    const type = attributeNumber(name)
    if (type === undefined) throw attributesRefused('An attribute has a name that PKCS #11 and IBM do not know.')
    template.set(type, value === null ? undefined : valueOf(value))
  }
  return readAttributes(template)
}

/** What a search asks for. @throws Refusal as above */
export function wantedAttributes(said: Static<typeof GivenAttributes> | undefined): Attributes {
  return new Map([...attributesOf(said)].filter((entry): entry is [number, Value] => entry[1] !== undefined))
}

export function attributesJson(attributes: Attributes): Record<string, boolean | number | string> {
  const named = [...attributes].map(([type, value]): [string, boolean | number | string] => [
    attributeName(type),
    typeof value === 'object' ? value.toString('base64') : value,
  ])
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function valueOf(value: Static<typeof Given>): AttributeValue {
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return BigInt(value)
  if (typeof value === 'string') return bytesOf(value, 'attributes')
  return Buffer.from(value.text, 'utf8')
}

/** @throws Refusal `INVALID_FIELD_ERR` for what is not canonical base64 */
export function bytesOf(text: string, name: string): Buffer {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') === text) return bytes
  throw new Refusal('INVALID_FIELD_ERR', { message: 'Bytes are written in base64.', at: { type: 'field', name } })
}
