/** Old events leave under COMMITs that fail or lie: whatever ends the process, the next start has copied before it pruned. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseVerifierKey, verifyEvidence } from '@keywitness/tlog'
import { fsck } from '@keywitness/tracker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shareWords, withWays } from '../../tracker/src/testing/share.ts'
import { Client, newDataFolder, type Product, StartFailed, startProduct } from '../src/index.ts'
import { believeClock, sealStore } from '../src/sealed-store.ts'
import { secondAdministrator, settled } from './second-person.ts'

const ahead = `clock:ahead@${40 * 86_400}`
// Verification would only make pruning wait.
const env = { KEYWITNESS_VERIFY_EVERY: '0' }

let prepared: string
let location: string
let hold: string

beforeAll(async () => {
  const product = await startProduct({ data: newDataFolder(), env })
  prepared = product.data
  location = product.location
  const ana = await new Client(product).signIn()
  const bob = await new Client({ ...product, apiKey: await secondAdministrator(ana) }).signIn()
  const trail = `/v1/trackers/${location}`
  const { json } = await ana.call<{ id: string }>('POST', `${trail}/proposals`, {
    body: { kind: 'retention', retentionDays: 30 },
  })
  await bob.call('POST', `${trail}/proposals/${json.id}/approve`)
  const key = await ana.createKey('held')
  const placed = await ana.call<{ id: string }>('POST', `${trail}/holds`, {
    body: { reason: 'matter 7', query: `key:"${key}"` },
  })
  hold = placed.json.id
  for (let batch = 0; batch < 30; batch++) {
    await Promise.all(Array.from({ length: 20 }, () => ana.call('GET', `/api/v2/keys/${key}`)))
  }
  await product.stop()
  sealStore(prepared, location, 100, () => Date.now())
  believeClock(prepared, Date.now() + 40 * 86_400_000)
})
afterAll(() => rmSync(prepared, { recursive: true, force: true }))

/** The server as it ends by itself, or after what it had to do. */
async function startToFail(data: string, fault: string): Promise<void> {
  let product: Product
  try {
    product = await startProduct({ data, env, fault: `${ahead}+${fault}` })
  } catch (error) {
    if (!(error instanceof StartFailed)) throw error
    return
  }
  // Some of them come later than what it has to do: then it is killed where it is.
  await Promise.race([product.ended, new Promise((resolve) => setTimeout(resolve, 1_000))])
  await product.kill()
}

const table = withWays([2, 3, 4], ['commit:fail', 'commit:lie'])

test(`a fault at any COMMIT of the way (${shareWords})`, { timeout: 240_000 }, async () => {
  for (const [nth, fault] of table) {
    const data = mkdtempSync(join(tmpdir(), 'keywitness-keeping-'))
    cpSync(prepared, data, { recursive: true })
    await startToFail(data, `${fault}@${nth}`)
    const product = await startProduct({ data, env, fault: ahead })
    const client = await new Client(product).signIn()
    const trail = `/v1/trackers/${location}`
    const minimum = async (): Promise<number> =>
      (await client.call<{ minimumIndex: number }>('GET', `${trail}/retention`)).json.minimumIndex
    for (let tries = 0; (await minimum()) === 0 && tries < 100; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect(await minimum(), `${fault}@${nth}`).toBeGreaterThanOrEqual(512)
    const { evidence } = (
      await client.call<{ evidence: { first: number; events: number }[] }>('GET', `${trail}/holds/${hold}/evidence`)
    ).json
    expect(evidence, `${fault}@${nth}`).toHaveLength(1)
    const bytes = await client.bytes(`${trail}/holds/${hold}/evidence/${evidence[0]?.first}`)
    const key = (await client.call('GET', `${trail}/log/key`)).text.trim()
    const report = await verifyEvidence([bytes], { trust: () => [parseVerifierKey(key)] })
    expect(report.entries, `${fault}@${nth}`).toBe(evidence[0]?.events)
    expect(report.entries).toBeGreaterThan(400)
    await settled(client)
    const copies = await client.events('action=activity-tracker.hold.copy')
    expect(copies, `${fault}@${nth}`).toHaveLength(1)
    await product.stop()
    const [account = ''] = readdirSync(join(data, 'trackers'))
    const found = await fsck({
      folder: join(data, 'trackers', account, location),
      keyFolder: join(data, 'checkpoints', account, location),
    })
    expect(found, `${fault}@${nth}`).toMatchObject({ good: true, findings: [] })
    product.remove()
  }
})
