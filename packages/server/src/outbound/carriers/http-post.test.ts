/** Posts to services: what they get, what is posted again, and where nothing is posted to. */
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { selfSigned } from '../../testing/self-signed.ts'
import { addressRule } from '../addresses.ts'
import { deadPort, hanging, huge, receiver, slowHead, status } from '../testing/receivers.ts'
import { openSendingHouse } from '../testing/sending-house.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function opened(manner?: Parameters<typeof receiver>[0]) {
  const made = await receiver(manner)
  open.push(made)
  return made
}

test('a post is JSON to the URL that lies sealed, and a service that fails gets it again', async () => {
  const house = openSendingHouse()
  let isWell = false
  const service = await opened((_request, response) => void response.writeHead(isWell ? 200 : 503).end('ok'))
  const target = house.channel('slack', {}, service.url)
  const message = house.queue(target, { text: 'hello' })
  await house.turn()
  expect(house.messages.find(target, message)).toMatchObject({ state: 'waiting', problem: 'STATUS_503' })
  isWell = true
  house.clock.time = house.messages.find(target, message)?.nextAt ?? 0
  await house.turn()
  expect(house.messages.find(target, message)).toBeUndefined()
  expect(service.received.map(({ body }) => body)).toEqual(['{"text":"hello"}', '{"text":"hello"}'])
  expect(service.received[0]?.headers).toMatchObject({
    'content-type': 'application/json',
    'user-agent': 'Keywitness/test',
  })
  const stored = house.store.all<{ settings: string; url: string }>('SELECT url, settings FROM outbound_targets')
  expect(stored).toEqual([{ url: '', settings: '{}' }])
  expect(JSON.stringify(house.logged)).not.toContain(service.url)
})

test('of several posts all are made again when one fails', async () => {
  const house = openSendingHouse()
  let left = 3
  const service = await opened((_request, response) => void response.writeHead((left -= 1) === 1 ? 500 : 202).end())
  const target = house.channel('pagerduty', { url: service.url }, 'routing-key')
  const message = house.queue(target)
  await house.turn()
  expect(house.messages.find(target, message)?.problem).toBe('STATUS_500')
  house.clock.time += 60_000
  await house.turn()
  expect([service.received.length, house.messages.find(target, message)]).toEqual([4, undefined])
})

test('a service that hangs at the second post ends the attempt', async () => {
  const house = openSendingHouse({ attemptMs: 300 })
  const service = await opened((request, response) => {
    if (service.received.length > 1) return hanging(request, response)
    response.writeHead(202).end()
  })
  const target = house.channel('pagerduty', { url: service.url })
  const message = house.queue(target)
  await house.turn()
  expect(house.messages.find(target, message)?.problem).toBe('TIMEOUT')
})

test.each([
  ['hangs', hanging, 'TIMEOUT'],
  ['drips', slowHead, 'TIMEOUT'],
  ['redirects', status(302, { location: 'http://127.0.0.1:1/' }), 'REDIRECT'],
  ['does not know the channel', status(404), 'STATUS_404'],
] as const)('to a service that %s it is posted later', async (_what, manner, problem) => {
  const house = openSendingHouse()
  const target = house.channel('teams', {}, (await opened(manner)).url)
  const message = house.queue(target)
  await house.turn()
  expect(house.messages.find(target, message)).toMatchObject({ state: 'waiting', attempts: 1, problem })
})

test('of an endless answer only the status counts, and 410 is final', async () => {
  const house = openSendingHouse({ attemptMs: 20_000 })
  const endless = house.channel('slack', {}, (await opened(huge)).url)
  const gone = house.channel('slack', {}, (await opened(status(410))).url)
  const messages = [house.queue(endless), house.queue(gone)] as const
  await house.turn()
  expect(house.messages.find(endless, messages[0])).toBeUndefined()
  expect(house.messages.find(gone, messages[1])).toMatchObject({ state: 'dead', problem: 'GONE' })
})

test.each([
  ['http://8.8.8.8/', 'ADDRESS_REFUSED'],
  ['https://169.254.169.254/latest/meta-data', 'ADDRESS_REFUSED'],
  ['https://[::ffff:10.0.0.1]/', 'ADDRESS_REFUSED'],
  ['http://rebinding.test/', 'ADDRESS_REFUSED'],
  ['ftp://127.0.0.1/', 'ADDRESS_REFUSED'],
  ['no url', 'ADDRESS_REFUSED'],
])('nothing is posted to %s', async (url, problem) => {
  const house = openSendingHouse({
    addresses: addressRule(['127.0.0.0/8']),
    resolve: async () => ['127.0.0.1', '169.254.169.254'],
  })
  const target = house.channel('slack', {}, url)
  const message = house.queue(target)
  await house.turn()
  expect(house.messages.find(target, message)).toMatchObject({ state: 'waiting', problem })
})

test('a private authority is trusted for its channel, for the names it has certified', async () => {
  const own = selfSigned('hook.test')
  const bodies: string[] = []
  const server = createServer(own, (request, response) => {
    request.on('data', (chunk: Buffer) => bodies.push(chunk.toString('utf8')))
    request.on('end', () => response.writeHead(200).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push({ close: () => new Promise<void>((resolve) => server.close(() => resolve())) })
  const { port } = server.address() as AddressInfo
  const house = openSendingHouse({ resolve: async () => ['127.0.0.1'], attemptMs: 5_000 })
  const problems: unknown[] = []
  for (const [settings, host] of [
    [{}, 'hook.test'],
    [{ ca: own.cert }, 'other.test'],
    [{ ca: own.cert }, 'hook.test'],
  ] as const) {
    const target = house.channel('teams', settings, `https://${host}:${port}/`)
    const message = house.queue(target)
    await house.turn()
    problems.push(house.messages.find(target, message)?.problem)
  }
  expect(problems).toEqual(['TLS', 'TLS', undefined])
  expect(bodies).toEqual(['{"hello":"world"}'])
})

test('what cannot be shown, and a target whose settings cannot be read, are given up at once', async () => {
  const house = openSendingHouse()
  const target = house.channel('slack', {}, `http://127.0.0.1:${await deadPort()}/`)
  const message = house.queue(target, 'nothing' as unknown as object)
  await house.turn()
  expect(house.messages.find(target, message)).toMatchObject({ state: 'dead', problem: 'BAD_MESSAGE' })
  house.store.run("UPDATE outbound_targets SET settings = 'x'", [])
  const other = house.queue(target)
  await house.turn()
  expect(house.messages.find(target, other)).toMatchObject({ state: 'dead', problem: 'BAD_SETTINGS' })
})
