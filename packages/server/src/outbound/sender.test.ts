/** The outbound sender against real receivers: good ones, broken ones, and ones that mean harm. */
import { afterEach, expect, test } from 'vitest'
import { Webhook } from 'standardwebhooks'
import { addressRule } from './addresses.ts'
import { outboundLimits } from './limits.ts'
import { deadPort, hanging, huge, receiver, type Receiver, slowHead, status } from './testing/receivers.ts'
import { openSendingHouse } from './testing/sending-house.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function opened(manner?: Parameters<typeof receiver>[0]): Promise<Receiver> {
  const made = await receiver(manner)
  open.push(made)
  return made
}

test('a message arrives signed, so that the receivers’ library takes it for genuine, and leaves the queue', async () => {
  const house = openSendingHouse()
  const good = await opened()
  const { id, secret } = house.target(good.url)
  const message = house.queue(id, { type: 'key.rotated', data: { keyId: 'k' } })
  await house.turn()
  expect(good.received).toHaveLength(1)
  const { headers, body, path } = good.received[0] as (typeof good.received)[number]
  expect(path).toBe('/hook')
  expect(headers['webhook-id']).toBe(message)
  expect(headers['host']).toBe(`127.0.0.1:${good.port}`)
  // The library compares with the real time; the house's clock stands elsewhere.
  const signature = new Webhook(secret).sign(message, new Date(house.clock.time), body)
  expect(headers['webhook-signature']).toBe(signature)
  expect(headers['webhook-timestamp']).toBe(String(Math.floor(house.clock.time / 1_000)))
  expect(house.messages.find(id, message)).toBeUndefined()
})

test('the receivers’ library verifies a message sent now, and refuses one whose body was changed', async () => {
  const house = openSendingHouse()
  house.clock.time = Date.now()
  const good = await opened()
  const { id, secret } = house.target(good.url)
  house.queue(id, { what: 'a key was disabled' })
  await house.turn()
  const { headers, body } = good.received[0] as (typeof good.received)[number]
  expect(new Webhook(secret).verify(body, headers)).toEqual({ what: 'a key was disabled' })
  expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow('No matching signature found')
  expect(() => new Webhook('whsec_AAAA').verify(body, headers)).toThrow('No matching signature found')
})

test.each([
  ['that hangs', hanging, 'TIMEOUT'],
  ['whose head drips', slowHead, 'TIMEOUT'],
  ['that fails', status(500), 'STATUS_500'],
  ['that refuses', status(403), 'STATUS_403'],
  ['that redirects', status(302, { location: 'http://127.0.0.1:1/' }), 'REDIRECT'],
] as const)('to a receiver %s the message is tried again later', async (_what, manner, problem) => {
  const house = openSendingHouse()
  const bad = await opened(manner)
  const { id } = house.target(bad.url)
  const message = house.queue(id)
  await house.turn()
  const kept = house.messages.find(id, message)
  expect(kept).toMatchObject({ state: 'waiting', attempts: 1, problem })
  expect(kept?.nextAt).toBe(house.clock.time + outboundLimits.firstPauseMs / 2)
  await house.turn()
  expect(bad.received).toHaveLength(1)
  house.clock.time = kept?.nextAt ?? 0
  await house.turn()
  expect(bad.received).toHaveLength(2)
})

test('a redirect is not followed', async () => {
  const house = openSendingHouse()
  const other = await opened()
  const bad = await opened(status(307, { location: other.url }))
  house.queue(house.target(bad.url).id)
  await house.turn()
  expect([bad.received.length, other.received.length]).toEqual([1, 0])
})

test('a port that refuses connections is no connection', async () => {
  const house = openSendingHouse()
  const { id } = house.target(`http://127.0.0.1:${await deadPort()}/`)
  const message = house.queue(id)
  await house.turn()
  expect(house.messages.find(id, message)).toMatchObject({ problem: 'NO_CONNECTION', attempts: 1 })
})

test('of an endless answer only the status counts', async () => {
  const house = openSendingHouse({ attemptMs: 20_000 })
  const endless = await opened(huge)
  const { id } = house.target(endless.url)
  const message = house.queue(id)
  await house.turn()
  expect(house.messages.find(id, message)).toBeUndefined()
})

test('pauses grow to the longest, and a message past its time is kept as a dead letter', async () => {
  const house = openSendingHouse()
  const bad = await opened(status(500))
  const { id } = house.target(bad.url)
  const expires = house.clock.time + 4 * 3_600_000
  const message = house.queue(id)
  const pauses: number[] = []
  for (;;) {
    await house.turn()
    const kept = house.messages.find(id, message)
    if (kept?.state !== 'waiting') break
    pauses.push(kept.nextAt - house.clock.time)
    house.clock.time = kept.nextAt
  }
  expect(pauses.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000])
  expect(Math.max(...pauses)).toBe(outboundLimits.longestPauseMs / 2)
  expect(house.clock.time).toBeLessThanOrEqual(expires)
  expect(house.messages.find(id, message)).toMatchObject({ state: 'dead', problem: 'STATUS_500' })
  expect(house.messages.list(id, 'dead', '', 10).map((dead) => dead.id)).toEqual([message])
})

