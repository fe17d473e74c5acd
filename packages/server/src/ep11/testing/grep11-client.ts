/** Clients of GREP11 as their users write them: grpc-js with a schema that is loaded, one for each generation. */
import { join } from 'node:path'
import {
  type ChannelOptions,
  type Client,
  type ClientUnaryCall,
  credentials,
  type GrpcObject,
  loadPackageDefinition,
  Metadata,
  type MetadataValue,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { fromBinary } from '@bufbuild/protobuf'
import { anyUnpack } from '@bufbuild/protobuf/wkt'
import { Grep11ErrorSchema } from '@keywitness/ep11-client/schema/error_pb'
import { StatusSchema } from '@keywitness/ep11-client/schema/status_pb'

export type Generation = 'a' | 'b' | 'c'
export type Message = Readonly<Record<string, unknown>>

export interface ClientOptions {
  readonly port: number
  /** PEM of the authority. */
  readonly ca: Buffer
  readonly metadata?: Readonly<Record<string, MetadataValue>>
  readonly channel?: ChannelOptions
  /** Takes a certificate whose time is over, or has not come. */
  readonly isAnyTime?: boolean
  /** What it shows in the handshake: PEM, its own certificate first, and its private key. */
  readonly identity?: { readonly cert: string; readonly key: string }
}

/** How a call ended. */
export interface Ended {
  readonly answer: Message | undefined
  readonly error: ServiceError | undefined
  /** Initial metadata. */
  readonly headers: Metadata
}

const generations = new Map<Generation, ServiceClientConstructor>()

function serviceOf(generation: Generation): ServiceClientConstructor {
  const known = generations.get(generation)
  if (known !== undefined) return known
  const file = join(import.meta.dirname, 'generations', `${generation}.proto`)
  const loaded = loadPackageDefinition(loadSync(file, { keepCase: true, longs: String, defaults: true, oneofs: true }))
  const made = (loaded['grep11'] as GrpcObject)['Crypto'] as ServiceClientConstructor
  generations.set(generation, made)
  return made
}

export class Grep11Client {
  readonly channel: Client
  readonly #metadata: Readonly<Record<string, MetadataValue>>
  readonly #methods: ServiceClientConstructor['service']

  constructor(generation: Generation, { port, ca, metadata = {}, channel = {}, isAnyTime, identity }: ClientOptions) {
    const Service = serviceOf(generation)
    this.#methods = Service.service
    // Without a channel of its own each client would share its connection with others of the same address.
    const alone = { 'grpc.use_local_subchannel_pool': 1, ...channel }
    this.channel = new Service(
      `localhost:${port}`,
      credentials.createSsl(ca, own(identity?.key), own(identity?.cert), { rejectUnauthorized: isAnyTime !== true }),
      alone,
    )
    this.#metadata = metadata
  }

  /** Names of the methods that clients of this generation know. */
  get methods(): string[] {
    return Object.keys(this.#methods)
  }

  /** Where a request goes, and its bytes. */
  message(name: string, request: Message): { readonly path: string; readonly bytes: Buffer } {
    const { path, requestSerialize } = this.#method(name)
    return { path, bytes: requestSerialize(request) }
  }

  /** @param begun told of the call, to cancel it */
  async ends(
    name: string,
    request: Message,
    more: Readonly<Record<string, MetadataValue>> = {},
    begun: (call: ClientUnaryCall) => void = () => undefined,
  ): Promise<Ended> {
    const { path, bytes } = this.message(name, request)
    return this.raw(path, bytes, more, begun, this.#method(name).responseDeserialize as Deserialize)
  }

  #method(name: string): ServiceClientConstructor['service'][string] {
    const method = this.#methods[name]
    if (method === undefined) throw new Error(`clients of this generation know no ${name}`)
    return method
  }

  /** The answer of a call that succeeds. */
  async ask(name: string, request: Message, more: Readonly<Record<string, MetadataValue>> = {}): Promise<Message> {
    const { answer, error } = await this.ends(name, request, more)
    if (answer === undefined) throw error ?? new Error('no answer')
    return answer
  }

  /** The error of a call that fails. */
  async fails(
    name: string,
    request: Message,
    more: Readonly<Record<string, MetadataValue>> = {},
  ): Promise<ServiceError> {
    const { error } = await this.ends(name, request, more)
    if (error === undefined) throw new Error(`${name} did not fail`)
    return error
  }

  /** Any path, any bytes. */
  async raw(
    path: string,
    bytes: Buffer,
    more: Readonly<Record<string, MetadataValue>> = {},
    begun: (call: ClientUnaryCall) => void = () => undefined,
    deserialize: Deserialize = () => ({}),
  ): Promise<Ended> {
    const metadata = new Metadata()
    for (const [key, value] of Object.entries({ ...this.#metadata, ...more })) metadata.set(key, value)
    const serialize = (message: Buffer): Buffer => message
    return new Promise((resolve) => {
      let headers = new Metadata()
      const call = this.channel.makeUnaryRequest(path, serialize, deserialize, bytes, metadata, (error, answer) => {
        resolve({ answer, error: error ?? undefined, headers })
      })
      call.on('metadata', (got: Metadata) => (headers = got))
      begun(call)
    })
  }

  close(): void {
    this.channel.close()
  }
}

const own = (pem: string | undefined): Buffer | null => (pem === undefined ? null : Buffer.from(pem))

type Deserialize = (bytes: Buffer) => Message

/** What the trailer of an error says. */
export function detailOf(error: ServiceError | undefined): {
  code: number
  message: string
  ckr: number
  detail: string
  retry: boolean
} {
  const [bytes] = error?.metadata.get('grpc-status-details-bin') ?? []
  if (typeof bytes !== 'object') throw new Error('the error has no details')
  const status = fromBinary(StatusSchema, bytes)
  const [any, ...others] = status.details
  if (any === undefined || others.length > 0) throw new Error('there is not exactly one detail')
  const inner = anyUnpack(any, Grep11ErrorSchema)
  if (inner === undefined) throw new Error('the detail is of another type')
  const { code, message } = status
  return { code, message, ckr: Number(inner.code), detail: inner.detail, retry: inner.retry }
}
