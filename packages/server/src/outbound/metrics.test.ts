/** What the metrics tell of the outbound queue. */
import { afterEach, expect, test } from 'vitest'
import { Registry } from 'prom-client'
import { queueMetrics } from './metrics.ts'
import { deadPort, receiver, type Receiver, status } from './testing/receivers.ts'
import { openSendingHouse } from './testing/sending-house.ts'

const open: Receiver[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function opened(manner?: Parameters<typeof receiver>[0]): Promise<Receiver> {
  const made = await receiver(manner)
  open.push(made)
  return made
}

function measured() {
  const registry = new Registry()
  const house = openSendingHouse({ attempted: (outcome) => metrics.attempted(outcome) })
  const metrics = queueMetrics(registry, house.messages, house.clock)
  /** Every sample by its name with labels. */
  const samples = async (): Promise<Record<string, number>> => {
    const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
    )
  }
  return { house, samples }
}

test('an empty queue is shown as nothing waiting', async () => {
  const { samples } = measured()
  expect(await samples()).toEqual({
    keywitness_outbound_waiting_messages: 0,
    keywitness_outbound_dead_letters: 0,
    keywitness_outbound_oldest_waiting_seconds: 0,
    'keywitness_outbound_attempts_total{outcome="delivered"}': 0,
  })
})

test('what waits, how old it is, what was given up and how attempts end is shown, without ids', async () => {
  const { house, samples } = measured()
  const good = await opened()
  const busy = await opened(status(503))
  const gone = await opened(status(410))
  const odd = await opened(status(799))
  const [well, slow, lost, strange, away] = [
    good.url,
    busy.url,
    gone.url,
    odd.url,
    `http://127.0.0.1:${await deadPort()}/`,
  ].map((url) => house.target(url).id) as [string, string, string, string, string]
  house.queue(slow)
  house.clock.time += 30_000
  const ids = [well, well, lost, strange, away].map((target) => house.queue(target))
  expect(await samples()).toMatchObject({
    keywitness_outbound_waiting_messages: 6,
    keywitness_outbound_oldest_waiting_seconds: 30,
  })
  await house.turn()
  house.clock.time += 500
  const shown = await samples()
  expect(shown).toEqual({
    keywitness_outbound_waiting_messages: 3,
    keywitness_outbound_dead_letters: 1,
    keywitness_outbound_oldest_waiting_seconds: 30.5,
    'keywitness_outbound_attempts_total{outcome="delivered"}': 2,
    'keywitness_outbound_attempts_total{outcome="STATUS_5xx"}': 1,
    'keywitness_outbound_attempts_total{outcome="GONE"}': 1,
    'keywitness_outbound_attempts_total{outcome="STATUS_other"}': 1,
    'keywitness_outbound_attempts_total{outcome="NO_CONNECTION"}': 1,
  })
  for (const id of [...ids, well, slow]) expect(JSON.stringify(shown)).not.toContain(id)
})

test('the oldest is found among many targets', () => {
  const { house } = measured()
  for (let count = 0; count < 20; count += 1) {
    house.queue(house.target('https://example.com/').id)
    house.clock.time += 1_000
  }
  expect([house.messages.total('waiting'), house.messages.total('dead')]).toEqual([20, 0])
  expect(house.messages.oldestWaiting()).toBe(house.clock.time - 20_000)
})
