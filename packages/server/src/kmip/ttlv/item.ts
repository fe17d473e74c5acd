/** One item of TTLV: a tag, a type and a value (KMIP 1.4, section 9.1). */

/** The types and their codes on the wire; Date-Time Extended came with version 2.0 and is not among them. */
export const itemTypes = {
  Structure: 1,
  Integer: 2,
  LongInteger: 3,
  BigInteger: 4,
  Enumeration: 5,
  Boolean: 6,
  TextString: 7,
  ByteString: 8,
  DateTime: 9,
  Interval: 10,
} as const

export type ItemType = keyof typeof itemTypes

export interface StructureItem {
  readonly tag: number
  readonly type: 'Structure'
  readonly value: readonly Item[]
}

/** Signed, 32 bits. */
export interface IntegerItem {
  readonly tag: number
  readonly type: 'Integer'
  readonly value: number
}

/** Signed, 64 bits. */
export interface LongIntegerItem {
  readonly tag: number
  readonly type: 'LongInteger'
  readonly value: bigint
}

/** Two's complement as on the wire: big-endian, its sign extended to a multiple of eight bytes. */
export interface BigIntegerItem {
  readonly tag: number
  readonly type: 'BigInteger'
  readonly value: Uint8Array
}

/** Unsigned, 32 bits; 0x8… are extensions of vendors. */
export interface EnumerationItem {
  readonly tag: number
  readonly type: 'Enumeration'
  readonly value: number
}

export interface BooleanItem {
  readonly tag: number
  readonly type: 'Boolean'
  readonly value: boolean
}

export interface TextStringItem {
  readonly tag: number
  readonly type: 'TextString'
  readonly value: string
}

/** What was decoded is a view of the message: copy what must outlive it. */
export interface ByteStringItem {
  readonly tag: number
  readonly type: 'ByteString'
  readonly value: Uint8Array
}

/** Seconds since the epoch, signed, 64 bits: any of them is allowed, and the largest means "not set" in Locate. */
export interface DateTimeItem {
  readonly tag: number
  readonly type: 'DateTime'
  readonly value: bigint
}

/** Seconds, unsigned, 32 bits. */
export interface IntervalItem {
  readonly tag: number
  readonly type: 'Interval'
  readonly value: number
}

export type Item =
  | StructureItem
  | IntegerItem
  | LongIntegerItem
  | BigIntegerItem
  | EnumerationItem
  | BooleanItem
  | TextStringItem
  | ByteStringItem
  | DateTimeItem
  | IntervalItem

export type ItemOf<Type extends ItemType> = Extract<Item, { readonly type: Type }>

export function structure(tag: number, items: readonly Item[]): StructureItem {
  return { tag, type: 'Structure', value: items }
}

export function integer(tag: number, value: number): IntegerItem {
  return { tag, type: 'Integer', value }
}

export function longInteger(tag: number, value: bigint): LongIntegerItem {
  return { tag, type: 'LongInteger', value }
}

/** @param value two's complement, big-endian, a multiple of eight bytes */
export function bigInteger(tag: number, value: Uint8Array): BigIntegerItem {
  return { tag, type: 'BigInteger', value }
}

export function enumeration(tag: number, value: number): EnumerationItem {
  return { tag, type: 'Enumeration', value }
}

export function boolean(tag: number, value: boolean): BooleanItem {
  return { tag, type: 'Boolean', value }
}

export function text(tag: number, value: string): TextStringItem {
  return { tag, type: 'TextString', value }
}

export function bytes(tag: number, value: Uint8Array): ByteStringItem {
  return { tag, type: 'ByteString', value }
}

/** @param seconds since the epoch */
export function dateTime(tag: number, seconds: bigint | number): DateTimeItem {
  return { tag, type: 'DateTime', value: BigInt(seconds) }
}

/** @param seconds 0 to 2³² − 1 */
export function interval(tag: number, seconds: number): IntervalItem {
  return { tag, type: 'Interval', value: seconds }
}
