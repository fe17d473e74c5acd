/** Reads a test case of the OASIS KMIP technical committee: requests, and the responses that they must have. */
import { enumerationOf, enumerations, storageStatusMask, usageMask } from '@keywitness/server/kmip/ttlv/enumerations'
import {
  bigInteger,
  boolean,
  bytes,
  dateTime,
  enumeration,
  integer,
  interval,
  type Item,
  type ItemType,
  itemTypes,
  longInteger,
  text,
} from '@keywitness/server/kmip/ttlv/item'
import { tagOfAttribute, tags } from '@keywitness/server/kmip/ttlv/tags'
import { parseXml, type XmlElement } from './oasis-xml.ts'

/** A value that is known only when the case runs: `$NOW`, `$NOW-3600`, `$UNIQUE_IDENTIFIER_0`. */
export interface Placeholder {
  readonly tag: number
  readonly type: Exclude<ItemType, 'Structure'>
  readonly placeholder: string
}

/** As an item of the codec, but for values that are placeholders. */
export type CaseItem =
  | Exclude<Item, { readonly type: 'Structure' }>
  | Placeholder
  | { readonly tag: number; readonly type: 'Structure'; readonly value: readonly CaseItem[] }

export interface OasisExchange {
  readonly request: CaseItem
  readonly response: CaseItem
}

/**
 * Reads a case in the XML encoding of the KMIP Profiles (version 1.4, section 5.4).
 *
 * @throws Error when it does not have a response to each request, or names something that versions 1.0 to 1.4 lack
 */
export function parseOasisCase(xml: string): readonly OasisExchange[] {
  const messages = parseXml(xml).children.map((element) => itemOf(element))
  return messages.flatMap((message, index) => {
    const isRequest = message.tag === tags.RequestMessage
    if (isRequest !== (index % 2 === 0)) throw new Error(`message ${index} stands in the wrong place`)
    if (!isRequest) return []
    const response = messages[index + 1]
    if (response === undefined) throw new Error('the last request has no response')
    return [{ request: message, response }]
  })
}

/** @param attribute the tag of the attribute whose value this may be */
function itemOf(element: XmlElement, attribute?: number): CaseItem {
  const tag = tagOf(element)
  const type = element.attributes.get('type') ?? 'Structure'
  if (!Object.hasOwn(itemTypes, type)) throw new Error(`no type of versions 1.0 to 1.4: ${type}`)
  if (type === 'Structure') {
    const named = element.children.find(({ name }) => name === 'AttributeName')
    const ofValue = named === undefined ? undefined : tagOfAttribute(valueOf(named))
    return { tag, type, value: element.children.map((child) => itemOf(child, ofValue)) }
  }
  const value = valueOf(element)
  if (value.startsWith('$')) return { tag, type: type as Placeholder['type'], placeholder: value }
  return primitive(tag, type as Placeholder['type'], value, tag === tags.AttributeValue ? attribute : tag)
}

function tagOf({ name, attributes }: XmlElement): number {
  if (name === 'TTLV') return Number(attributes.get('tag'))
  if (!Object.hasOwn(tags, name)) throw new Error(`no tag of versions 1.0 to 1.4: ${name}`)
  return tags[name as keyof typeof tags]
}

/** Some published files have several spaces where there should be one. */
function valueOf({ name, attributes }: XmlElement): string {
  const value = attributes.get('value')
  if (value === undefined) throw new Error(`${name} has no value`)
  return value.replaceAll(/\s+/g, ' ')
}

/** @param meaning the tag that says which enumeration or mask the value is of */
function primitive(tag: number, type: Placeholder['type'], value: string, meaning: number | undefined): CaseItem {
  switch (type) {
    case 'Integer':
      return integer(tag, numberOf(value) ?? maskOf(value, meaning))
    case 'LongInteger':
      return longInteger(tag, BigInt(value))
    case 'BigInteger':
      return bigInteger(tag, Buffer.from(value, 'hex'))
    case 'Enumeration':
      return enumeration(tag, numberOf(value) ?? enumerated(value, meaning))
    case 'Boolean':
      return boolean(tag, value === 'true')
    case 'TextString':
      return text(tag, value)
    case 'ByteString':
      return bytes(tag, Buffer.from(value, 'hex'))
    case 'DateTime':
      return dateTime(tag, secondsOf(value))
    case 'Interval':
      return interval(tag, Number(value))
  }
}

function numberOf(value: string): number | undefined {
  return /^(-?\d+|0x[\da-f]+)$/i.test(value) ? Number(value) : undefined
}

function maskOf(value: string, meaning: number | undefined): number {
  const bits: Readonly<Record<string, number>> = meaning === tags.StorageStatusMask ? storageStatusMask : usageMask
  return value.split(/[ |]+/).reduce((mask, name) => mask | known(bits[name], name), 0)
}

function enumerated(value: string, meaning: number | undefined): number {
  const name = meaning === undefined ? undefined : enumerationOf(meaning)
  const values: Readonly<Record<string, number>> = name === undefined ? {} : enumerations[name]
  return known(values[value], value)
}

function secondsOf(value: string): number {
  const seconds = Date.parse(value) / 1_000
  return known(Number.isFinite(seconds) ? seconds : undefined, value)
}

function known(value: number | undefined, written: string): number {
  if (value === undefined) throw new Error(`cannot be read: ${written}`)
  return value
}
