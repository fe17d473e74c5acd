/** KMIP messages for tests: requests put together item by item, and what stands in their answers. */
import { newerThan } from '../message/gating.ts'
import type { Version } from '../message/version.ts'
import { decode } from '../ttlv/decode.ts'
import { encode } from '../ttlv/encode.ts'
import { enumerations, enumerationName } from '../ttlv/enumerations.ts'
import { bytes, enumeration, integer, type Item, structure, text } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'

export type OperationName = keyof typeof enumerations.Operation

/** One item of a request. */
export interface Asked {
  readonly operation: OperationName
  readonly payload?: readonly Item[]
}

/** One item of a response. */
export interface Answered {
  readonly operation: string | undefined
  readonly status: string
  readonly reason: string | undefined
  readonly message: string | undefined
  /** Fields of the payload. */
  readonly fields: readonly Item[]
}

export interface SendOptions {
  readonly minor?: number
  /** Header fields between the version and the batch count. */
  readonly header?: readonly Item[]
}

/** The ways to ask over one exchange of bytes. */
export interface Asking {
  /** One message with these items, in a version; 1.4 unless said otherwise. */
  readonly send: (items: readonly Asked[], options?: SendOptions) => Promise<Answered[]>
  /** One item, which must succeed: the fields of its payload. */
  readonly ask: (operation: OperationName, payload?: readonly Item[], options?: SendOptions) => Promise<readonly Item[]>
  /** One item, which must fail: its reason. */
  readonly refused: (operation: OperationName, payload?: readonly Item[], options?: SendOptions) => Promise<string>
}

/** @param exchange a request message's bytes for those of its response */
export function asking(exchange: (request: Uint8Array) => Promise<Buffer>): Asking {
  const send = async (items: readonly Asked[], options: SendOptions = {}): Promise<Answered[]> => {
    const version = { major: 1, minor: options.minor ?? 4 }
    const response = decode(await exchange(encode(requestOf(items, version, options.header))))
    const newer = newerThan(withoutEchoes(response), version)
    if (newer.length > 0) throw new Error(`the answer has tags that its version does not have: ${newer.join()}`)
    return answersOf(response)
  }
  const only = async (asked: Asked, options?: SendOptions): Promise<Answered> => {
    const [answered] = await send([asked], options)
    if (answered === undefined) throw new Error('there is no item')
    return answered
  }
  return {
    send,
    ask: async (operation, payload = [], options) => {
      const { status, reason, message, fields } = await only({ operation, payload }, options)
      if (status !== 'Success') throw new Error(`${operation}: ${status} ${reason} ${message}`)
      return fields
    },
    refused: async (operation, payload = [], options) => {
      const { status, reason } = await only({ operation, payload }, options)
      if (status !== 'OperationFailed' || reason === undefined)
        throw new Error(`${operation} was not refused: ${status}`)
      return reason
    },
  }
}

/** Without the operations that the request named, whether its version has them or not. */
function withoutEchoes(item: Item): Item {
  if (item.type !== 'Structure' || item.tag === tags.ResponsePayload) return item
  const isEcho = ({ tag }: Item): boolean => item.tag === tags.BatchItem && tag === tags.Operation
  return { ...item, value: item.value.filter((child) => !isEcho(child)).map(withoutEchoes) }
}

/** A request message; items of a batch are named by their place. */
export function requestOf(items: readonly Asked[], version: Version, header: readonly Item[] = []): Item {
  return structure(tags.RequestMessage, [
    structure(tags.RequestHeader, [
      structure(tags.ProtocolVersion, [
        integer(tags.ProtocolVersionMajor, version.major),
        integer(tags.ProtocolVersionMinor, version.minor),
      ]),
      ...header,
      integer(tags.BatchCount, items.length),
    ]),
    ...items.map(({ operation, payload = [] }, place) =>
      structure(tags.BatchItem, [
        enumeration(tags.Operation, enumerations.Operation[operation]),
        ...(items.length > 1 ? [bytes(tags.UniqueBatchItemID, Buffer.from([place + 1]))] : []),
        structure(tags.RequestPayload, payload),
      ]),
    ),
  ])
}

export function answersOf(response: Item): Answered[] {
  return childrenOf(response)
    .filter(({ tag }) => tag === tags.BatchItem)
    .map((item) => {
      const named = (tag: number): Item | undefined => childrenOf(item).find((child) => child.tag === tag)
      const numberAt = (tag: number): number | undefined => {
        const found = named(tag)
        return found?.type === 'Enumeration' ? found.value : undefined
      }
      const operation = numberAt(tags.Operation)
      const reason = numberAt(tags.ResultReason)
      const message = named(tags.ResultMessage)
      const payload = named(tags.ResponsePayload)
      return {
        operation: operation === undefined ? undefined : enumerationName('Operation', operation),
        status: enumerationName('ResultStatus', numberAt(tags.ResultStatus) ?? -1) ?? 'none',
        reason: reason === undefined ? undefined : enumerationName('ResultReason', reason),
        message: message?.type === 'TextString' ? message.value : undefined,
        fields: payload === undefined ? [] : childrenOf(payload),
      }
    })
}

export function childrenOf(item: Item): readonly Item[] {
  return item.type === 'Structure' ? item.value : []
}

/** The value of the first field with a tag. */
export function valueAt(fields: readonly Item[], tag: number): Item['value'] | undefined {
  return fields.find((field) => field.tag === tag)?.value
}

export function uidOf(fields: readonly Item[]): string {
  const value = valueAt(fields, tags.UniqueIdentifier)
  if (typeof value !== 'string') throw new Error('there is no unique identifier')
  return value
}

export function uid(id: string): Item {
  return text(tags.UniqueIdentifier, id)
}

/** An Attribute structure of a request. */
export function attribute(name: string, value: Item, index?: number): Item {
  return structure(tags.Attribute, [
    text(tags.AttributeName, name),
    ...(index === undefined ? [] : [integer(tags.AttributeIndex, index)]),
    { ...value, tag: tags.AttributeValue },
  ])
}

/** A Template-Attribute for an AES key. */
export function aesTemplate(more: readonly Item[] = [], mask = 12, bits = 256): Item {
  return structure(tags.TemplateAttribute, [
    attribute('Cryptographic Algorithm', enumeration(0, enumerations.CryptographicAlgorithm.AES)),
    attribute('Cryptographic Usage Mask', integer(0, mask)),
    attribute('Cryptographic Length', integer(0, bits)),
    ...more,
  ])
}

/** Payload of Create for an AES key. */
export function aesKey(more: readonly Item[] = [], mask = 12, bits = 256): Item[] {
  return [enumeration(tags.ObjectType, enumerations.ObjectType.SymmetricKey), aesTemplate(more, mask, bits)]
}

export function nameAttribute(value: string): Item {
  return attribute('Name', structure(0, [text(tags.NameValue, value), enumeration(tags.NameType, 1)]))
}
