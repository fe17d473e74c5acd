/** Messages over the KMIP listener: their order, their ends, and peers that break off, talk nonsense or ask too much. */
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { KmipError } from './message/kmip-error.ts'
import {
  clientCertificate,
  echo,
  fingerprintOf,
  type ListenerHouse,
  openListenerHouse,
  request,
  textOf,
} from './testing/listener-house.ts'

let house: ListenerHouse
beforeEach(async () => {
  house = await openListenerHouse()
})
afterEach(() => house.close())

async function stillServes(): Promise<void> {
  const client = await house.client()
  expect(await client.ask('still there?')).toBe('still there?')
  client.socket.destroy()
}

/** Waits until the listener has seen the last of all connections. */
async function allLeft(): Promise<void> {
  await expect.poll(() => house.listener.connections).toBe(0)
}

test('a connection carries many requests, each answered before the next', async () => {
  const client = await house.client()
  for (const content of ['first', 'second', 'third']) expect(await client.ask(content)).toBe(content)
})

test('the service learns the certificate, its fingerprint and the address', async () => {
  const client = await house.client()
  await client.ask('who am I?')
  const [peer] = house.service.peers
  expect(peer).toMatchObject({ fingerprint: fingerprintOf(clientCertificate.cert), address: '127.0.0.1' })
  expect(peer?.fingerprint).toMatch(/^[0-9a-f]{64}$/)
  const der = Buffer.from(clientCertificate.cert.replaceAll(/-----.*-----|\s/g, ''), 'base64')
  expect(peer?.certificate).toEqual(der)
})

test('requests sent at once are asked one by one and answered in their order', async () => {
  const release: (() => void)[] = []
  house.service.respond = (message) => {
    const answer = echo(message)
    return new Promise((resolve) => release.push(() => resolve(answer)))
  }
  const client = await house.client()
  client.socket.write(Buffer.concat(['one', 'two', 'three'].map((content) => request(content))))
  const answers: string[] = []
  for (const count of [1, 2, 3]) {
    await house.service.asked(count)
    expect(house.service.messages).toHaveLength(count)
    release.shift()?.()
    answers.push(textOf(await client.message()))
  }
  expect(answers).toEqual(['one', 'two', 'three'])
})

test('while a request is answered nothing more is read than what came with it', async () => {
  house.service.most = 4 * 1024 * 1024
  let release = (): void => undefined
  house.service.respond = (message) => {
    const answer = echo(message)
    return new Promise((resolve) => (release = () => resolve(answer)))
  }
  const client = await house.client()
  client.socket.write(request('first'))
  await house.service.asked(1)
  // More than the buffers of two sockets on loopback take.
  const large = request('large', 32 * 1024 * 1024)
  client.socket.write(large)
  const other = await house.client()
  for (let round = 0; round < 50; round++) {
    const asked = house.service.messages.length
    other.socket.write(request('another'))
    await house.service.asked(asked + 1)
    release()
    await other.message()
  }
  expect(client.socket.writableLength).toBeGreaterThan(16 * 1024 * 1024)
})

test('a client that has ended its side is still answered, all that it sent, and then the connection ends', async () => {
  const client = await house.client()
  client.socket.end(Buffer.concat([request('one'), request('two')]))
  expect(textOf(await client.message())).toBe('one')
  expect(textOf(await client.message())).toBe('two')
  expect(await client.closed).toBe('end')
  await allLeft()
})

test('an end of TCP that TLS was not told of is an end too', async () => {
  const client = await house.client()
  client.socket.write(request('one'))
  await house.service.asked(1)
  client.tcp.end()
  expect(textOf(await client.message())).toBe('one')
  await client.closed
  await allLeft()
  expect(house.logged.filter(({ level }) => level > 20)).toEqual([])
})

test('a service may end the connection after an answer, or without one', async () => {
  house.service.respond = (message) => echo(message, true)
  const client = await house.client()
  expect(await client.ask('last')).toBe('last')
  expect(await client.closed).toBe('end')
  house.service.respond = () => ({ bytes: undefined, close: true })
  const silent = await house.client()
  silent.socket.write(request('nothing'))
  expect(await silent.closed).toBe('end')
  expect(silent.got).toBe('')
})

test('what was asked and what was answered is overwritten in memory once the answer has left', async () => {
  const client = await house.client()
  expect(await client.ask('a secret')).toBe('a secret')
  await client.ask('and another one')
  const [asked, answered] = house.service.given
  expect([asked?.length, answered?.length]).toEqual([16, 16])
  expect(asked?.every((byte) => byte === 0)).toBe(true)
  expect(answered?.every((byte) => byte === 0)).toBe(true)
})

