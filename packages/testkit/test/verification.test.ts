/** The logs' bytes are verified by the server itself, when due and when asked; what it finds is an event and an answer. */
import type { ActivityEvent } from '@keywitness/cadf'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client, newDataFolder, type Product, startProduct } from '../src/index.ts'

interface Verification {
  readonly id: string
  readonly state: string
  readonly trigger: string
  readonly size: number | null
  readonly root: string | null
  readonly findings: readonly { readonly kind: string; readonly message: string }[]
  readonly findingsTotal: number
}

let product: Product
let client: Client
beforeAll(async () => {
  product = await startProduct({ data: newDataFolder() })
  client = await new Client(product).signIn()
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

const path = (): string => `/v1/trackers/${product.location}/log/verifications`

async function listed(): Promise<Verification[]> {
  return (await client.call<{ verifications: Verification[] }>('GET', path())).json.verifications
}

/** The first that is so, once it is. */
async function until(isIt: (verification: Verification) => boolean): Promise<Verification> {
  for (let tries = 0; tries < 200; tries++) {
    const found = (await listed()).find(isIt)
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`the verifications are ${JSON.stringify(await listed())}`)
}

/** The event of a verification: the trail has it a moment after the verification has ended. */
async function verifyEvent({ id }: Verification) {
  let found: ActivityEvent | undefined
  const arrived = async (): Promise<string | undefined> => {
    const events = await client.events('action=activity-tracker.log.verify')
    found = events.map(({ event }) => event).find(({ requestData }) => requestData['verification'] === id)
    return found?.action
  }
  await expect.poll(arrived, { timeout: 10_000 }).toBe('activity-tracker.log.verify')
  return found
}

const hasEnded = ({ state }: Verification): boolean => ['good', 'bad', 'failed'].includes(state)

/** Requests a verification; one that is due may be under way already. */
async function request(): Promise<Verification> {
  const asked = await client.call<{ id: string }>('POST', path())
  expect(asked.status).toBe(202)
  return await until((one) => one.id === asked.json.id && hasEnded(one))
}

async function metric(name: string): Promise<number> {
  const metrics = await (await fetch(`${product.privateUrl}/metrics`)).text()
  return Number(new RegExp(`^keywitness_${name} (\\S+)`, 'm').exec(metrics)?.[1])
}

test('a verification that is asked for is done, answered and witnessed', async () => {
  const found = await request()
  expect(found).toMatchObject({ state: 'good', trigger: 'request', findings: [], findingsTotal: 0 })
  expect(found.root).toMatch(/^[A-Za-z0-9+/]{43}=$/)
  const event = await verifyEvent(found)
  expect(event).toMatchObject({
    outcome: 'success',
    severity: 'normal',
    requestData: { verification: found.id, trigger: 'request' },
    responseData: { size: found.size, root: found.root, findings: 0 },
  })
  expect(await metric('logs_not_verified')).toBe(0)
  expect(await metric('log_verified_age_seconds')).toBeLessThan(60)
})

test('one of a log at a time: another is refused, and whatever was taken is done', async () => {
  const taken: string[] = []
  let refusal: string | undefined
  // How long one takes nobody knows: they are asked for until one is still under way.
  for (let round = 0; round < 50 && refusal === undefined; round++) {
    const ask = () => client.call<{ id: string; code: string }>('POST', path())
    for (const { status, json } of [...(await Promise.all([ask(), ask(), ask()])), await ask()]) {
      if (status === 202) taken.push(json.id)
      else refusal = json.code
    }
  }
  expect(refusal).toBe('VERIFICATION_RUNNING')
  expect(taken).not.toEqual([])
  for (const id of taken) await until((one) => one.id === id && hasEnded(one))
})

test('a day after the last one it is due again, also when nobody ran in between', async () => {
  await product.stop()
  product = await startProduct({ data: product.data, fault: 'clock:ahead@90000' })
  client = await new Client(product).signIn()
  const found = await until((one) => one.trigger === 'schedule' && hasEnded(one))
  expect(found).toMatchObject({ state: 'good' })
  const due = (await listed()).filter(({ trigger }) => trigger === 'schedule')
  expect(due).toHaveLength(1)
})

test('a changed byte on the disk is found, a critical event, and seen in the metrics', async () => {
  const folder = join(product.data, 'trackers')
  const file = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('head.db'))
  const head = new DatabaseSync(join(folder, file ?? ''), { timeout: 5_000 })
  const { first, bundle } = head.prepare('SELECT first, bundle FROM entries ORDER BY first LIMIT 1').get() as {
    first: number
    bundle: Uint8Array
  }
  bundle[300]! ^= 1
  head.prepare('UPDATE entries SET bundle=? WHERE first=?').run(bundle, first)
  head.close()
  const found = await request()
  expect(found).toMatchObject({
    state: 'bad',
    findings: [{ kind: 'changed-entry', message: expect.stringContaining('entry 0') }],
  })
  const event = await verifyEvent(found)
  expect(event).toMatchObject({ outcome: 'failure', severity: 'critical', responseData: { findings: 1 } })
  expect(event?.reason.reasonForFailure).toContain('the bytes of entry 0 were changed')
  expect(await metric('logs_not_verified')).toBe(1)
  expect((await fetch(`${product.url}/readyz`)).status).toBe(200)
})
