/** One call of EP11 over gRPC, made by hand: GenerateRandom for a single byte, the least that can be asked (reference grep11). */
import { connect, constants, type IncomingHttpHeaders } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import { CliError } from '../cli-error.ts'
import type { Surroundings } from '../surroundings.ts'

/** How long an answer may take, milliseconds, and how long its message may be. */
const waitMs = 10_000
const messageCharsMax = 512

const path = '/grep11.Crypto/GenerateRandom'
/** A frame of gRPC: not compressed, two bytes: `len: 1`. */
const question = Buffer.from('00000000020801', 'hex')

export interface CallWish {
  /** What HTTP/2 calls the server: `host:port`. */
  readonly authority: string
  readonly token: string
  readonly instance: string
}

/** How a call ended. */
export interface Ended {
  /** Status of gRPC; 0 is an answer. */
  readonly status: number
  /** The server's own words; empty for an answer. */
  readonly message: string
  /** Of PKCS #11, by its name; undefined where the server does not tell one. */
  readonly returnValue: string | undefined
  /** The event that witnesses it, where it was recorded. */
  readonly eventId: string | undefined
}

/** @throws CliError `UNREACHABLE`, `BAD_ANSWER`, `INTERRUPTED` */
export function callEp11(
  io: Surroundings,
  socket: TLSSocket,
  { authority, token, instance }: CallWish,
): Promise<Ended> {
  if (socket.alpnProtocol !== 'h2') {
    throw new CliError('BAD_ANSWER', 'the listener does not speak HTTP/2', 'check that this is the address of EP11')
  }
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.any([io.signal, AbortSignal.timeout(waitMs)])
    const session = connect(`https://${authority}`, { createConnection: () => socket })
    const headers: IncomingHttpHeaders[] = []
    const stop = (why: CliError): void => {
      session.destroy()
      reject(why)
    }
    const lost = (error?: NodeJS.ErrnoException): void => {
      if (io.signal.aborted) return stop(new CliError('INTERRUPTED', 'interrupted'))
      const why = signal.aborted ? `no answer in ${waitMs / 1000} s` : (error?.code ?? 'the connection was closed')
      stop(new CliError('UNREACHABLE', `EP11 gave this client no answer: ${why}`, 'the server ended it without a word'))
    }
    session.on('error', lost)
    const stream = session.request(
      {
        [constants.HTTP2_HEADER_METHOD]: 'POST',
        [constants.HTTP2_HEADER_PATH]: path,
        [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
        te: 'trailers',
        authorization: `Bearer ${token}`,
        'bluemix-instance': instance,
      },
      { signal },
    )
    stream.on('response', (first) => headers.push(first))
    stream.on('trailers', (last) => headers.push(last as IncomingHttpHeaders))
    stream.on('error', lost)
    stream.on('data', () => undefined)
    stream.on('end', () => {
      if (headers.length === 0) return lost()
      session.close()
      const ended = endedIn(headers)
      if (ended === undefined) stop(new CliError('BAD_ANSWER', 'the answer is not gRPC', 'check the address'))
      else resolve(ended)
    })
    stream.on('close', () => {
      if (headers.length === 0) lost()
    })
    stream.end(question)
  })
}

/** From headers and trailers alike: a refused call may have headers alone. */
function endedIn(headers: readonly IncomingHttpHeaders[]): Ended | undefined {
  const find = (name: string): string | undefined => {
    const value = headers.map((one) => one[name]).find((one) => one !== undefined)
    return Array.isArray(value) ? value[0] : value
  }
  const status = find('grpc-status')
  if (status === undefined || !/^\d{1,2}$/.test(status)) return undefined
  const message = status === '0' ? '' : decoded(find('grpc-message') ?? '').slice(0, messageCharsMax)
  return {
    status: Number(status),
    message,
    returnValue: status === '0' ? 'CKR_OK' : /^CKR_[A-Z0-9_]{1,64}(?=: )/.exec(message)?.[0],
    eventId: find('keywitness-event-id'),
  }
}

/** Percent-encoded UTF-8 (gRPC over HTTP/2); what is not stays as it came. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
