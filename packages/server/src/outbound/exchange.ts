/** One request to another server whose answer is wanted: the same checks of addresses and bounds as for messages. */
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { type AttemptParts, checkedAddresses, Failed, problemOf, untilEnded } from './attempt.ts'
import { outboundLimits } from './limits.ts'
import { literalAddress } from './target-url.ts'

export interface Exchange {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** Bytes of the answer's body at most. */
  readonly answerBytes: number
}

export interface ExchangeAnswer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly body: Buffer
}

/** No connection came about, so nothing was sent: another address may be tried. */
class NotConnected extends Failed {}

/** How long an exchange may take whose body has so many bytes, milliseconds. */
export function exchangeMs(attemptMs: number, bytes: number): number {
  return attemptMs + Math.ceil((bytes * 1_000) / outboundLimits.slowestBytesPerSecond)
}

/**
 * Sends a request to a checked address, the next one when there is no connection, and reads the answer: within
 * `attemptMs` and what the body takes. Redirects are not followed.
 * @throws Failed with the problem: never the other side's text
 */
export async function exchange(asked: Exchange, parts: AttemptParts, stopped: AbortSignal): Promise<ExchangeAnswer> {
  const late = AbortSignal.timeout(exchangeMs(parts.attemptMs, asked.body?.length ?? 0))
  const ended = AbortSignal.any([late, stopped])
  try {
    const [first, ...others] = await untilEnded(checkedAddresses(asked.url, parts), ended)
    return await sendToOne(asked, [first, ...others.slice(0, outboundLimits.addresses - 1)], parts, ended)
  } catch (error) {
    if (stopped.aborted) throw new Failed('STOPPED', error)
    if (late.aborted) throw new Failed('TIMEOUT', error)
    throw error instanceof Failed ? error : new Failed('NO_CONNECTION', error)
  }
}

async function sendToOne(
  asked: Exchange,
  [address, ...others]: readonly [string, ...string[]],
  parts: AttemptParts,
  signal: AbortSignal,
): Promise<ExchangeAnswer> {
  const [next, ...rest] = others
  if (next === undefined) return await send(asked, address, parts, signal)
  try {
    return await send(asked, address, parts, signal, outboundLimits.connectMs)
  } catch (error) {
    if (!(error instanceof NotConnected) || signal.aborted) throw error
    return await sendToOne(asked, [next, ...rest], parts, signal)
  }
}

/** @param connectMs how long the address has to connect; undefined when there is no other */
function send(
  asked: Exchange,
  address: string,
  parts: AttemptParts,
  signal: AbortSignal,
  connectMs?: number,
): Promise<ExchangeAnswer> {
  const { url, method, headers, body } = asked
  const isSecure = url.protocol === 'https:'
  const options: RequestOptions & { servername?: string; ca?: string } = {
    method,
    host: address,
    port: url.port === '' ? (isSecure ? 443 : 80) : Number(url.port),
    path: `${url.pathname}${url.search}`,
    headers: {
      ...headers,
      host: url.host,
      connection: 'close',
      ...(body === undefined ? {} : { 'content-length': body.length }),
    },
    agent: false,
    maxHeaderSize: outboundLimits.answerHeaderBytes,
    signal,
    ...(isSecure && literalAddress(url) === undefined ? { servername: url.hostname } : {}),
    ...(parts.ca === undefined ? {} : { ca: parts.ca }),
  }
  return new Promise((resolve, reject) => {
    const request = isSecure ? httpsRequest(options) : httpRequest(options)
    let isConnected = false
    const timer =
      connectMs === undefined ? undefined : setTimeout(() => request.destroy(new Error('not connected')), connectMs)
    request.once('socket', (socket) =>
      socket.once('connect', () => {
        isConnected = true
        clearTimeout(timer)
      }),
    )
    request.on('error', (error) => {
      clearTimeout(timer)
      reject(isConnected ? new Failed(problemOf(error), error) : new NotConnected('NO_CONNECTION', error))
    })
    request.on('response', (response) => {
      collect(response, asked.answerBytes).then(
        (bytes) =>
          resolve({
            status: response.statusCode ?? 0,
            retryAfter: response.headers['retry-after'],
            body: bytes,
          }),
        (error: unknown) => reject(error as Error),
      )
    })
    request.end(body)
  })
}

async function collect(response: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > bytesMax) throw new Failed('BAD_ANSWER')
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof Failed ? error : new Failed('NO_CONNECTION', error)
  }
  return Buffer.concat(chunks)
}
