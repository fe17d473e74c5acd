/** Bounds of the KMIP listener: connections in all, of an address and of a certificate, requests, bytes; removal and stop. */
import { connect as connectTcp } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { selfSigned } from '../testing/self-signed.ts'
import type { ListenBounds } from './listen.ts'
import {
  type Client,
  clientCertificate,
  echo,
  fingerprintOf,
  type ListenerHouse,
  openListenerHouse,
  request,
} from './testing/listener-house.ts'

let house: ListenerHouse
afterEach(() => house.close())

async function open(bounds: Partial<ListenBounds> = {}): Promise<void> {
  house = await openListenerHouse({ bounds })
}

const refused = (bound: string): Promise<string> =>
  house.registry.getSingleMetricAsString('keywitness_kmip_connections_refused_total').then((text) => {
    return new RegExp(`bound="${bound}"\\} (\\d+)`).exec(text)?.[1] ?? '0'
  })

/** What a client sees whose connection ends before its handshake. */
const cutOff = /disconnected|ECONNRESET|EPIPE|closed/

const served = async (client: Client): Promise<boolean> => (await client.ask('served?')) === 'served?'

test.each([
  ['connections', { connections: 2 }],
  ['address', { connectionsOfAddress: 2 }],
])(
  'beyond the bound of %s a connection is closed before TLS, and there is room again when one leaves',
  async (bound, bounds) => {
    await open(bounds)
    const [first, second] = [await house.client(), await house.client()]
    await expect(house.client()).rejects.toThrow(cutOff)
    expect(await refused(bound)).toBe('1')
    expect([await served(first), await served(second)]).toEqual([true, true])
    first.socket.destroy()
    await expect.poll(() => house.listener.connections).toBe(1)
    expect(await served(await house.client())).toBe(true)
  },
)

test('beyond the bound of a certificate its connection ends in good order; other certificates have their own', async () => {
  await open({ connectionsOfCertificate: 2 })
  const clients = [await house.client(), await house.client()]
  const third = await house.client()
  expect(await third.closed).toBe('end')
  expect(await refused('certificate')).toBe('1')
  expect(await served(await house.client(selfSigned('another')))).toBe(true)
  for (const client of clients) expect(await served(client)).toBe(true)
  clients[0]?.socket.destroy()
  await expect.poll(() => house.listener.connections).toBe(2)
  expect(await served(await house.client())).toBe(true)
})

test('an address that connects too fast is refused until its time has come', async () => {
  await open({ connectsPerSecond: 1, connectBurst: 2 })
  await house.client()
  await house.client()
  await expect(house.client()).rejects.toThrow(cutOff)
  expect(await refused('address_rate')).toBe('1')
  house.time.pass(1_000)
  expect(await served(await house.client())).toBe(true)
})

test('with too many handshakes under way the oldest gives way, and who is quick is served', async () => {
  await open({ handshakes: 3 })
  const closed: number[] = []
  for (const index of [0, 1, 2]) {
    const socket = connectTcp(house.port, '127.0.0.1')
    socket.on('error', () => undefined).resume()
    socket.on('close', () => closed.push(index))
    await expect.poll(() => house.listener.connections).toBe(index + 1)
  }
  expect(await served(await house.client())).toBe(true)
  await expect.poll(() => closed).toEqual([0])
})

test('refused connections are logged once a minute, not each', async () => {
  await open({ connections: 1 })
  const client = await house.client()
  const warnings = (): unknown[] => house.logged.filter(({ level }) => level > 30)
  for (let round = 0; round < 3; round++) await expect(house.client()).rejects.toThrow(cutOff)
  expect(warnings()).toEqual([
    { level: 40, time: expect.any(Number), bound: 'connections', msg: 'connections of KMIP are refused' },
  ])
  house.time.pass(60_000)
  await expect(house.client()).rejects.toThrow(cutOff)
  expect(warnings()).toHaveLength(2)
  expect(await served(client)).toBe(true)
})

test('a certificate that asks too much is told once, its next connections end unanswered, until its time has come', async () => {
  await open({ requestsPerSecond: 1, requestBurst: 2 })
  const client = await house.client()
  expect([await served(client), await served(client)]).toEqual([true, true])
  client.socket.write(request('too much'))
  expect(await client.closed).toBe('end')
  expect(client.got).toBe('overloaded')
  const next = await house.client()
  next.socket.write(request('too much'))
  expect(await next.closed).toBe('end')
  expect(next.got).toBe('')
  expect(house.service.overloads.map(({ fingerprint }) => fingerprint)).toEqual([fingerprintOf(clientCertificate.cert)])
  expect(await served(await house.client(selfSigned('another')))).toBe(true)
  house.time.pass(1_000)
  expect(await served(await house.client())).toBe(true)
  house.time.pass(10_000)
  const later = await house.client()
  later.socket.write(Buffer.concat([request('one'), request('two'), request('three')]))
  expect(await later.closed).toBe('end')
  expect(house.service.overloads).toHaveLength(2)
})

