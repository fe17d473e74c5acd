/** One attempt to deliver a message: resolve, check every address, connect to a checked one, send, read the status. */
import { lookup } from 'node:dns/promises'
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { AddressRule } from './addresses.ts'
import { outboundLimits } from './limits.ts'
import { literalAddress } from './target-url.ts'

/** Why an attempt failed: a code of ours, never the receiver's text. */
export type Problem =
  | 'ADDRESS_REFUSED'
  | 'NAME_NOT_FOUND'
  | 'NO_CONNECTION'
  | 'TLS'
  | 'TIMEOUT'
  | 'REDIRECT'
  | 'GONE'
  | `STATUS_${number}`
  | 'BAD_ANSWER'
  | `SMTP_${number}`
  /** The server wants other credentials, or some. */
  | 'AUTH'
  /** What is stored of the target, or in the queue, cannot be read. */
  | 'BAD_SETTINGS'
  | 'BAD_MESSAGE'
  | 'STOPPED'

export type Outcome =
  | { readonly delivered: true }
  | {
      readonly delivered: false
      readonly problem: Problem
      /** The receiver asked for this pause, milliseconds. */
      readonly pauseMs?: number
      /** The receiver wants no more of it. */
      readonly isFinal?: boolean
    }

export interface Parcel {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface AttemptParts {
  readonly addresses: AddressRule
  /** Every address of a name. */
  readonly resolve: (name: string) => Promise<readonly string[]>
  readonly attemptMs: number
  /** Certificate authorities to trust, PEM; the runtime's own when undefined. */
  readonly ca?: string | undefined
}

/** What an attempt cannot do any further; becomes its outcome. */
export class Failed extends Error {
  readonly problem: Problem
  constructor(problem: Problem, cause?: unknown) {
    super(problem, { cause })
    this.name = 'Failed'
    this.problem = problem
  }
}

/**
 * Looks names up as the system does, a few at once: each look-up that hangs holds a thread the whole process shares.
 * One more than that waits; who waits gives up by his own time.
 */
export function systemResolver(
  atOnce: number = outboundLimits.lookups,
  look: AttemptParts['resolve'] = systemLookup,
): AttemptParts['resolve'] {
  const usual = lane(atOnce)
  const slow = lane(1)
  /** Names whose last look-up failed, or took long: they wait for each other, and nobody else for them. */
  const troublesome = new Set<string>()
  return async (name) => {
    const end = await (troublesome.has(name) ? slow : usual)()
    const began = performance.now()
    let isGood = false
    try {
      const found = await look(name)
      isGood = performance.now() - began < outboundLimits.slowLookupMs
      return found
    } finally {
      if (isGood) troublesome.delete(name)
      else if (troublesome.size < outboundLimits.troublesomeNames) troublesome.add(name)
      end()
    }
  }
}

const systemLookup: AttemptParts['resolve'] = async (name) =>
  (await lookup(name, { all: true, verbatim: true })).map(({ address }) => address)

/** Lets so many in at once; each says when it ends. */
function lane(atOnce: number): () => Promise<() => void> {
  let free = atOnce
  const waiting: (() => void)[] = []
  const end = (): void => {
    // Whoever waits is handed the place of the one that ends.
    const next = waiting.shift()
    if (next === undefined) free += 1
    else next()
  }
  return async () => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve))
    else free -= 1
    return end
  }
}

/** Sends once. Never throws, and ends within `attemptMs` whatever the other side does. */
export function attempt(parcel: Parcel, parts: AttemptParts, stopped: AbortSignal): Promise<Outcome> {
  return bounded(parts.attemptMs, stopped, async (ended) => {
    const address = await untilEnded(checkedAddress(parcel.url, parts), ended)
    return outcomeOf(await send(parcel, address, parts, ended))
  })
}

/**
 * One attempt of any kind: what `work` throws becomes its outcome, and so does the end of its time.
 * @param work lets go of everything when its signal says so
 */
export async function bounded(
  attemptMs: number,
  stopped: AbortSignal,
  work: (ended: AbortSignal) => Promise<Outcome>,
): Promise<Outcome> {
  const late = AbortSignal.timeout(attemptMs)
  const ended = AbortSignal.any([late, stopped])
  try {
    return await untilEnded(work(ended), ended)
  } catch (error) {
    if (stopped.aborted) return { delivered: false, problem: 'STOPPED' }
    if (late.aborted) return { delivered: false, problem: 'TIMEOUT' }
    return { delivered: false, problem: error instanceof Failed ? error.problem : 'NO_CONNECTION' }
  }
}

