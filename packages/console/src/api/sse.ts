/** Server-sent events read from a `fetch` body (HTML standard, section 9.2): resumable, bounded, and with the status seen. */

export interface ServerSentEvent {
  /** `message` where the stream named none. */
  readonly type: string
  readonly data: string
  /** The last id the stream has sent, this event's included. */
  readonly lastId: string
}

/** Longest event the console takes in, in characters; a longer one ends the stream instead of filling memory. */
export const eventCharsMax = 16 * 1024 * 1024

/** Cuts text that arrives in pieces into events. */
export class EventStreamParser {
  #rest = ''
  #type = ''
  #data: string[] = []
  #dataChars = 0
  #lastId = ''

  /** @throws RangeError when one event grows over `eventCharsMax` */
  push(text: string): ServerSentEvent[] {
    const events: ServerSentEvent[] = []
    this.#rest += text
    for (;;) {
      const end = this.#rest.search(/[\r\n]/)
      if (end < 0) break
      // A lone CR at the very end may be the first half of CR LF: wait for what follows.
      if (this.#rest[end] === '\r' && end === this.#rest.length - 1) break
      const line = this.#rest.slice(0, end)
      this.#rest = this.#rest.slice(this.#rest.startsWith('\r\n', end) ? end + 2 : end + 1)
      const event = this.#line(line)
      if (event !== undefined) events.push(event)
    }
    if (this.#rest.length + this.#dataChars > eventCharsMax) throw new RangeError('a server-sent event is too long')
    return events
  }

  #line(line: string): ServerSentEvent | undefined {
    if (line === '') return this.#dispatch()
    if (line.startsWith(':')) return undefined
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'event') this.#type = value
    else if (field === 'id' && !value.includes('\0')) this.#lastId = value
    else if (field === 'data') {
      this.#data.push(value)
      this.#dataChars += value.length
    }
    return undefined
  }

  #dispatch(): ServerSentEvent | undefined {
    const hadData = this.#data.length > 0
    const event = {
      type: this.#type === '' ? 'message' : this.#type,
      data: this.#data.join('\n'),
      lastId: this.#lastId,
    }
    this.#type = ''
    this.#data = []
    this.#dataChars = 0
    return hadData ? event : undefined
  }
}

/**
 * The events of a response body, until it ends. Cancels the body when the consumer stops early.
 *
 * @param heard called for every piece that arrives, heartbeats included
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  heard: () => void = () => undefined,
): AsyncGenerator<ServerSentEvent> {
  const parser = new EventStreamParser()
  const decoder = new TextDecoder()
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      heard()
      yield* parser.push(decoder.decode(value, { stream: true }))
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
