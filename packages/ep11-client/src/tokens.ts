/** Bearer tokens: one that was given, one from a function, or those that an API key gets, renewed before they expire. */
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { ownError } from './failure.ts'
import { Ep11Error } from './ep11-error.ts'

export interface Tokens {
  /** @throws Ep11Error when the identity service refuses, fails or is not reached, and what `signal` was aborted with */
  current(signal: AbortSignal): Promise<string>
  /** Told of a token that the service did not take. Whether another one may be had. */
  refused(token: string): boolean
}

/** Access tokens are JSON Web Tokens, and fit into the metadata of a call. */
const tokenPattern = /^[\w.~+/=-]{1,12000}$/

/** @throws TypeError when it is no token; its text does not repeat it */
export function givenToken(token: string | (() => string | Promise<string>)): Tokens {
  if (typeof token === 'string') {
    const checked = plainToken(token)
    return { current: () => Promise.resolve(checked), refused: () => false }
  }
  return { current: async () => plainToken(await token()), refused: () => false }
}

function plainToken(token: string): string {
  const plain = token.replace(/^Bearer +/i, '')
  if (!tokenPattern.test(plain)) throw new TypeError('The token is none: it has characters that no token has.')
  return plain
}

export interface ApiKeyOptions {
  readonly apiKey: string
  /** Where `/identity/token` is. */
  readonly identityUrl: string
  /** PEM of the authorities that the identity service's certificate may come from; Node's own without. */
  readonly identityCa?: string | Uint8Array | undefined
  /** Monotonic milliseconds. */
  readonly now: () => number
}

interface Held {
  readonly token: string
  /** From here on another one is fetched, while this is still used. */
  readonly renewAt: number
  readonly endsAt: number
}

const method = 'identity/token'
const answerBytesMax = 65_536
const waitMs = 10_000
/** A clock of the other side may be a little ahead. */
const marginMs = 10_000
/** So long a refused API key is not sent again, and nothing is renewed ahead of time: each attempt is an event. */
const pauseMs = 5_000

/** @throws TypeError for an API key or an address that cannot be used; its text repeats neither */
export function apiKeyTokens(options: ApiKeyOptions): Tokens {
  const { now } = options
  const url = tokenUrl(options.identityUrl)
  if (!/^[\x21-\x7e]{1,512}$/.test(options.apiKey)) throw new TypeError('The API key is none.')
  let held: Held | undefined
  let fetching: Promise<Held> | undefined
  let failure: { readonly error: Ep11Error; readonly until: number } | undefined

  function fetched(): Promise<Held> {
    fetching ??= renewed().finally(() => (fetching = undefined))
    return fetching
  }

  async function renewed(): Promise<Held> {
    try {
      held = await fetchToken(url, options)
      failure = undefined
      return held
    } catch (error) {
      if (error instanceof Ep11Error) failure = { error, until: now() + pauseMs }
      throw error
    }
  }

  return {
    async current(signal) {
      const at = now()
      if (held !== undefined && at < held.renewAt) return held.token
      const recent = failure !== undefined && at < failure.until ? failure.error : undefined
      if (held !== undefined && at < held.endsAt) {
        // A failure is told to whoever asks once this one has expired.
        if (recent === undefined) void fetched().catch(() => undefined)
        return held.token
      }
      if (recent?.retry === false) throw recent
      return (await unlessAborted(fetched(), signal)).token
    },
    refused(token) {
      if (held?.token === token) held = undefined
      return true
    },
  }
}

/** Others wait for the same token: it is not given up when one of them goes. */
function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function tokenUrl(identityUrl: string): URL {
  // Not by the exception: its text has the address.
  const url = URL.canParse(identityUrl) ? new URL(identityUrl) : undefined
  if (url === undefined || url.username !== '' || url.password !== '') {
    throw new TypeError('identityUrl is no address.')
  }
  const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback)) {
    throw new TypeError('identityUrl is https, or http on this machine: the API key travels there.')
  }
  url.search = ''
  url.hash = ''
  url.pathname = url.pathname.replace(/\/(identity\/token)?\/*$/, '/identity/token')
  return url
}

async function fetchToken(url: URL, options: ApiKeyOptions): Promise<Held> {
  const body = new URLSearchParams({
    grant_type: 'urn:ibm:params:oauth:grant-type:apikey',
    apikey: options.apiKey,
  }).toString()
  const began = options.now()
  const { code, text } = await post(url, body, options)
  if (code !== 200) {
    const retry = code === 429 || code >= 500
    throw ownError(method, retry ? 'CKR_IBM_TRANSPORT_ERROR' : 'CKR_GREP11_NOT_AUTHENTICATED', told(code), retry)
  }
  const answer = tokenIn(text)
  if (answer === undefined) {
    throw ownError(method, 'CKR_GENERAL_ERROR', 'The identity service answered something else than a token.', false)
  }
  const lifeMs = answer.expiresIn * 1_000
  const endsAt = began + Math.max(lifeMs - marginMs, lifeMs / 2)
  return { token: answer.token, renewAt: began + Math.max(lifeMs - 300_000, lifeMs * 0.8), endsAt }
}

const told = (code: number): string =>
  code === 429 || code >= 500
    ? `The identity service failed (${code}).`
    : `The identity service refused the API key (${code}).`

function tokenIn(text: string): { token: string; expiresIn: number } | undefined {
  try {
    const answer = JSON.parse(text) as { access_token?: unknown; expires_in?: unknown }
    const { access_token: token, expires_in: expiresIn } = answer
    if (typeof token !== 'string' || !tokenPattern.test(token)) return undefined
    if (typeof expiresIn !== 'number' || !(expiresIn > 0 && expiresIn <= 86_400 * 30)) return undefined
    return { token, expiresIn }
  } catch {
    return undefined
  }
}

function post(url: URL, body: string, { identityCa }: ApiKeyOptions): Promise<{ code: number; text: string }> {
  return new Promise((resolve, reject) => {
    const failed = (why: string): void =>
      reject(ownError(method, 'CKR_IBM_TRANSPORT_ERROR', `The identity service was not reached (${why}).`, true))
    const request = url.protocol === 'https:' ? requestHttps : requestHttp
    const ca = identityCa === undefined ? {} : { ca: Buffer.from(identityCa) }
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(body),
      accept: 'application/json',
    }
    const asked = request(url, { method: 'POST', headers, ...ca, signal: AbortSignal.timeout(waitMs) }, (answer) => {
      const pieces: Buffer[] = []
      let bytes = 0
      answer.on('data', (piece: Buffer) => {
        bytes += piece.length
        if (bytes > answerBytesMax) asked.destroy()
        else pieces.push(piece)
      })
      answer.on('end', () => resolve({ code: answer.statusCode ?? 0, text: Buffer.concat(pieces).toString() }))
      answer.on('error', () => failed('its answer broke off'))
    })
    asked.on('error', ({ code, name }: NodeJS.ErrnoException) =>
      failed(name === 'AbortError' || name === 'TimeoutError' ? 'no answer in time' : (code ?? 'no connection')),
    )
    asked.end(body)
  })
}
