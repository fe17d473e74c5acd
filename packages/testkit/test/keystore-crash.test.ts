/** EP11 keystores under kill -9: every answered write has its event, and what is left is what the log says. */
import { randomBytes, randomInt } from 'node:crypto'
import { rmSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { answeredCalls } from '../src/crash-round.ts'
import {
  Client,
  covered,
  type LoggedEntry,
  newDataFolder,
  type Product,
  startProduct,
  verifiedLog,
} from '../src/index.ts'

const folders: string[] = []
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true })
})

/** A write and how it ended. Without `status` the connection closed: it may or may not have happened. */
interface Line {
  readonly status: number | undefined
  readonly eventId: string | undefined
}

/** Workers that make keystores, store, change and delete in them until the product is gone. */
async function load(product: Product, ledger: Line[]): Promise<void> {
  const client = await new Client(product).signIn()
  const base = `/v1/keystores/${product.instance}`
  const call = async (method: string, path: string, body?: object, version?: number) => {
    const headers = version === undefined ? {} : { 'if-match': `"${version}"` }
    try {
      const options = body === undefined ? { headers } : { body, headers }
      const { status, eventId, json } = await client.call<{ id?: string } | undefined>(method, base + path, options)
      ledger.push({ status, eventId })
      return json?.id
    } catch {
      ledger.push({ status: undefined, eventId: undefined })
      return undefined
    }
  }
  const object = randomBytes(200).toString('base64')
  const work = async (): Promise<void> => {
    for (;;) {
      const keystore = await call('POST', '', { type: 'public' })
      if (keystore === undefined) return
      for (let round = 0; round < 6; round++) {
        const wish = { object, attributes: { CKA_CLASS: 0, CKA_LABEL: { text: `label ${round}` } } }
        const key = await call('POST', `/${keystore}/keys`, wish)
        if (key === undefined) return
        await call('PATCH', `/${keystore}/keys/${key}`, { attributes: { CKA_LABEL: { text: 'changed' } } }, 0)
        if (round % 3 === 0) await call('DELETE', `/${keystore}/keys/${key}`)
      }
      if (randomInt(2) === 0) await call('DELETE', `/${keystore}`)
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
}

/** What keystores hold by the log: version by `keystore/key`, and the number of objects by keystore. */
function byLog(log: readonly LoggedEntry[]): { keys: Map<string, number>; keystores: Map<string, number> } {
  const keys = new Map<string, number>()
  const keystores = new Map<string, number>()
  for (const { event } of log) {
    if (event.outcome !== 'success' || !event.action.startsWith('hs-crypto.keystore.')) continue
    const { name } = event.target
    const [keystore = ''] = name.split('/')
    const count = (by: number) => keystores.set(keystore, (keystores.get(keystore) ?? 0) + by)
    switch (event.action) {
      case 'hs-crypto.keystore.createkeystore':
        keystores.set(name, 0)
        break
      case 'hs-crypto.keystore.storenewkey':
        keys.set(name, 0)
        count(1)
        break
      case 'hs-crypto.keystore.updatekey':
        keys.set(name, (event.responseData as { newValue: { version: number } }).newValue.version)
        break
      case 'hs-crypto.keystore.deletekey':
        keys.delete(name)
        count(-1)
        break
      case 'hs-crypto.keystore.deletekeystore':
        keystores.delete(name)
        for (const key of keys.keys()) if (key.startsWith(name)) keys.delete(key)
        break
      default:
    }
  }
  return { keys, keystores }
}

/** The same, asked of the product. */
async function byProduct(product: Product, client: Client): Promise<ReturnType<typeof byLog>> {
  const base = `/v1/keystores/${product.instance}`
  const listed = await client.call<{ keystores: { id: string; objects: number }[] }>('GET', base)
  const found = await client.call<{ keys: { id: string; keystore: string; version: number }[]; next: string | null }>(
    'POST',
    `${base}/search`,
    { body: { objects: false, limit: 5_000 } },
  )
  if (found.json.next !== null) throw new Error('more objects than one page has')
  return {
    keys: new Map(found.json.keys.map(({ id, keystore, version }) => [`${keystore}/${id}`, version])),
    keystores: new Map(listed.json.keystores.map(({ id, objects }) => [id, objects])),
  }
}

test('kill -9 under load: no write without its event, no event without its write, and totals that are right', async () => {
  const data = newDataFolder()
  folders.push(data)
  for (let round = 0; round < 2; round++) {
    const ledger: Line[] = []
    const product = await startProduct({ data })
    const loading = load(product, ledger)
    const after = randomInt(60, 250)
    await answeredCalls(ledger, after)
    await product.kill()
    await loading
    const restarted = await startProduct({ data })
    try {
      const client = await new Client(restarted).signIn()
      await covered(client, restarted.location)
      const log = await verifiedLog(client, restarted.location)
      const ids = log.map(({ event }) => event.id)
      expect(new Set(ids).size).toBe(ids.length)
      const known = new Set(ids)
      const answered = ledger.filter(({ status }) => status !== undefined && status < 500)
      expect(answered.filter(({ eventId }) => eventId === undefined || !known.has(eventId))).toEqual([])
      const [said, held] = [byLog(log), await byProduct(restarted, client)]
      expect(held.keystores).toEqual(said.keystores)
      expect(held.keys).toEqual(said.keys)
    } finally {
      await restarted.stop()
    }
  }
}, 240_000)