/** The address to connect to: the first of those that are checked. */
async function checkedAddress(url: URL, parts: AttemptParts): Promise<string> {
  return (await checkedAddresses(url, parts))[0]
}

/**
 * The addresses that may be connected to. Every address of the name must be allowed: otherwise a name with a good and a
 * bad one would be let through by chance.
 */
export async function checkedAddresses(
  url: URL,
  { addresses, resolve }: AttemptParts,
): Promise<readonly [string, ...string[]]> {
  const literal = literalAddress(url)
  let found: readonly string[]
  try {
    found = literal === undefined ? await resolve(url.hostname) : [literal]
  } catch (error) {
    throw new Failed('NAME_NOT_FOUND', error)
  }
  const [first, ...others] = found
  if (first === undefined) throw new Failed('NAME_NOT_FOUND')
  for (const address of found) {
    const judged = addresses.judge(address)
    if (judged === 'refused' || (judged === 'public' && url.protocol !== 'https:')) throw new Failed('ADDRESS_REFUSED')
  }
  return [first, ...others]
}

interface Head {
  readonly status: number
  readonly retryAfter: string | undefined
}

/** Posts to the checked address itself: the name is not looked up a second time. Redirects are not followed. */
function send(parcel: Parcel, address: string, parts: AttemptParts, signal: AbortSignal): Promise<Head> {
  const { url, body } = parcel
  const isSecure = url.protocol === 'https:'
  const options: RequestOptions & { servername?: string; ca?: string } = {
    method: 'POST',
    host: address,
    port: url.port === '' ? (isSecure ? 443 : 80) : Number(url.port),
    path: `${url.pathname}${url.search}`,
    headers: { ...parcel.headers, host: url.host, 'content-length': Buffer.byteLength(body), connection: 'close' },
    agent: false,
    maxHeaderSize: outboundLimits.answerHeaderBytes,
    signal,
    // The certificate must be the name's, not the address's.
    ...(isSecure && literalAddress(url) === undefined ? { servername: url.hostname } : {}),
    ...(parts.ca === undefined ? {} : { ca: parts.ca }),
  }
  return new Promise((resolve, reject) => {
    const request = isSecure ? httpsRequest(options) : httpRequest(options)
    request.on('error', (error) => reject(new Failed(problemOf(error), error)))
    request.on('response', (response) => {
      const head: Head = { status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] }
      // The status is the answer. What follows is thrown away, within bounds, so that the receiver sees it read.
      discard(response, () => {
        request.destroy()
        resolve(head)
      })
    })
    request.end(body)
  })
}

function discard(response: IncomingMessage, ended: () => void): void {
  let bytes = 0
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > outboundLimits.answerBytes) response.destroy()
  })
  response.on('error', () => undefined)
  response.on('close', ended)
}

function outcomeOf({ status, retryAfter }: Head): Outcome {
  if (status >= 200 && status < 300) return { delivered: true }
  if (status >= 300 && status < 400) return { delivered: false, problem: 'REDIRECT' }
  // Standard Webhooks: 410 says that the receiver wants no more of these.
  if (status === 410) return { delivered: false, problem: 'GONE', isFinal: true }
  const seconds = /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) : 0
  const pause = status === 429 || status === 503 ? seconds * 1_000 : 0
  return { delivered: false, problem: `STATUS_${status}`, ...(pause > 0 ? { pauseMs: pause } : {}) }
}

export function problemOf(error: Error & { code?: string }): Problem {
  const code = error.code ?? ''
  if (code.startsWith('HPE_')) return 'BAD_ANSWER'
  if (/^ERR_TLS|^ERR_SSL|CERT|SIGNED|UNABLE_TO|^EPROTO$/.test(code)) return 'TLS'
  return 'NO_CONNECTION'
}

export async function untilEnded<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const ended = Promise.withResolvers<never>()
  const end = (): void => ended.reject(signal.reason)
  signal.addEventListener('abort', end, { once: true })
  try {
    return await Promise.race([work, ended.promise])
  } finally {
    signal.removeEventListener('abort', end)
  }
}
