/** A plain client for tests: signs in with an API key, calls any route, keeps what it was answered. */
import type { ActivityEvent } from '@keywitness/cadf'

export interface Reply<Body = unknown> {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body parsed as JSON; undefined when it is not JSON. */
  readonly json: Body
  /** The event that witnesses this answer. */
  readonly eventId: string | undefined
}

export interface CallOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

export interface FoundEvent {
  readonly index: number
  readonly event: ActivityEvent
  readonly leafHash: string
}

export class Client {
  readonly url: string
  readonly #instance: string
  readonly #location: string
  readonly #apiKey: string
  #token = ''

  constructor(product: { url: string; apiKey: string; instance: string; location: string }) {
    this.url = product.url
    this.#instance = product.instance
    this.#location = product.location
    this.#apiKey = product.apiKey
  }

  get token(): string {
    return this.#token
  }

  async signIn(): Promise<this> {
    const body = new URLSearchParams({ grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: this.#apiKey })
    const answer = await fetch(`${this.url}/identity/token`, { method: 'POST', body })
    if (answer.status !== 200) throw new Error(`no token: ${answer.status} ${await answer.text()}`)
    this.#token = ((await answer.json()) as { access_token: string }).access_token
    return this
  }

  /** One request. A body that is no string or bytes is sent as JSON. */
  async call<Body = unknown>(method: string, path: string, options: CallOptions = {}): Promise<Reply<Body>> {
    const { body } = options
    const isRaw = typeof body === 'string' || body instanceof Uint8Array
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        'bluemix-instance': this.#instance,
        ...(body === undefined || isRaw ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { body: isRaw ? (body as string) : JSON.stringify(body) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })
    const text = await answer.text()
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch {
      json = undefined
    }
    const eventId = answer.headers.get('keywitness-event-id') ?? undefined
    return { status: answer.status, headers: answer.headers, text, json: json as Body, eventId }
  }

  /** The bytes of a file of the log. */
  async bytes(path: string): Promise<Uint8Array> {
    const answer = await fetch(`${this.url}${path}`, { headers: { authorization: `Bearer ${this.#token}` } })
    if (answer.status !== 200) throw new Error(`no ${path}: ${answer.status} ${await answer.text()}`)
    return new Uint8Array(await answer.arrayBuffer())
  }

  /** @param options of the key; and the instance it is made in, the product's own by default */
  async createKey(
    name: string,
    {
      instance = this.#instance,
      ...options
    }: { extractable?: boolean; payload?: string; aliases?: readonly string[]; instance?: string } = {},
  ): Promise<string> {
    const resource = { type: 'application/vnd.ibm.kms.key+json', name, extractable: false, ...options }
    const metadata = { collectionType: 'application/vnd.ibm.kms.key+json', collectionTotal: 1 }
    const reply = await this.call<{ resources: { id: string }[] }>('POST', '/api/v2/keys', {
      headers: { 'bluemix-instance': instance },
      body: { metadata, resources: [resource] },
    })
    const id = reply.json?.resources?.[0]?.id
    if (reply.status !== 201 || id === undefined) throw new Error(`no key: ${reply.status} ${reply.text}`)
    return id
  }

  /** Every event of the trail, oldest first. Each page of this search is an event of its own, not in its answer. */
  async events(query = ''): Promise<FoundEvent[]> {
    const found: FoundEvent[] = []
    let cursor: string | null = null
    do {
      const page: Reply<{ events: FoundEvent[]; next: string | null }> = await this.call(
        'GET',
        `/v1/trackers/${this.#location}/events?order=asc&limit=1000${query === '' ? '' : `&${query}`}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      )
      if (page.status !== 200) throw new Error(`no events: ${page.status} ${page.text}`)
      found.push(...page.json.events)
      cursor = page.json.next
    } while (cursor !== null)
    return found
  }

  /** The event of an answer, once it is in the trail. */
  async event(id: string | undefined): Promise<ActivityEvent> {
    const deadline = performance.now() + 10_000
    while (performance.now() < deadline) {
      const reply = await this.call<{ event: ActivityEvent }>('GET', `/v1/trackers/${this.#location}/events/${id}`)
      if (reply.status === 200) return reply.json.event
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    throw new Error(`event ${id} did not arrive in the trail`)
  }

  /** The receipt of an event, once it is covered. */
  async receipt(id: string): Promise<string> {
    const reply = await this.call('GET', `/v1/trackers/${this.#location}/events/${id}/receipt?wait=10`)
    if (reply.status !== 200) throw new Error(`event ${id} was not covered in time: ${reply.status} ${reply.text}`)
    return reply.text
  }
}