test('when messages under way hold too many bytes together, large ones are cut off and small ones are not', async () => {
  // Room for the two large ones, and for a small one whose answer is just leaving.
  await open({ heldBytes: 20_500, ownBytes: 1_000 })
  const release: (() => void)[] = []
  house.service.respond = (message) => {
    const answer = echo(message)
    return message.length < 1_000 ? answer : new Promise((resolve) => release.push(() => resolve(answer)))
  }
  const [first, second] = [await house.client(), await house.client()]
  const [large, rest] = [request('large', 12_000), request('all that is left', 7_984)]
  expect(large.length + rest.length).toBe(20_000)
  first.socket.write(large)
  second.socket.write(rest)
  await house.service.asked(2)
  const third = await house.client()
  third.socket.write(request('no room', 2_000))
  expect(await third.closed).toBe('end')
  expect(await served(await house.client())).toBe(true)
  for (const answer of release.splice(0)) answer()
  expect((await first.message()).length + (await second.message()).length).toBe(20_000)
  const fourth = await house.client()
  fourth.socket.write(large)
  await expect.poll(() => release.length).toBe(1)
  release[0]?.()
  expect((await fourth.message()).length).toBe(large.length)
})

test('two hundred idle connections do not keep another from being served', async () => {
  await open()
  const idle: Client[] = []
  for (let round = 0; round < 10; round++) {
    idle.push(...(await Promise.all(Array.from({ length: 20 }, () => house.client()))))
  }
  const client = await house.client()
  for (let round = 0; round < 20; round++) expect(await served(client)).toBe(true)
  expect(house.listener.connections).toBe(201)
  expect(await served(idle[137] as Client)).toBe(true)
})

test('a certificate that was removed loses its connections at once, the others keep theirs', async () => {
  await open()
  let release = (): void => undefined
  house.service.respond = (message) => {
    const answer = echo(message)
    if (!message.includes('held')) return answer
    return new Promise((resolve) => (release = () => resolve(answer)))
  }
  const [idle, busy, other] = [await house.client(), await house.client(), await house.client(selfSigned('another'))]
  busy.socket.write(request('held'))
  await house.service.asked(1)
  house.listener.drop(fingerprintOf(clientCertificate.cert))
  expect(await idle.closed).toBe('end')
  await busy.closed
  release()
  expect(await served(other)).toBe(true)
  expect(busy.got).toBe('')
  await expect.poll(() => house.listener.connections).toBe(1)
})

test('a stop refuses new connections, lets what is answered leave, and ends the others in good order', async () => {
  await open()
  let release = (): void => undefined
  house.service.respond = (message) => {
    const answer = echo(message)
    return new Promise((resolve) => (release = () => resolve(answer)))
  }
  const [idle, busy, half] = [await house.client(), await house.client(), await house.client()]
  busy.socket.write(Buffer.concat([request('under way'), request('too late')]))
  await house.service.asked(1)
  half.socket.write(request('half of it').subarray(0, 12))
  await expect.poll(() => house.service.headers).toBe(2)
  const stopped = house.listener.stop()

  expect([await idle.closed, await half.closed]).toEqual(['end', 'end'])

  await expect(house.client()).rejects.toThrow('ECONNREFUSED')
  release()
  expect((await busy.message()).includes('under way')).toBe(true)

  expect(await busy.closed).toBe('end')
  await stopped
  expect(house.service.messages).toHaveLength(1)
})

test('a stop ends after its time what does not end by itself, handshakes at once', async () => {
  await open()
  house.service.respond = () => new Promise(() => undefined)
  const client = await house.client()
  client.socket.write(request('for ever'))
  await house.service.asked(1)
  const silent = connectTcp(house.port, '127.0.0.1')
  const gone = new Promise((resolve) =>
    silent
      .on('error', () => undefined)
      .resume()
      .on('close', resolve),
  )
  await expect.poll(() => house.listener.connections).toBe(2)
  const stopped = house.listener.stop()
  await gone
  expect(client.socket.destroyed).toBe(false)
  house.time.pass(4_000)
  await stopped
  expect(house.listener.connections).toBe(0)
})
