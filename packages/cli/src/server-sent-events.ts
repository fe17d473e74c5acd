/** Server-sent events of a response body (WHATWG HTML, "Server-sent events"), as far as a tail needs them. */
import { CliError } from './cli-error.ts'

/** The largest event taken, in characters: 500 entries of the largest size there is, with room. */
const eventLengthMax = 64 * 1024 * 1024

export interface ServerSentEvent {
  /** The event's type; `message` when it has none. */
  readonly type: string
  readonly data: string
  /** The last event id so far. */
  readonly id: string | undefined
}

/**
 * Reads events until the stream ends. `alive` is called whenever anything comes, comments included.
 *
 * @throws CliError `BAD_ANSWER` for an event beyond the bound; what the stream throws
 */
export async function* serverSentEvents(
  body: AsyncIterable<Uint8Array>,
  alive: () => void = () => undefined,
): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder('utf-8')
  let rest = ''
  let type = ''
  let data: string[] = []
  let length = 0
  let id: string | undefined
  for await (const chunk of body) {
    alive()
    rest += decoder.decode(chunk, { stream: true })
    length += chunk.length
    if (length > eventLengthMax) throw new CliError('BAD_ANSWER', 'an event of the tail is too large')
    const lines = rest.split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield { type: type === '' ? 'message' : type, data: data.join('\n'), id }
        type = ''
        data = []
        length = rest.length
        continue
      }
      const colon = line.indexOf(':')
      const field = colon < 0 ? line : line.slice(0, colon)
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (field === 'data') data.push(value)
      else if (field === 'event') type = value
      else if (field === 'id' && !value.includes('\0')) id = value
    }
  }
}
