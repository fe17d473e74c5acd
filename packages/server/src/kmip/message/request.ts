/** A request message: its header and its batch items, whose payloads are left to the operations (KMIP 1.4, section 7). */
import { enumerationName, enumerations } from '../ttlv/enumerations.ts'
import type { Item, StructureItem } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { type Credential, parseCredential } from './credential.ts'
import { Fields } from './fields.ts'
import { KmipError } from './kmip-error.ts'
import { compareVersions, newestVersion, type Version } from './version.ts'

export type BatchErrorContinuation = keyof typeof enumerations.BatchErrorContinuationOption

export interface RequestHeader {
  /** Bytes of the whole response message. Any number: zero and less than that are as small as can be. */
  readonly maximumResponseSize: number | undefined
  readonly clientCorrelationValue: string | undefined
  /** A value that the server gave earlier. */
  readonly serverCorrelationValue: string | undefined
  /** The client would take an answer that says that there is none yet. */
  readonly asynchronous: boolean | undefined
  readonly credentials: readonly Credential[]
  readonly batchErrorContinuation: BatchErrorContinuation
  /** Items must be processed in their order. */
  readonly batchOrder: boolean
  /** The client's clock, in seconds since the epoch. */
  readonly timeStamp: bigint | undefined
}

export interface BatchItem {
  /** Any number: whether there is such an operation is a matter of the item, not of the message. */
  readonly operation: number
  /** To be echoed byte for byte. */
  readonly id: Uint8Array | undefined
  readonly payload: StructureItem
  readonly extension: { readonly vendor: string; readonly isCritical: boolean } | undefined
}

export interface RequestMessage {
  /** As sent; its minor number may be above ours. */
  readonly version: Version
  /** The version of the response. */
  readonly answerVersion: Version
  readonly header: RequestHeader
  /** At least one; when there are more, each has an id of its own. */
  readonly items: readonly BatchItem[]
}

/** Items of one message. */
export const BATCH_ITEMS_MAX = 100

const CORRELATION_VALUE_BYTES_MAX = 1_024

/**
 * @throws KmipError for a message of which nothing is processed: `InvalidMessage` for one that cannot be read, or whose
 * version is not spoken; `InvalidField` for a field that its version does not have. `versionOf` says in which version
 * to answer
 */
export function parseRequest(message: Item): RequestMessage {
  const version = versionAsSent(message)
  if (message.type !== 'Structure' || version === undefined) {
    throw new KmipError('InvalidMessage', 'The message does not begin with a request header and its version.')
  }
  const answerVersion = versionOf(message)
  if (answerVersion === undefined) throw new KmipError('InvalidMessage', 'The protocol version is not supported.')

  const fields = new Fields(message, version)
  const { header, batchCount } = parseHeader(fields.structure(tags.RequestHeader))
  const structures = fields.many(tags.BatchItem, 'Structure')
  fields.end()
  if (structures.length !== batchCount) {
    throw new KmipError('InvalidMessage', 'The batch count is not the number of batch items.')
  }
  if (batchCount === 0) throw new KmipError('InvalidMessage', 'The message has no batch item.')
  if (batchCount > BATCH_ITEMS_MAX) throw new KmipError('InvalidMessage', 'The message has too many batch items.')

  const items = structures.map((structure) => parseBatchItem(new Fields(structure, version)))
  assertIds(items)
  if (version.minor > newestVersion.minor && items.some(({ operation }) => !isForAnyMinor(operation))) {
    throw new KmipError('InvalidMessage', 'In this protocol version only Discover Versions and Query are answered.')
  }
  return { version, answerVersion, header, items }
}

/**
 * The version in which a message is to be answered, whatever else is wrong with it: its own, or our highest minor
 * version when its own is above that. Nothing when it cannot be read, or its major version is not spoken.
 */
export function versionOf(message: Item): Version | undefined {
  const version = versionAsSent(message)
  if (version === undefined || version.major !== newestVersion.major || version.minor < 0) return undefined
  return compareVersions(version, newestVersion) > 0 ? newestVersion : version
}

/** The version has to be known before anything else can be read. */
function versionAsSent(message: Item): Version | undefined {
  const header = firstField(message, tags.RequestMessage)
  const version = header === undefined ? undefined : firstField(header, tags.RequestHeader)
  if (version?.type !== 'Structure' || version.tag !== tags.ProtocolVersion) return undefined
  const [major, minor] = version.value
  if (major?.type !== 'Integer' || major.tag !== tags.ProtocolVersionMajor) return undefined
  if (minor?.type !== 'Integer' || minor.tag !== tags.ProtocolVersionMinor) return undefined
  return { major: major.value, minor: minor.value }
}

