/** Keys of every kind in a product, and whether they still open: for what rotates master keys. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Client } from './client.ts'
import type { TkeCommands } from './tke-commands.ts'

/** A key with what only it opens. */
export interface FilledKey {
  readonly id: string
  /** What it wrapped, for each of its versions; the payload of a standard key. */
  readonly ciphertexts: readonly string[]
  readonly plaintext: string
}

/** Runs `count` calls, a few at a time. */
export async function inParallel<T>(count: number, run: (at: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  let next = 0
  const work = async (): Promise<void> => {
    for (let at = next++; at < count; at = next++) results[at] = await run(at)
  }
  await Promise.all(Array.from({ length: 16 }, work))
  return results
}

export async function wrapped(client: Client, id: string, plaintext: string): Promise<string> {
  const reply = await client.call<{ ciphertext: string }>('POST', `/api/v2/keys/${id}/actions/wrap`, {
    body: { plaintext },
  })
  if (reply.status !== 200) throw new Error(`no wrap: ${reply.status} ${reply.text}`)
  return reply.json.ciphertext
}

/** Root keys, every fifth with three versions, and standard keys, every third. */
export function fillKeys(client: Client, count: number): Promise<FilledKey[]> {
  return inParallel(count, async (at) => {
    const plaintext = Buffer.from(`plaintext ${at}`).toString('base64')
    if (at % 3 === 2) {
      const id = await client.createKey(`standard ${at}`, { extractable: true, payload: plaintext })
      return { id, ciphertexts: [], plaintext }
    }
    const id = await client.createKey(`root ${at}`)
    const ciphertexts = [await wrapped(client, id, plaintext)]
    const rotations = at % 5 === 0 ? 2 : 0
    for (let rotation = 0; rotation < rotations; rotation++) {
      const rotated = await client.call('POST', `/api/v2/keys/${id}/actions/rotate`, { body: {} })
      if (rotated.status !== 204) throw new Error(`no rotation: ${rotated.status} ${rotated.text}`)
      ciphertexts.push(await wrapped(client, id, plaintext))
    }
    return { id, ciphertexts, plaintext }
  })
}

/** What does not open, in words. */
export async function unopened(client: Client, keys: readonly FilledKey[]): Promise<string[]> {
  const wrong = await inParallel(keys.length, async (at) => {
    const { id, ciphertexts, plaintext } = keys[at] as FilledKey
    if (ciphertexts.length === 0) {
      const read = await client.call<{ resources: { payload: string }[] }>('GET', `/api/v2/keys/${id}`)
      return read.json.resources?.[0]?.payload === plaintext ? [] : [`${id}: ${read.status} ${read.text}`]
    }
    const opened = await Promise.all(
      ciphertexts.map((ciphertext) =>
        client.call<{ plaintext: string }>('POST', `/api/v2/keys/${id}/actions/unwrap`, { body: { ciphertext } }),
      ),
    )
    return opened.filter(({ json }) => json?.plaintext !== plaintext).map(({ text }) => `${id}: ${text}`)
  })
  return wrong.flat()
}

/** How many blobs of a product are under which master key; zeros are what was purged. */
export function blobsByPattern(data: string): Record<string, number> {
  const store = new DatabaseSync(join(data, 'server.db'), { readOnly: true })
  try {
    const rows = store
      .prepare('SELECT hex(substr(blob, 5, 32)) AS pattern, count(*) AS count FROM key_material GROUP BY 1')
      .all() as { pattern: string; count: number }[]
    return Object.fromEntries(rows.map(({ pattern, count }) => [pattern.toLowerCase(), count]))
  } finally {
    store.close()
  }
}

/** Waits for a rotation to come to one of these. */
export async function rotationAt(tke: TkeCommands, ...statuses: readonly string[]): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!statuses.includes((await tke.rotation()).json.status)) {
    if (performance.now() > deadline) throw new Error(`the rotation did not come to ${statuses.join(' or ')}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Loads the same new master key into all units and commits it. @returns its verification pattern */
export async function bringAll(tke: TkeCommands, parts: readonly Uint8Array[]): Promise<string> {
  const patterns = new Set<string>()
  for (const unit of await tke.units()) patterns.add(await tke.bring(unit, parts))
  const [pattern = ''] = patterns
  if (patterns.size !== 1) throw new Error('the same parts gave different master keys')
  return pattern
}
