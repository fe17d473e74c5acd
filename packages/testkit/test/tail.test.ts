/** The live tail: everything once, in order, over breaks; a whole history at the reader's pace; filters; orderly ends. */
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client, type FoundEvent, type Product, startProduct } from '../src/index.ts'

let product: Product
let client: Client
let key: string

beforeAll(async () => {
  product = await startProduct()
  client = await new Client(product).signIn()
  key = await client.createKey('tailed')
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

interface Message {
  readonly event: string
  readonly id: string | undefined
  readonly data: { readonly events?: readonly FoundEvent[]; readonly covered?: number; readonly reason?: string }
}

/** Reads server-sent events until `enough` says so, then cuts the connection. */
async function follow(
  path: string,
  headers: Record<string, string>,
  enough: (messages: Message[]) => boolean,
): Promise<Message[]> {
  const cut = new AbortController()
  const answer = await fetch(`${product.url}/v1/trackers/${product.location}/tail${path}`, {
    headers: { authorization: `Bearer ${client.token}`, ...headers },
    signal: AbortSignal.any([cut.signal, AbortSignal.timeout(20_000)]),
  })
  expect(answer.headers.get('content-type')).toContain('text/event-stream')
  const messages: Message[] = []
  let rest = ''
  for await (const piece of answer.body as ReadableStream<Uint8Array>) {
    rest += new TextDecoder().decode(piece)
    const parts = rest.split('\n\n')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1]
      const data = field('data')
      if (data !== undefined)
        messages.push({ event: field('event') ?? '', id: field('id'), data: JSON.parse(data) as Message['data'] })
    }
    if (enough(messages)) break
  }
  cut.abort()
  return messages
}

const eventsOf = (messages: readonly Message[]): FoundEvent[] =>
  messages.flatMap((message) => message.data.events ?? [])
const wrap = () => client.call('POST', `/api/v2/keys/${key}/actions/wrap`, { body: {} })

test('over three breaks nothing is lost and nothing comes twice', async () => {
  const isWrap = ({ event }: FoundEvent): boolean => event.action === 'hs-crypto.secrets.wrap'
  const seen: FoundEvent[] = []
  let last: string | undefined
  for (let part = 0; part < 3; part++) {
    const headers: Record<string, string> = last === undefined ? {} : { 'last-event-id': last }
    const messages = follow(
      part === 0 ? '?after=-1' : '',
      headers,
      (so) => seen.concat(eventsOf(so)).filter(isWrap).length >= 20 * (part + 1),
    )
    await Promise.all(Array.from({ length: 20 }, wrap))
    const got = await messages
    seen.push(...eventsOf(got))
    last = got.findLast((message) => message.id !== undefined)?.id
    await Promise.all(Array.from({ length: 3 }, () => client.call('GET', '/api/v2/keys')))
  }
  expect(seen.map((one) => one.index)).toEqual(seen.map((_, at) => at))
  expect(seen.filter(isWrap)).toHaveLength(60)
})

test('a filter is kept, and what is covered is told', async () => {
  const messages = follow(
    '?action=hs-crypto.secrets.wrap',
    {},
    (so) => eventsOf(so).length >= 3 && so.some((one) => one.event === 'covered'),
  )
  await new Promise((resolve) => setTimeout(resolve, 100))
  await wrap()
  await client.call('GET', '/api/v2/keys')
  await wrap()
  await wrap()
  const found = eventsOf(await messages)
  expect(found.map((one) => one.event.action)).toEqual(
    Array.from({ length: found.length }, () => 'hs-crypto.secrets.wrap'),
  )
})

test('a reader that does not read holds nothing up: others are served, and it may go on later', async () => {
  for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 50 }, wrap))
  const [host, port] = product.http.split(':')
  const lazy = connect(Number(port), host)
  lazy.write(
    `GET /v1/trackers/${product.location}/tail?after=-1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${client.token}\r\n\r\n`,
  )
  lazy.pause()
  await Promise.all(Array.from({ length: 50 }, wrap))
  expect((await wrap()).status).toBe(200)
  const size = (await client.events()).length
  const messages = await follow('?after=-1', {}, (so) => eventsOf(so).length >= size)
  expect(
    eventsOf(messages)
      .map((one) => one.index)
      .slice(0, size),
  ).toEqual(Array.from({ length: size }, (_, at) => at))
  lazy.destroy()
}, 60_000)

test('a tail of a tracker that is not there, or that the caller may not read, is refused', async () => {
  expect((await client.call('GET', '/v1/trackers/nowhere/tail')).status).toBe(404)
  const service = await client.call<{ id: string }>('POST', '/v1/iam/service-ids', { body: { name: 'no auditor' } })
  const made = await client.call<{ apikey: string }>('POST', '/v1/iam/api-keys', {
    body: { identity: service.json.id, name: 'k' },
  })
  const other = await new Client({ ...product, apiKey: made.json.apikey }).signIn()
  expect((await other.call('GET', `/v1/trackers/${product.location}/tail`)).status).toBe(401)
})

test('a stop ends open tails with a word', async () => {
  const messages = follow('?after=-1', {}, (so) => so.some((one) => one.event === 'end'))
  await new Promise((resolve) => setTimeout(resolve, 200))
  await product.stop()
  expect((await messages).at(-1)?.data.reason).toBe('shutting-down')
  product = await startProduct({ data: product.data })
})