test('a receiver that says 410 gets no more of that message', async () => {
  const house = openSendingHouse()
  const { id } = house.target((await opened(status(410))).url)
  const message = house.queue(id)
  await house.turn()
  expect(house.messages.find(id, message)).toMatchObject({ state: 'dead', problem: 'GONE' })
})

test('a pause the receiver asks for is kept', async () => {
  const house = openSendingHouse()
  const { id } = house.target((await opened(status(429, { 'retry-after': '120' }))).url)
  const message = house.queue(id)
  await house.turn()
  expect(house.messages.find(id, message)?.nextAt).toBe(house.clock.time + 120_000)
})

test('a hanging receiver with a thousand messages does not keep another one waiting', async () => {
  const house = openSendingHouse({ attemptMs: 60_000 })
  const bad = await opened(hanging)
  const good = await opened()
  const hung = house.target(bad.url).id
  for (let count = 0; count < 1_000; count++) house.queue(hung)
  house.clock.time += 1
  house.queue(house.target(good.url).id)
  house.sender.look()
  await good.came(1)
  await bad.came(outboundLimits.attemptsPerTarget)
  expect(bad.received).toHaveLength(outboundLimits.attemptsPerTarget)
  await house.sender.stop()
})

test('what was under way at a stop is sent again by the next process', async () => {
  const house = openSendingHouse({ attemptMs: 60_000 })
  let isWell = false
  const slow = await opened((_request, response) => {
    if (isWell) response.writeHead(200).end()
  })
  const { id } = house.target(slow.url)
  const message = house.queue(id)
  house.sender.look()
  await slow.came(1)
  await house.sender.stop()
  expect(house.messages.find(id, message)).toMatchObject({ state: 'waiting', attempts: 0, problem: null })
  isWell = true
  const carried = Promise.withResolvers<void>()
  const next = house.another({ carry: async () => carried.resolve() })
  next.look()
  await carried.promise
  expect(slow.received.map(({ headers }) => headers['webhook-id'])).toEqual([message, message])
  await next.stop()
})

test('without the operator’s list nothing private is reached, by name, by address or behind another notation', async () => {
  const good = await opened()
  const house = openSendingHouse({ addresses: addressRule([]) })
  const hosts = ['localhost', '127.0.0.1', '2130706433', '0177.0.0.1', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]']
  const made = hosts.map((host) => house.target(`http://${host}:${good.port}/`).id)
  const queued = made.map((id) => house.queue(id))
  await house.turn()
  expect(made.map((id, at) => house.messages.find(id, queued[at] ?? '')?.problem)).toEqual(
    hosts.map(() => 'ADDRESS_REFUSED'),
  )
  expect(good.received).toEqual([])
})

test('a name with one forbidden address among its addresses is refused, and a checked one is not looked up again', async () => {
  const good = await opened()
  let answers: string[][] = [['127.0.0.1', '10.0.0.1'], ['127.0.0.1']]
  let lookups = 0
  const house = openSendingHouse({
    resolve: async () => {
      lookups += 1
      return answers.shift() ?? ['169.254.169.254']
    },
  })
  const { id } = house.target(`http://rebinding.test:${good.port}/`)
  const message = house.queue(id)
  await house.turn()
  expect(house.messages.find(id, message)?.problem).toBe('ADDRESS_REFUSED')
  expect(good.received).toEqual([])
  house.clock.time += 60_000
  await house.turn()
  expect(good.received.map(({ headers }) => headers['host'])).toEqual([`rebinding.test:${good.port}`])
  expect(lookups).toBe(2)
  answers = []
})

test('the signing secret lies sealed in the store', () => {
  const house = openSendingHouse()
  const { secret } = house.target('https://example.com/hook')
  const rows = house.store.all<{ sealed: Uint8Array }>('SELECT sealed FROM secrets')
  expect(rows).toHaveLength(1)
  expect(Buffer.from(rows[0]?.sealed ?? []).includes(secret.slice(6))).toBe(false)
})

test('more than a target may have waiting is given up at once', () => {
  const house = openSendingHouse()
  const { id } = house.target('https://example.com/hook')
  for (let count = 0; count < outboundLimits.waitingPerTarget; count++) house.queue(id)
  const last = house.queue(id)
  expect(house.messages.find(id, last)).toMatchObject({ state: 'dead', problem: 'QUEUE_FULL' })
})

test('dead letters leave when they are old, or too many of one target', () => {
  const house = openSendingHouse()
  const { id } = house.target('https://example.com/hook')
  const first = house.queue(id)
  house.clock.time += 1
  for (let count = 0; count < outboundLimits.deadPerTarget; count++) house.queue(id)
  house.store.run("UPDATE outbound_messages SET state = 'dead'", [])
  expect(house.messages.outdated(house.clock.time).map(({ params }) => params[0])).toEqual([first])
  house.clock.time += outboundLimits.deadKeepMs + 1
  expect(house.messages.outdated(house.clock.time)).toHaveLength(500)
})

test('to a target that is held nothing is sent; what waits goes when it is held no more', async () => {
  let isHeld = true
  const house = openSendingHouse({ isHeld: () => isHeld })
  const good = await opened()
  const { id } = house.target(good.url)
  const message = house.queue(id)
  await house.turn()
  expect(good.received).toHaveLength(0)
  expect(house.messages.find(id, message)).toMatchObject({ state: 'waiting', attempts: 0 })
  isHeld = false
  await house.turn()
  expect(good.received).toHaveLength(1)
})
