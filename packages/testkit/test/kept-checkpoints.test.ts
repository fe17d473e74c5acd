/** Checkpoints that were handed out are kept: consistency with them can be shown for ever. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { Client, startProduct } from '../src/index.ts'

test('the checkpoint of a receipt and one that was read are marked as kept', async () => {
  const product = await startProduct()
  const client = await new Client(product).signIn()
  await client.createKey('kept')
  const asked = await client.call('GET', '/api/v2/keys')
  const receipt = await client.receipt(asked.eventId ?? '')
  const note = await client.call('GET', `/v1/trackers/${product.location}/log/checkpoint`)
  const sizeIn = (text: string): number => Number(/keywitness\/us-south\/[^\n]+\n(\d+)\n/.exec(text)?.[1])
  await client.call('GET', '/api/v2/keys')
  await product.stop()
  const folder = join(product.data, 'trackers')
  const head = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('head.db'))
  const db = new DatabaseSync(join(folder, head ?? ''), { readOnly: true })
  const kept = db.prepare('SELECT size FROM checkpoints WHERE kept = 1').all() as { size: number }[]
  db.close()
  expect(kept.map((row) => row.size)).toEqual(expect.arrayContaining([sizeIn(receipt), sizeIn(note.text)]))
  product.remove()
})
