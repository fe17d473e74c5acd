/** A server of gRPC over TLS that answers as a test wants, rightly or not; and an identity service of the same kind. */
import { createServer, type IncomingMessage, type Server as HttpServer } from 'node:http'
import { Metadata, type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall } from '@grpc/grpc-js'
import type { AddressInfo } from 'node:net'
import { selfSigned } from '@keywitness/server/testing/self-signed'

export interface Asked {
  readonly method: string
  readonly metadata: Metadata
  readonly message: Buffer
  readonly call: ServerUnaryCall<Buffer, Buffer>
}

interface Answer {
  readonly message?: Uint8Array
  readonly code?: number
  readonly details?: string
  /** Values of `grpc-status-details-bin`. */
  readonly trailers?: readonly Uint8Array[]
}

export type Respond = (asked: Asked) => Answer | Promise<Answer>

const paths = [
  ...['GenerateRandom', 'SignSingle', 'GetMechanismList', 'Login'].map((name) => `/grep11.Crypto/${name}`),
  ...['CreateKeystore', 'StoreNewKey', 'ListKeysByIds'].map((name) => `/grep11.Keystore/${name}`),
]

export class OddServer {
  readonly ca: string
  readonly tls: ReturnType<typeof selfSigned>
  readonly asked: Asked[] = []
  respond: Respond = () => ({})
  readonly #server: Server
  #port = 0

  /** @param tls of an earlier one, to come back as the same */
  constructor(tls: ReturnType<typeof selfSigned> = selfSigned('localhost')) {
    this.tls = tls
    this.ca = tls.cert
    this.#server = new Server()
    const asItIs = (bytes: Buffer): Buffer => bytes
    const handle = (method: string) => (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
      const asked = { method, metadata: call.metadata, message: Buffer.from(call.request), call }
      this.asked.push(asked)
      void Promise.resolve(this.respond(asked)).then((answer) => send(answer, done))
    }
    for (const path of paths) {
      this.#server.register(path, handle(path.split('/').at(-1) ?? ''), asItIs, asItIs, 'unary')
    }
  }

  get address(): string {
    return `localhost:${this.#port}`
  }

  /** @param clients PEM of the authority that clients must have a certificate of; none is asked for without */
  async listen(port = 0, clients?: string): Promise<this> {
    const pair = { private_key: Buffer.from(this.tls.key), cert_chain: Buffer.from(this.tls.cert) }
    const authority = clients === undefined ? null : Buffer.from(clients)
    const secured = ServerCredentials.createSsl(authority, [pair], authority !== null)
    this.#port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(`localhost:${port}`, secured, (error, bound) => (error ? reject(error) : resolve(bound)))
    })
    return this
  }

  get port(): number {
    return this.#port
  }

  /** Breaks every connection off. */
  stop(): void {
    this.#server.forceShutdown()
  }
}

function send({ message, code, details, trailers }: Answer, done: sendUnaryData<Buffer>): void {
  if (code === undefined) {
    done(null, Buffer.from(message ?? []))
    return
  }
  const metadata = new Metadata()
  for (const value of trailers ?? []) metadata.add('grpc-status-details-bin', Buffer.from(value))
  done({ code, details: details ?? '', metadata })
}

export interface TokenAnswer {
  readonly code?: number
  readonly body?: string
}

/** Answers each request for a token as it is told; remembers the bodies. */
export class OddIdentity {
  readonly bodies: string[] = []
  readonly paths: string[] = []
  respond: (count: number) => TokenAnswer | Promise<TokenAnswer> = (count) => ({ body: tokenAnswer(`token-${count}`) })
  readonly #server: HttpServer

  constructor() {
    this.#server = createServer((request, response) => {
      void bodyOf(request).then(async (body) => {
        this.paths.push(request.url ?? '')
        const { code = 200, body: text = '' } = await this.respond(this.bodies.push(body))
        response.writeHead(code, { 'content-type': 'application/json' }).end(text)
      })
    })
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

/** As IAM answers. */
export function tokenAnswer(token: string, expiresIn = 3_600): string {
  return JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: expiresIn })
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString()
}
