/** Request messages as a hostile or careless client would write them, and all that stands in an answer. */
import type { Version } from '../message/version.ts'
import { decode } from '../ttlv/decode.ts'
import { encode } from '../ttlv/encode.ts'
import { enumerationName, enumerations } from '../ttlv/enumerations.ts'
import { boolean, bytes, enumeration, integer, type Item, structure, text } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'

type OperationName = keyof typeof enumerations.Operation

export interface WrittenItem {
  /** By name, or any number. */
  readonly operation: OperationName | number
  readonly id?: Uint8Array
  readonly payload?: readonly Item[]
  /** Criticality of a message extension. */
  readonly extension?: boolean
}

export interface WrittenMessage {
  readonly version?: Version
  /** Header fields between the version and the batch count. */
  readonly header?: readonly Item[]
  readonly items: readonly WrittenItem[]
  readonly batchCount?: number
}

export function write({ version = { major: 1, minor: 4 }, header = [], items, batchCount }: WrittenMessage): Buffer {
  return encode(
    structure(tags.RequestMessage, [
      structure(tags.RequestHeader, [
        structure(tags.ProtocolVersion, [
          integer(tags.ProtocolVersionMajor, version.major),
          integer(tags.ProtocolVersionMinor, version.minor),
        ]),
        ...header,
        integer(tags.BatchCount, batchCount ?? items.length),
      ]),
      ...items.map(({ operation, id, payload = [], extension }, place) =>
        structure(tags.BatchItem, [
          enumeration(tags.Operation, typeof operation === 'number' ? operation : enumerations.Operation[operation]),
          ...(id !== undefined || items.length > 1
            ? [bytes(tags.UniqueBatchItemID, id ?? Buffer.from([place + 1]))]
            : []),
          structure(tags.RequestPayload, payload),
          ...(extension === undefined
            ? []
            : [
                structure(tags.MessageExtension, [
                  text(tags.VendorIdentification, 'somebody'),
                  boolean(tags.CriticalityIndicator, extension),
                  structure(tags.VendorExtension, []),
                ]),
              ]),
        ]),
      ),
    ]),
  )
}

export interface ReadItem {
  readonly operation: number | undefined
  /** Hexadecimal. */
  readonly id: string | undefined
  readonly status: string | undefined
  readonly reason: string | undefined
  readonly message: string | undefined
  readonly payload: readonly Item[] | undefined
}

export interface ReadAnswer {
  /** As 1.4. */
  readonly version: string
  readonly correlationId: string | undefined
  readonly items: readonly ReadItem[]
}

/** @throws Error when the answer is none, or its batch count lies */
export function read(answer: Buffer | undefined): ReadAnswer {
  if (answer === undefined) throw new Error('there is no answer')
  const [header, ...items] = childrenOf(decode(answer))
  if (header === undefined) throw new Error('the answer has no header')
  const [version] = childrenOf(header)
  if (version === undefined) throw new Error('the answer has no version')
  if (valueOf(header, tags.BatchCount) !== items.length) throw new Error('the batch count is not that of the items')
  const correlation = valueOf(header, tags.ServerCorrelationValue)
  return {
    version: childrenOf(version)
      .map(({ value }) => (typeof value === 'number' ? value : '?'))
      .join('.'),
    correlationId: typeof correlation === 'string' ? correlation : undefined,
    items: items.map((item) => {
      const operation = valueOf(item, tags.Operation)
      const id = valueOf(item, tags.UniqueBatchItemID)
      const message = valueOf(item, tags.ResultMessage)
      const payload = childrenOf(item).find(({ tag }) => tag === tags.ResponsePayload)
      return {
        operation: typeof operation === 'number' ? operation : undefined,
        id: id instanceof Uint8Array ? Buffer.from(id).toString('hex') : undefined,
        status: nameAt(item, tags.ResultStatus, 'ResultStatus'),
        reason: nameAt(item, tags.ResultReason, 'ResultReason'),
        message: typeof message === 'string' ? message : undefined,
        payload: payload === undefined ? undefined : childrenOf(payload),
      }
    }),
  }
}

function valueOf(item: Item, tag: number): Item['value'] | undefined {
  return childrenOf(item).find((child) => child.tag === tag)?.value
}

function nameAt(item: Item, tag: number, name: 'ResultStatus' | 'ResultReason'): string | undefined {
  const value = valueOf(item, tag)
  return typeof value === 'number' ? enumerationName(name, value) : undefined
}

function childrenOf(item: Item): readonly Item[] {
  return item.type === 'Structure' ? item.value : []
}
