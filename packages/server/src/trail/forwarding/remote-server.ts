/** Speaking to another server that keeps our events: signing in, and calls about one of its trackers. */
import { type AttemptParts, Failed } from '../../outbound/attempt.ts'
import { exchange, type ExchangeAnswer } from '../../outbound/exchange.ts'
import type { RemotePlace } from '../messages.ts'

/** Why nothing can be delivered, in words for the operator; never the other side's text, which could be anything. */
export class RemoteTrouble extends Error {
  readonly code: string
  /** Of the answer, when that is the trouble. */
  readonly status: number | undefined
  /** The other side asked for this pause, milliseconds. */
  readonly pauseMs: number
  constructor(code: string, message: string, { status, pauseMs = 0 }: { status?: number; pauseMs?: number } = {}) {
    super(message)
    this.name = 'RemoteTrouble'
    this.code = code
    this.status = status
    this.pauseMs = pauseMs
  }
}

/** The place without what is learned from the server itself. */
export type ServerPlace = Omit<RemotePlace, 'account' | 'location' | 'origin'>

/** Longest pause that the other side can ask for, seconds. */
const longestPauseSeconds = 300

/** Bytes of an answer at most. */
const answerBytes = 64 * 1024

export type Network = Omit<AttemptParts, 'ca'>

export class RemoteServer {
  readonly #place: ServerPlace
  readonly #network: Network
  readonly #stopped: AbortSignal
  #token: string | undefined

  constructor(place: ServerPlace, network: Network, stopped: AbortSignal) {
    this.#place = place
    this.#network = network
    this.#stopped = stopped
  }

  /**
   * A call about its tracker; signs in when that was not done yet, or is over.
   * @throws RemoteTrouble, Failed
   */
  async call(method: 'GET' | 'POST', path: string, body?: Uint8Array, type?: string): Promise<ExchangeAnswer> {
    const { url, remoteLocation } = this.#place
    const whole = new URL(`v1/trackers/${encodeURIComponent(remoteLocation)}/${path}`, url)
    const ask = async (token: string): Promise<ExchangeAnswer> => {
      const headers = { authorization: `Bearer ${token}`, ...(type === undefined ? {} : { 'content-type': type }) }
      return await this.#exchange({ method, url: whole, headers, ...(body === undefined ? {} : { body }) })
    }
    const known = this.#token
    const answer = await ask((this.#token ??= await this.#signIn()))
    if (answer.status !== 401) return answer
    this.#token = undefined
    if (known === undefined) return answer
    // A token lasts an hour: that it is over is nothing to fail for.
    const again = await ask(await this.#signIn().then((token) => (this.#token = token)))
    if (again.status === 401) this.#token = undefined
    return again
  }

  async #signIn(): Promise<string> {
    const { url, apiKey } = this.#place
    const form = new URLSearchParams({ grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: apiKey })
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = Buffer.from(form.toString())
    const answer = await this.#exchange({ method: 'POST', url: new URL('identity/token', url), headers, body })
    if (answer.status !== 200) throw refusedBy(answer, 'it does not accept the API key')
    const token = memberOf(answer, 'access_token')
    if (typeof token !== 'string' || token.length > 16_384) throw new RemoteTrouble('BAD_ANSWER', 'it gave no token')
    return token
  }

  async #exchange(asked: Omit<Parameters<typeof exchange>[0], 'answerBytes'>): Promise<ExchangeAnswer> {
    return await exchange({ ...asked, answerBytes }, { ...this.#network, ca: this.#place.ca }, this.#stopped)
  }
}

export function refusedBy({ status, retryAfter }: ExchangeAnswer, what: string): RemoteTrouble {
  const isAsked = (status === 429 || status === 503) && /^\d{1,6}$/.test(retryAfter ?? '')
  const seconds = isAsked ? Math.min(Number(retryAfter), longestPauseSeconds) : 0
  return new RemoteTrouble('REFUSED', `${what} (status ${status})`, { status, pauseMs: seconds * 1_000 })
}

/** A member of an answer's JSON; undefined when there is none. */
export function memberOf({ body }: ExchangeAnswer, name: string): unknown {
  try {
    const value = JSON.parse(body.toString()) as Record<string, unknown> | null
    return value?.[name]
  } catch {
    return undefined
  }
}

/** What went wrong, as a code and in words. */
export function troubleOf(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof Failed) return { code: error.problem, message: wordsOf[error.problem] ?? error.problem }
  if (error instanceof RemoteTrouble) return { code: error.code, message: error.message }
  return { code: 'FAILED', message: (error as Error).message }
}

const wordsOf: Readonly<Record<string, string>> = {
  ADDRESS_REFUSED: 'the server may not send to its address; see KEYWITNESS_OUTBOUND_PRIVATE',
  NAME_NOT_FOUND: 'its name is not found',
  NO_CONNECTION: 'there is no connection',
  TLS: 'its certificate is not trusted, or TLS failed',
  TIMEOUT: 'it does not answer',
  BAD_ANSWER: 'its answer cannot be read',
}
