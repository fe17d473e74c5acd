/** Requests to the published API: token, deadlines, bounded answers, refusals as one line. */
import { CliError } from './cli-error.ts'
import { printable } from './printable.ts'

/** How long one request may take, in milliseconds. */
const requestMs = 30_000

/** The largest JSON or text answer taken, in bytes. */
const answerBytesMax = 64 * 1024 * 1024

/** Tries of a request that may be repeated, the first included. */
const triesMax = 5

/** The longest pause between two tries, in milliseconds. */
const pauseMsMax = 5_000

export interface ApiClientOptions {
  readonly base: URL
  readonly apiKey: string
  /** What the client calls itself; stands in the events it causes. */
  readonly agent: string
  readonly fetch: typeof globalThis.fetch
  readonly signal: AbortSignal
  wait(ms: number): Promise<void>
}

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly query?: Readonly<Record<string, string | number | readonly string[] | undefined>>
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  /** JSON that is sent as it is, byte for byte: what was signed. */
  readonly body?: string
  /** Largest answer taken, in bytes. */
  readonly bytesMax?: number
  /** The answer is a stream without end: instead of the deadline, this ends it. */
  readonly stream?: AbortSignal
}

/** A refusal by the server, with what a caller may react to. */
export class Refused extends CliError {
  readonly status: number
  /** The server's stable code, where it gave one. */
  readonly reason: string
  /** What the server asked to wait before another try. */
  readonly retryAfterMs: number | undefined

  constructor(status: number, reason: string, message: string, advice?: string, retryAfterMs?: number) {
    super('REFUSED', message, advice)
    this.status = status
    this.reason = reason
    this.retryAfterMs = retryAfterMs
  }
}

export class ApiClient {
  readonly #options: ApiClientOptions
  #token: Promise<string> | undefined

  constructor(options: ApiClientOptions) {
    this.#options = options
  }

  /** Scheme, host and port of the server. */
  get origin(): string {
    return this.#options.base.origin
  }

