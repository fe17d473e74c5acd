/** gRPC over HTTP/2 without a library that keeps to its rules: for what no decent client sends. */
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type OutgoingHttpHeaders } from 'node:http2'
import { once } from 'node:events'

export interface RawEnd {
  /** HTTP status; undefined when the stream ended without headers. */
  readonly http: number | undefined
  /** gRPC status; undefined without one. */
  readonly status: number | undefined
  /** HTTP/2 error code that the stream was closed with. */
  readonly rstCode: number
  /** Headers and trailers that were answered. */
  readonly fields: Readonly<Record<string, unknown>>
}

export async function openSession(port: number, ca: Buffer): Promise<ClientHttp2Session> {
  const session = connect(`https://localhost:${port}`, { ca })
  // What a server does to whoever is not decent.
  session.on('error', () => undefined)
  await once(session, 'connect')
  return session
}

export function openStream(
  session: ClientHttp2Session,
  token: string,
  path: string,
  headers: OutgoingHttpHeaders = {},
): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc+proto',
    te: 'trailers',
    authorization: `Bearer ${token}`,
    ...headers,
  })
  stream.on('error', () => undefined)
  return stream
}

/** A message with its prefix; `length` in place of the true one. */
export function framed(message: Buffer, { length = message.length, isCompressed = false } = {}): Buffer {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt8(isCompressed ? 1 : 0)
  prefix.writeUInt32BE(length, 1)
  return Buffer.concat([prefix, message])
}

/** How the server ends the stream; what it answers is read over. */
export async function endOf(stream: ClientHttp2Stream): Promise<RawEnd> {
  let http: number | undefined
  let status: number | undefined
  let fields: Readonly<Record<string, unknown>> = {}
  const read = (headers: Readonly<Record<string, unknown>>): void => {
    fields = { ...fields, ...headers }
    if (headers['grpc-status'] !== undefined) status = Number(headers['grpc-status'])
  }
  stream.on('response', (headers) => {
    http = headers[':status']
    read(headers)
  })
  stream.on('trailers', read)
  stream.resume()
  if (stream.closed) return { http, status, rstCode: stream.rstCode, fields }
  // The server may be done with a stream that its client has not ended.
  await new Promise<void>((resolve) => {
    stream.on('end', resolve)
    stream.on('close', resolve)
  })
  return { http, status, rstCode: stream.rstCode, fields }
}
