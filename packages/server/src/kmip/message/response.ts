/** A response message, of which a client sees nothing that is newer than its version (KMIP 1.4, sections 6 and 7). */
import { encode } from '../ttlv/encode.ts'
import { enumerations, type ResultReason, type ResultStatus } from '../ttlv/enumerations.ts'
import { bytes, dateTime, enumeration, integer, type Item, structure, type StructureItem, text } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { reasonFor } from './kmip-error.ts'
import { atLeast, type Version } from './version.ts'

export interface ResponseItem {
  /** Left out when the request's item could not be read. */
  readonly operation?: number | undefined
  /** The id of the request's item, byte for byte. */
  readonly id?: Uint8Array | undefined
  readonly status: ResultStatus
  /** Of an item that failed; an older one that means the same stands in for one that the version does not have. */
  readonly reason?: ResultReason | undefined
  /** Of an item that failed: constant text of ours, cut off after 200 bytes. */
  readonly message?: string | undefined
  /** Of an item that did not fail; empty when there is none. */
  readonly payload?: StructureItem | undefined
}

export interface ResponseMessage {
  readonly version: Version
  /** Seconds since the epoch. */
  readonly timeStamp: bigint
  /** Version 1.4 only: in older ones there is no such field, and it is left out. */
  readonly serverCorrelationValue?: string | undefined
  readonly items: readonly ResponseItem[]
}

const RESULT_MESSAGE_BYTES_MAX = 200

export function encodeResponse(message: ResponseMessage): Buffer {
  return encode(
    structure(tags.ResponseMessage, [headerOf(message), ...message.items.map((item) => itemOf(item, message.version))]),
  )
}

/** The response to a message of which nothing could be processed: one item that failed, without an operation. */
export function messageFailure(version: Version, timeStamp: bigint, reason: ResultReason, message: string): Buffer {
  const items: ResponseItem[] = [{ status: 'OperationFailed', reason, message }]
  return encodeResponse({ version, timeStamp, items })
}

/** A version as a field, in headers and in the answer of Discover Versions. */
export function protocolVersion(version: Version): StructureItem {
  return structure(tags.ProtocolVersion, [
    integer(tags.ProtocolVersionMajor, version.major),
    integer(tags.ProtocolVersionMinor, version.minor),
  ])
}

function headerOf({ version, timeStamp, serverCorrelationValue, items }: ResponseMessage): StructureItem {
  const fields: Item[] = [protocolVersion(version), dateTime(tags.TimeStamp, timeStamp)]
  if (serverCorrelationValue !== undefined && atLeast(version, 4)) {
    fields.push(text(tags.ServerCorrelationValue, serverCorrelationValue))
  }
  fields.push(integer(tags.BatchCount, items.length))
  return structure(tags.ResponseHeader, fields)
}

function itemOf({ operation, id, status, reason, message, payload }: ResponseItem, version: Version): StructureItem {
  const hasFailed = status === 'OperationFailed'
  const fields: Item[] = []
  if (operation !== undefined) fields.push(enumeration(tags.Operation, operation))
  if (id !== undefined) fields.push(bytes(tags.UniqueBatchItemID, id))
  fields.push(enumeration(tags.ResultStatus, enumerations.ResultStatus[status]))
  if (hasFailed) {
    const known = reasonFor(reason ?? 'GeneralFailure', version)
    fields.push(enumeration(tags.ResultReason, enumerations.ResultReason[known]))
    if (message !== undefined) fields.push(text(tags.ResultMessage, cut(message)))
  } else {
    fields.push(payload ?? structure(tags.ResponsePayload, []))
  }
  return structure(tags.BatchItem, fields)
}

function cut(message: string): string {
  if (Buffer.byteLength(message) <= RESULT_MESSAGE_BYTES_MAX) return message
  const { read } = new TextEncoder().encodeInto(message, new Uint8Array(RESULT_MESSAGE_BYTES_MAX))
  return message.slice(0, read)
}