function firstField(item: Item, tag: number): Item | undefined {
  return item.type === 'Structure' && item.tag === tag ? item.value[0] : undefined
}

function parseHeader(fields: Fields): { header: RequestHeader; batchCount: number } {
  const version = fields.structure(tags.ProtocolVersion)
  version.required(tags.ProtocolVersionMajor, 'Integer')
  version.required(tags.ProtocolVersionMinor, 'Integer')
  version.end()

  const maximumResponseSize = fields.optional(tags.MaximumResponseSize, 'Integer')
  const clientCorrelationValue = correlationValue(fields, tags.ClientCorrelationValue)
  const serverCorrelationValue = correlationValue(fields, tags.ServerCorrelationValue)
  const asynchronous = fields.optional(tags.AsynchronousIndicator, 'Boolean')
  // Attestation is never asked for, so what a client could attest is of no use.
  fields.optional(tags.AttestationCapableIndicator, 'Boolean')
  fields.many(tags.AttestationType, 'Enumeration')
  const authentication = fields.optionalStructure(tags.Authentication)
  const credentials = authentication === undefined ? [] : parseAuthentication(authentication)
  const continuation = fields.optional(tags.BatchErrorContinuationOption, 'Enumeration')
  const batchErrorContinuation = continuation === undefined ? 'Stop' : batchErrorContinuationOf(continuation)
  const batchOrder = fields.optional(tags.BatchOrderOption, 'Boolean') ?? false
  const timeStamp = fields.optional(tags.TimeStamp, 'DateTime')
  const batchCount = fields.required(tags.BatchCount, 'Integer')
  fields.end()
  return {
    header: {
      maximumResponseSize,
      clientCorrelationValue,
      serverCorrelationValue,
      asynchronous,
      credentials,
      batchErrorContinuation,
      batchOrder,
      timeStamp,
    },
    batchCount,
  }
}

function correlationValue(fields: Fields, tag: number): string | undefined {
  const value = fields.optional(tag, 'TextString')
  if (value !== undefined && Buffer.byteLength(value) > CORRELATION_VALUE_BYTES_MAX) {
    throw new KmipError('InvalidField', 'A correlation value is too long.')
  }
  return value
}

function batchErrorContinuationOf(value: number): BatchErrorContinuation {
  const name = enumerationName('BatchErrorContinuationOption', value)
  if (name === undefined) throw new KmipError('InvalidMessage', 'The batch error continuation option does not exist.')
  return name as BatchErrorContinuation
}

function parseAuthentication(fields: Fields): Credential[] {
  // Versions 1.0 and 1.1 have one credential, later ones any number.
  const credentials =
    compareVersions(fields.version, { major: 1, minor: 2 }) < 0
      ? [fields.required(tags.Credential, 'Structure')]
      : fields.many(tags.Credential, 'Structure')
  fields.end()
  if (credentials.length === 0) throw new KmipError('InvalidMessage', 'Credential is missing.')
  return credentials.map((credential) => parseCredential(new Fields(credential, fields.version)))
}

function parseBatchItem(fields: Fields): BatchItem {
  const operation = fields.required(tags.Operation, 'Enumeration')
  const id = fields.optional(tags.UniqueBatchItemID, 'ByteString')
  const payload = fields.required(tags.RequestPayload, 'Structure')
  const extension = fields.optionalStructure(tags.MessageExtension)
  fields.end()
  return { operation, id, payload, extension: extension === undefined ? undefined : parseExtension(extension) }
}

function parseExtension(fields: Fields): { vendor: string; isCritical: boolean } {
  const vendor = fields.required(tags.VendorIdentification, 'TextString')
  const isCritical = fields.required(tags.CriticalityIndicator, 'Boolean')
  // No extension is understood, so none is looked into.
  fields.required(tags.VendorExtension, 'Structure')
  fields.end()
  return { vendor, isCritical }
}

function assertIds(items: readonly BatchItem[]): void {
  if (items.length === 1) return
  const ids = new Set<string>()
  for (const { id } of items) {
    if (id === undefined) throw new KmipError('InvalidMessage', 'A batch item has no id.')
    ids.add(Buffer.from(id).toString('hex'))
  }
  if (ids.size < items.length) throw new KmipError('InvalidMessage', 'Two batch items have the same id.')
}

/** What a client asks that does not know yet which versions there are. */
function isForAnyMinor(operation: number): boolean {
  return operation === enumerations.Operation.DiscoverVersions || operation === enumerations.Operation.Query
}
