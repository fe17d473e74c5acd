/** A KMIP service in the key service's house of tests: an adapter, its client's certificate, and messages in and out. */
import { createHash, X509Certificate } from 'node:crypto'
import { FloodControl } from '../../iam/flood.ts'
import { pino } from 'pino'
import { readAccounts } from '../../iam/accounts.ts'
import { readInstances } from '../../instances/instances.ts'
import { type House, openHouse } from '../../keys/testing/house.ts'
import { policiesInForce } from '../../policies/in-force.ts'
import { selfSigned } from '../../testing/self-signed.ts'
import { createKmip, type Kmip } from '../kmip.ts'
import type { AdapterRow } from '../management/rows.ts'
import { addAdapter, addCertificate } from '../management/testing/adapters.ts'
import type { Version } from '../message/version.ts'
import { newerThan } from '../message/gating.ts'
import type { KmipPeer } from '../peer.ts'
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

export interface Client {
  readonly adapter: AdapterRow
  readonly peer: KmipPeer
  /** One message with these items, in a version; 1.4 unless said otherwise. */
  send(items: readonly Asked[], options?: SendOptions): Promise<Answered[]>
  /** One item, which must succeed: the fields of its payload. */
  ask(operation: OperationName, payload?: readonly Item[], options?: SendOptions): Promise<readonly Item[]>
  /** One item, which must fail: its reason. */
  refused(operation: OperationName, payload?: readonly Item[], options?: SendOptions): Promise<string>
  /** Bytes as they are. */
  raw(message: Uint8Array): Promise<{ bytes: Buffer | undefined; close: boolean }>
}

export interface SendOptions {
  readonly minor?: number
  /** Header fields between the version and the batch count. */
  readonly header?: readonly Item[]
}

export interface KmipHouse extends House {
  readonly kmip: Kmip
  readonly client: Client
  /** Another adapter of the instance with a client of its own. */
  stranger(): Promise<Client>
}

export async function openKmipHouse(): Promise<KmipHouse> {
  const house = openHouse()
  const { parts, store } = house
  const kmip = createKmip({
    ...parts,
    reader: store,
    carry: house.carry,
    audit: house.audit,
    accounts: readAccounts(store),
    instances: readInstances(store),
    policies: policiesInForce(store, parts.random),
    clock: { now: () => house.time, monotonic: () => 0 },
    flood: new FloodControl(() => 0),
    forgetting: { owe: () => void parts.forget() },
    cname: 'keywitness',
    location: 'us-south',
    serviceName: 'Keywitness',
    log: pino({ level: 'trace' }, { write: (line) => void house.logged.push(line) }),
  })
  const clientOf = async (name: string): Promise<Client> => {
    const adapter = await addAdapter(house, { name })
    const { cert } = selfSigned(name)
    await addCertificate(house, name, { name: 'host', pem: cert })
    return connect(kmip, adapter, cert)
  }
  const client = await clientOf('vcenter')
  let strangers = 0
  return Object.assign(house, {
    kmip,
    client,
    stranger: () => {
      strangers += 1
      return clientOf(`stranger-${strangers}`)
    },
  })
}

/** A peer with this certificate, as the listener would tell of it. */
export function peerOf(pem: string): KmipPeer {
  const certificate = new X509Certificate(pem).raw
  return { certificate, fingerprint: createHash('sha256').update(certificate).digest('hex'), address: '127.0.0.1' }
}

function connect({ service }: Kmip, adapter: AdapterRow, pem: string): Client {
  const peer = peerOf(pem)
  const raw = (message: Uint8Array) => service.answer(peer, Buffer.from(message))
  const send = async (items: readonly Asked[], options: SendOptions = {}): Promise<Answered[]> => {
    const version = { major: 1, minor: options.minor ?? 4 }
    const { bytes: answer } = await raw(encode(requestOf(items, version, options.header)))
    if (answer === undefined) throw new Error('there is no answer')
    const response = decode(answer)
    const newer = newerThan(response, version)
    if (newer.length > 0) throw new Error(`the answer has tags that its version does not have: ${newer.join()}`)
    return answersOf(response)
  }
  const only = async (asked: Asked, options?: SendOptions): Promise<Answered> => {
    const [answered] = await send([asked], options)
    if (answered === undefined) throw new Error('there is no item')
    return answered
  }
  return {
    adapter,
    peer,
    raw,
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
