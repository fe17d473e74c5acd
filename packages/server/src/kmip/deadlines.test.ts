/** Times of a KMIP connection: each step has one that no dripping of bytes puts off, and an end is a proper end of TLS. */
import { connect as connectTcp, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { connect } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clientCertificate, echo, type ListenerHouse, openListenerHouse, request } from './testing/listener-house.ts'

let house: ListenerHouse
beforeEach(async () => {
  house = await openListenerHouse()
})
afterEach(() => house.close())

/** Waits until these are the times that are running. */
async function running(...left: number[]): Promise<void> {
  await expect.poll(() => house.time.left()).toEqual(left)
}

function silent(): { readonly socket: Socket; readonly closed: Promise<unknown> } {
  const socket = connectTcp(house.port, '127.0.0.1')
  socket.on('error', () => undefined).resume()
  return { socket, closed: new Promise((resolve) => socket.on('close', resolve)) }
}

test('a connection without TLS is given up after ten seconds, and keeps nobody waiting', async () => {
  const { socket, closed } = silent()
  await running(10_000)
  const client = await house.client()
  expect(await client.ask('served?')).toBe('served?')
  house.time.pass(9_999)
  expect(await client.ask('and now?')).toBe('and now?')
  expect(socket.closed).toBe(false)
  house.time.pass(1)
  await closed
  expect(await house.registry.getSingleMetricAsString('keywitness_kmip_handshakes_failed_total')).toContain(
    'reason="late"} 1',
  )
})

test('a handshake that comes byte by byte is given up all the same', async () => {
  const { socket, closed } = silent()
  await running(10_000)
  // A record of a handshake, as far as it came.
  for (const byte of [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc]) {
    await new Promise((resolve) => socket.write(Buffer.from([byte]), resolve))
    house.time.pass(1_000)
  }
  expect(house.time.left()).toEqual([1_000])
  house.time.pass(1_000)
  await closed
})

test('a message is given up thirty seconds after its first byte, however its bytes come', async () => {
  const client = await house.client()
  const message = request('slow', 64)
  await running(600_000)
  client.socket.write(message.subarray(0, 1))
  await running(30_000)
  house.time.pass(20_000)
  client.socket.write(message.subarray(1, 8))
  await expect.poll(() => house.service.headers).toBe(1)
  expect(house.time.left()).toEqual([10_000])
  client.socket.write(message.subarray(8, 71))
  house.time.pass(9_999)
  await running(1)
  house.time.pass(1)
  expect(await client.closed).toBe('end')
  expect(house.service.messages).toEqual([])
})

test('the time of a message that follows another begins when that was answered', async () => {
  let release = (): void => undefined
  house.service.respond = (message) => {
    const answer = echo(message)
    return new Promise((resolve) => (release = () => resolve(answer)))
  }
  const client = await house.client()
  client.socket.write(Buffer.concat([request('first'), request('second').subarray(0, 4)]))
  await house.service.asked(1)
  // However long the answer takes: it is not the client that is late.
  expect(house.time.left()).toEqual([])
  house.time.pass(60_000)
  release()
  await client.message()
  await running(30_000)
})

test('ten minutes without a message end a connection; each answer begins them anew', async () => {
  const client = await house.client()
  await running(600_000)
  house.time.pass(599_999)
  expect(await client.ask('just in time')).toBe('just in time')
  await running(600_000)
  house.time.pass(600_000)
  expect(await client.closed).toBe('end')
})

test('an end of ours is told in TLS before that of TCP', async () => {
  const records: Buffer[] = []
  const tcp = connectTcp(house.port, '127.0.0.1')
  // TLS over something that is no socket, so that its bytes can be seen.
  const between = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => void tcp.write(chunk, () => done()),
    final: (done) => void tcp.end(done),
  })
  tcp.on('data', (chunk: Buffer) => void (records.push(chunk), between.push(chunk)))
  tcp.on('end', () => void between.push(null))
  const socket = connect({ socket: between, rejectUnauthorized: false, maxVersion: 'TLSv1.2', ...clientCertificate })
  await new Promise((resolve) => socket.once('secureConnect', resolve))
  socket.resume()
  const ended = new Promise((resolve) => socket.on('end', resolve))
  await running(600_000)
  const before = Buffer.concat(records).length
  house.time.pass(600_000)
  await ended
  // One record, an alert (RFC 5246, section 6.2.1); what it says is encrypted.
  const last = Buffer.concat(records).subarray(before)
  expect(last.readUInt8(0)).toBe(21)
  expect(last.length).toBe(5 + last.readUInt16BE(3))
  tcp.destroy()
})

test('a client that takes no answer is given up after thirty seconds, and the answer is overwritten', async () => {
  await house.close()
  house = await openListenerHouse({ bounds: { heldBytes: 64 * 1024 * 1024 } })
  // Larger than what the operating system holds for both ends.
  const bytes = Buffer.alloc(32 * 1024 * 1024, 1)
  house.service.respond = () => ({ bytes, close: false })
  const client = await house.client()
  client.socket.pause()
  client.socket.write(request('all of it'))
  await house.service.asked(1)
  await running(30_000)
  expect(bytes[0]).toBe(1)
  house.time.pass(30_000)
  await expect.poll(() => house.listener.connections).toBe(0)
  expect(bytes.every((byte) => byte === 0)).toBe(true)
})

test('a client that does not close its end is given up two seconds after ours', async () => {
  const client = await house.client()
  await running(600_000)
  client.socket.pause()
  house.time.pass(600_000)
  expect(house.time.left()).toEqual([2_000])
  house.time.pass(1_999)
  expect(house.listener.connections).toBe(1)
  house.time.pass(1)
  await expect.poll(() => house.listener.connections).toBe(0)
})