  /** The access token, fetched when it is first needed. */
  token(): Promise<string> {
    return (this.#token ??= this.#signIn())
  }

  /** A JSON answer. */
  async json(path: string, options: RequestOptions = {}): Promise<unknown> {
    return this.#parsed(path, await this.text(path, options))
  }

  /** A JSON answer, with when it was given: RFC 3339, by the server's clock. */
  async dated(path: string, options: RequestOptions = {}): Promise<{ readonly body: unknown; readonly at: string }> {
    const response = await this.open(path, options)
    const bytes = await this.#body(response, options.bytesMax ?? answerBytesMax)
    const at = Date.parse(response.headers.get('date') ?? '')
    if (Number.isNaN(at)) throw new CliError('BAD_ANSWER', `the answer of ${this.origin}${path} has no date`)
    return { body: this.#parsed(path, this.#decoded(path, bytes)), at: new Date(at).toISOString() }
  }

  /** A text answer. */
  async text(path: string, options: RequestOptions = {}): Promise<string> {
    return this.#decoded(path, await this.bytes(path, options))
  }

  #parsed(path: string, text: string): unknown {
    try {
      return text === '' ? undefined : JSON.parse(text)
    } catch {
      throw new CliError('BAD_ANSWER', `the answer of ${this.origin}${path} is not JSON`)
    }
  }

  #decoded(path: string, bytes: Uint8Array): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      throw new CliError('BAD_ANSWER', `the answer of ${this.origin}${path} is not UTF-8`)
    }
  }

  /** The bytes of an answer. */
  async bytes(path: string, options: RequestOptions = {}): Promise<Uint8Array> {
    const response = await this.open(path, options)
    return this.#body(response, options.bytesMax ?? answerBytesMax)
  }

  /**
   * A request that is tried again, with growing pauses, while the server is busy or out of reach.
   *
   * @throws what the last try threw
   */
  async patiently<T>(request: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await request()
      } catch (error) {
        const isPassing =
          error instanceof Refused ? [429, 502, 503, 504].includes(error.status) : isCode(error, 'UNREACHABLE')
        if (!isPassing || tries >= triesMax) throw error
        const asked = error instanceof Refused ? error.retryAfterMs : undefined
        await this.#options.wait(Math.min(pauseMsMax, asked ?? 200 * 2 ** tries))
      }
    }
  }

  /** An answer that was not refused, its body unread. */
  async open(path: string, options: RequestOptions = {}): Promise<Response> {
    const isOld = this.#token !== undefined
    let response = await this.#sendSigned(path, options)
    if (response.status === 401 && isOld) {
      // Tokens live for an hour; some commands take longer.
      await response.body?.cancel()
      this.#token = undefined
      response = await this.#sendSigned(path, options)
    }
    if (response.ok) return response
    throw await this.#refusal(response)
  }

  async #sendSigned(path: string, options: RequestOptions): Promise<Response> {
    return this.#send(path, options, { authorization: `Bearer ${await this.token()}` })
  }

  /** Without credentials: what anybody may ask. Refusals are answers here. */
  async probe(path: string): Promise<{ status: number; text: string }> {
    const response = await this.#send(path, {}, {})
    return { status: response.status, text: new TextDecoder().decode(await this.#body(response, 65_536)) }
  }

  async #signIn(): Promise<string> {
    const body = new URLSearchParams({
      grant_type: 'urn:ibm:params:oauth:grant-type:apikey',
      apikey: this.#options.apiKey,
    })
    const response = await this.#send('/identity/token', { method: 'POST' }, {}, body)
    if (!response.ok) throw await this.#refusal(response)
    const answer = await this.#body(response, 65_536)
    const token = memberOf(parsedOrUndefined(new TextDecoder().decode(answer)), 'access_token')
    if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) return token
    throw new CliError('BAD_ANSWER', `${this.origin} gave no token`, 'check that this is the address of a Keywitness')
  }

  async #send(
    path: string,
    options: RequestOptions,
    credentials: Record<string, string>,
    form?: URLSearchParams,
  ): Promise<Response> {
    const { base, agent, fetch, signal } = this.#options
    const url = new URL(path, base)
    for (const [name, value] of Object.entries(options.query ?? {})) {
      for (const one of Array.isArray(value) ? value : [value]) {
        if (one !== undefined) url.searchParams.append(name, String(one))
      }
    }
    const body = options.body ?? (options.json === undefined ? undefined : JSON.stringify(options.json))
    try {
      return await fetch(url, {
        method: options.method ?? 'GET',
        headers: {
          'user-agent': agent,
          ...(body !== undefined ? { 'content-type': 'application/json' } : {}),
          ...options.headers,
          ...credentials,
        },
        body: form ?? body ?? null,
        // A redirect could carry the token elsewhere.
        redirect: 'error',
        signal: AbortSignal.any([signal, options.stream ?? AbortSignal.timeout(requestMs)]),
      })
    } catch (error) {
      throw this.#unreachable(error)
    }
  }

  async #body(response: Response, bytesMax: number): Promise<Uint8Array> {
    const chunks: Uint8Array[] = []
    let bytes = 0
    try {
      for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
        bytes += chunk.length
        if (bytes > bytesMax) throw new CliError('BAD_ANSWER', `an answer of ${this.origin} is over ${bytesMax} bytes`)
        chunks.push(chunk)
      }
    } catch (error) {
      throw this.#unreachable(error)
    }
    return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : new Uint8Array(Buffer.concat(chunks))
  }

  #unreachable(error: unknown): unknown {
    if (error instanceof CliError) return error
    if (this.#options.signal.aborted) return new CliError('INTERRUPTED', 'interrupted')
    const { name, cause } = error as Error & { cause?: { code?: string; message?: string } }
    const why = name === 'TimeoutError' ? `no answer in ${requestMs / 1000} s` : (cause?.code ?? cause?.message ?? name)
    return new CliError(
      'UNREACHABLE',
      `cannot reach ${this.origin}: ${why}`,
      'check that the server runs and the address',
    )
  }

  /** A refusal in any of the server's forms: RFC 9457, the key service's envelope, the token issuer's. */
  async #refusal(response: Response): Promise<Refused> {
    const { status, headers } = response
    const body = parsedOrUndefined(new TextDecoder().decode(await this.#body(response, 1_000_000)))
    const resource = itemOf(memberOf(body, 'resources'))
    const reason = itemOf(memberOf(resource, 'reasons'))
    const candidates = [
      [memberOf(body, 'detail') ?? memberOf(body, 'title'), memberOf(body, 'code')],
      [memberOf(reason, 'message'), memberOf(reason, 'code')],
      [memberOf(resource, 'errorMsg'), undefined],
      [memberOf(body, 'errorMessage'), memberOf(body, 'errorCode')],
    ]
    const found = candidates.find(([message]) => typeof message === 'string' && message !== '')
    const place = memberOf(memberOf(body, 'at'), 'name')
    const said = typeof found?.[0] === 'string' ? printable(found[0]) : `status ${status}`
    const message = typeof place === 'string' ? withPlace(said, printable(place)) : said
    // Key Protect's form of a 401 has no code: our own header tells an ended session from a missing right.
    const given = found?.[1] ?? headers.get('keywitness-reason')
    const code = typeof given === 'string' ? printable(given) : ''
    const event = headers.get('keywitness-event-id')
    const witnessed = event === null ? '' : `, witnessed by event ${printable(event)}`
    const after = Number(headers.get('retry-after') ?? Number.NaN)
    return new Refused(
      status,
      code,
      `refused by ${this.origin}: ${message} (${code === '' ? status : `${status} ${code}`}${witnessed})`,
      adviceFor(status, code),
      Number.isFinite(after) && after >= 0 ? after * 1000 : undefined,
    )
  }
}

/** The member or parameter at fault, unless the message names it. */
function withPlace(message: string, place: string): string {
  const isNamed = message.split(/[^\w.-]+/).includes(place)
  return isNamed ? message : `${message.replace(/\.$/, '')}: ${place}.`
}

function adviceFor(status: number, code: string): string | undefined {
  if (code === 'UNIT_UNAVAILABLE') return 'keywitness tke cryptounits shows the crypto units and their master keys'
  if (code === 'KEYSTORE_OVER_EP11_ONLY') {
    return 'reach them over gRPC with a client certificate; no role opens this way while clients need one'
  }
  if (status === 400) return undefined
  if (code === 'UNAUTHORIZED_ERR') {
    return 'the API key is valid, but may not do this, or not from here; ask an administrator for a role that may'
  }
  if (status === 401) return 'check the API key'
  if (status === 403) return 'ask an administrator for a role that may do this'
  if (status === 404) return 'check id and location'
  return status === 429 || status >= 500 ? 'try again later' : undefined
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof CliError && error.code === code
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A member of an object that came from outside; undefined when it is no object or has none. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Record<string, unknown>)[name]
}

function itemOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined
}