test('an answer whose client has left is overwritten too', async () => {
  let release = (): void => undefined
  house.service.respond = (message) => {
    const answer = echo(message)
    return new Promise((resolve) => (release = () => resolve(answer)))
  }
  const client = await house.client()
  client.socket.write(request('a secret'))
  await house.service.asked(1)
  house.listener.drop(fingerprintOf(clientCertificate.cert))
  await client.closed
  release()
  await expect.poll(() => house.service.given.length).toBe(2)
  await expect.poll(() => house.service.given.flatMap((buffer) => [...buffer]).some((byte) => byte !== 0)).toBe(false)
})

test('a message that is too long is answered and ends the connection, before its body was sent', async () => {
  house.service.most = 64
  const client = await house.client()
  client.socket.write(request('too long', 64).subarray(0, 8))
  expect(await client.closed).toBe('end')
  expect(client.got).toBe('broken')
  expect(house.service.errors[0]).toBeInstanceOf(KmipError)
  expect(house.service.messages).toEqual([])
})

test('what cannot be read is told only after what came before it was answered', async () => {
  const client = await house.client()
  client.socket.write(Buffer.concat([request('good'), Buffer.from('42007b0100000000', 'hex')]))
  expect(textOf(await client.message())).toBe('good')
  expect(await client.closed).toBe('end')
  expect(client.got).toBe('broken')
})

test('the bound of a message is asked for each anew', async () => {
  house.service.most = 16
  const client = await house.client()
  expect(await client.ask('short')).toBe('short')
  house.service.most = 1_024
  expect(await client.ask('x'.repeat(512))).toBe('x'.repeat(512))
})

test.each([
  ['HTTP', 'POST /kmip HTTP/1.1\r\nhost: x\r\n\r\n'],
  ['garbage', '\0\x01\x02\x03\xff\xff\xff\xff\xff\xff'],
])('%s inside of TLS ends the connection without a byte', async (_what, text) => {
  const client = await house.client()
  client.socket.write(Buffer.from(text, 'latin1'))
  expect(await client.closed).toBe('end')
  expect(client.got).toBe('')
  expect(house.service.errors[0]?.notKmip).toBe(true)
  await stillServes()
})

test.each([
  ['HTTP', 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'],
  ['garbage', '\0\x01\x02\x03\xff\xff\xff\xff\xff\xff'],
])('%s instead of TLS ends the connection', async (_what, text) => {
  const socket = connectTcp(house.port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.resume()
  socket.write(Buffer.from(text, 'latin1'))
  await once(socket, 'close')
  await allLeft()
  await stillServes()
  expect(await house.registry.getSingleMetricAsString('keywitness_kmip_handshakes_failed_total')).toContain(
    'reason="protocol"} 1',
  )
})

test.each([
  ['closes before TLS', async () => void connectTcp(house.port, '127.0.0.1').end()],
  [
    'resets before TLS',
    async () => {
      const socket = connectTcp(house.port, '127.0.0.1')
      await once(socket, 'connect')
      socket.resetAndDestroy()
    },
  ],
  ['closes after TLS without a byte', async () => void (await house.client()).socket.end()],
  ['resets after TLS', async () => void (await house.client()).tcp.resetAndDestroy()],
  [
    'closes in the middle of a message',
    async () => {
      const client = await house.client()
      client.socket.end(request('cut off', 64).subarray(0, 40))
    },
  ],
  [
    'resets in the middle of a message',
    async () => {
      const client = await house.client()
      client.socket.write(request('cut off', 64).subarray(0, 40))
      await expect.poll(() => house.service.headers).toBe(1)
      client.tcp.resetAndDestroy()
    },
  ],
  [
    'resets while it is answered',
    async () => {
      const client = await house.client()
      let release = (): void => undefined
      house.service.respond = (message) => new Promise((resolve) => (release = () => resolve(echo(message))))
      client.socket.write(request('reset'))
      await house.service.asked(1)
      client.tcp.resetAndDestroy()
      release()
      house.service.respond = (message) => echo(message)
    },
  ],
  [
    'has no certificate',
    async () => {
      const client = await house.client({ cert: undefined, key: undefined })
      expect(await client.ask('nobody')).toBe('nobody')
      expect(house.service.peers[0]).toEqual({ fingerprint: undefined, certificate: undefined, address: '127.0.0.1' })
      client.socket.end()
    },
  ],
])('a peer that %s is served or let go, without a line above the level of debugging', async (_what, act) => {
  await act()
  await allLeft()
  await stillServes()
  expect(house.logged.filter(({ level }) => level > 20)).toEqual([])
})

test('a failure of the service ends the connection, and the log tells where, not what', async () => {
  house.service.respond = (message) => {
    throw new Error(`cannot read ${textOf(message)}`)
  }
  const client = await house.client()
  client.socket.write(request('a secret'))
  expect(await client.closed).toBe('end')
  const lines = house.logged.filter(({ level }) => level >= 50)
  expect(lines).toEqual([expect.objectContaining({ msg: 'a message of KMIP failed unexpectedly', name: 'Error' })])
  expect(JSON.stringify(house.logged)).not.toContain('a secret')
  expect(JSON.stringify(lines)).toContain('listener-house.ts')
})
