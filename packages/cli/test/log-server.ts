/** An HTTP server that speaks the published API for one log, for tests of the commands that speak to it. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parsePath, toBase64 } from '@keywitness/tlog'
import type { WitnessedLog } from './witnessed-log.ts'

export const apiKey = 'test-api-key-0123456789'
export const location = 'us-south'

/** A request as the server saw it. */
export interface Seen {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

type Answer = (request: Seen, response: ServerResponse) => void

export class LogServer {
  log: WitnessedLog
  readonly seen: Seen[] = []
  /** Answers that a test puts before the server's own, by `METHOD path`; each is used until it is taken away. */
  readonly instead = new Map<string, Answer>()
  readonly #server: Server

  private constructor(log: WitnessedLog) {
    this.log = log
    this.#server = createServer((request, response) => void this.#take(request, response))
  }

  static async start(log: WitnessedLog): Promise<LogServer> {
    const server = new LogServer(log)
    await new Promise<void>((resolve) => {
      server.#server.listen(0, '127.0.0.1', resolve)
    })
    return server
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => {
      this.#server.close(resolve)
    })
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const url = new URL(request.url ?? '/', 'http://test')
    const seen: Seen = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    }
    this.seen.push(seen)
    const instead = this.instead.get(`${seen.method} ${seen.path}`)
    if (instead !== undefined) instead(seen, response)
    else this.answer(seen, response)
  }

  answer(seen: Seen, response: ServerResponse): void {
    const { method, path, query } = seen
    if (path === '/readyz') return json(response, { ready: true, reasons: [] })
    if (path === '/identity/token') return this.#token(seen, response)
    if (seen.headers.authorization !== 'Bearer good-token') return problem(response, 401, 'UNAUTHORIZED', 'No token.')
    if (path === '/v1/trackers') {
      const { origin, size, covered } = this.log
      return json(response, { trackers: [{ location, origin, size, covered, crn: '', createdAt: '' }] })
    }
    const rest = path.startsWith(`/v1/trackers/${location}/`) ? path.slice(`/v1/trackers/${location}/`.length) : ''
    if (method === 'GET' && rest.startsWith('log/')) return this.#logFile(rest.slice(4), query, response)
    if (method === 'GET' && rest === 'events') return this.#events(query, response)
    if (method === 'GET' && rest === 'tail') return this.#tail(seen, response)
    const [, id, isReceipt] = /^events\/([^/]+)(\/receipt)?$/.exec(rest) ?? []
    if (method === 'GET' && id !== undefined) return this.#event(id, isReceipt !== undefined, response)
    problem(response, 404, 'NOT_FOUND', 'There is nothing of that name.')
  }

  #token({ body }: Seen, response: ServerResponse): void {
    if (new URLSearchParams(body).get('apikey') === apiKey) return json(response, { access_token: 'good-token' })
    const answer = { errorCode: 'BXNIM0415E', errorMessage: 'Provided API key could not be found.' }
    json(response, answer, 400)
  }

  #logFile(path: string, query: URLSearchParams, response: ServerResponse): void {
    const { log } = this
    if (path === 'key') return text(response, `${log.key.vkey}\n`)
    if (path === 'checkpoint') return text(response, log.note)
    if (path === 'minimum-index') {
      return log.minimum === undefined
        ? problem(response, 404, 'NOT_FOUND', 'Nothing was pruned.')
        : text(response, log.minimum)
    }
    if (path === 'keys') return json(response, { keys: log.listedKeys() })
    const [, keyId] = /^keys\/([0-9a-f]{8})\/announcement$/.exec(path) ?? []
    if (keyId !== undefined) {
      const proof = log.announcements.get(keyId)
      return proof === undefined ? problem(response, 404, 'NOT_FOUND', 'Not announced.') : text(response, proof)
    }
    if (path === 'checkpoints') {
      const sizes = [...log.kept.keys()].filter((size) => size < Number(query.get('before') ?? Infinity)).toReversed()
      const page = sizes.slice(0, Number(query.get('limit')))
      const checkpoints = page.map((size) => ({ ...log.kept.get(size), size, signedAt: '2026-11-25T20:00:00.000Z' }))
      return json(response, { checkpoints, next: page.length < sizes.length ? page.at(-1) : null })
    }
    const [, size] = /^checkpoints\/(\d+)$/.exec(path) ?? []
    if (size !== undefined) {
      const note = log.kept.get(Number(size))?.note
      return note === undefined ? problem(response, 404, 'NOT_FOUND', 'Not kept.') : text(response, note)
    }
    if (path === 'consistency') {
      const hashes = log.consistency(Number(query.get('from')), Number(query.get('to')))
      if (hashes === undefined) return problem(response, 409, 'NOT_COVERED', 'Not covered yet.')
      return json(response, { hashes: hashes.map(toBase64) })
    }
    const { level, n, width } = parsePath(path)
    if (level === 'entries' && n * 256 < log.prunedBelow) return problem(response, 410, 'ENTRIES_PRUNED', 'Pruned.')
    const bytes = level === 'entries' ? log.bundle(n, width) : log.tile(level, n, width)
    if (bytes === undefined) return problem(response, 404, 'NOT_FOUND', 'There is no such tile.')
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(bytes)
  }

  #items(indexes: readonly number[]): { index: number; event: unknown }[] {
    return indexes.map((index) => ({ index, event: this.log.events[index] }))
  }

  #events(query: URLSearchParams, response: ServerResponse): void {
    const limit = Number(query.get('limit') ?? 100)
    const newest = Number(query.get('cursor') ?? this.log.size - 1)
    const indexes = Array.from({ length: Math.min(limit, newest + 1) }, (_, i) => newest - i)
    const next = newest - limit >= 0 ? String(newest - limit) : null
    json(response, { events: this.#items(indexes), next, covered: this.log.covered })
  }

  #event(id: string, isReceipt: boolean, response: ServerResponse): void {
    const index = /^\d+$/.test(id) ? Number(id) : this.log.events.findIndex((event) => event.id === id)
    const entry = this.log.entries[index]
    if (entry === undefined) return problem(response, 404, 'NOT_FOUND', 'There is nothing of that name.')
    if (!isReceipt) {
      const covered = index < this.log.covered
      return json(response, { index, event: this.log.events[index], entry: toBase64(entry), covered })
    }
    const receipt = this.log.receipt(index)
    if (receipt !== undefined) return text(response, receipt)
    response.setHeader('retry-after', '1')
    problem(response, 409, 'NOT_COVERED', 'Not covered yet.')
  }

  /** Sends what there is after the reader's last event, one piece an event, and ends. */
  #tail({ query, headers }: Seen, response: ServerResponse): void {
    const last = headers['last-event-id'] ?? query.get('after') ?? String(this.log.size - 1)
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n')
    for (let index = Number(last) + 1; index < this.log.size; index++) {
      const data = JSON.stringify({ events: this.#items([index]), covered: this.log.covered })
      response.write(`event: events\nid: ${index}\ndata: ${data}\n\n`)
    }
    response.end('event: end\ndata: {"reason":"shutting-down"}\n\n')
  }
}

export function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

export function text(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(body)
}

export function problem(response: ServerResponse, status: number, code: string, detail: string): void {
  response.setHeader('keywitness-event-id', '0190a2b4-5f6a-7c3d-8e9f-001122334455')
  response.writeHead(status, { 'content-type': 'application/problem+json' })
  response.end(JSON.stringify({ type: `urn:keywitness:error:${code}`, title: code, status, detail, code }))
}
