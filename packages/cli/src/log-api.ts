/** The log of one tracker over the published API: its kept checkpoints, answers parsed. */
import { memberOf, Refused } from './api-client.ts'
import { CliError } from './cli-error.ts'
import type { TrailApi } from './trail-api.ts'

/** A checkpoint that the log keeps. Time and root are the server's word until the note is opened. */
export interface ListedCheckpoint {
  readonly size: number
  /** Base64. */
  readonly root: string
  /** RFC 3339. */
  readonly signedAt: string
  readonly note: string
}

/** Checkpoints asked for at once. */
const pageSize = 1_000

function bad(what: string): never {
  throw new CliError('BAD_ANSWER', `the server answered ${what} in another form than this command knows`)
}

/** The newest of the kept checkpoints, largest first. */
export async function keptCheckpoints(trail: TrailApi, limit: number): Promise<ListedCheckpoint[]> {
  const found: ListedCheckpoint[] = []
  let before: number | undefined
  while (found.length < limit) {
    const query = { limit: Math.min(pageSize, limit - found.length), before }
    const answer = await trail.client.json(`${trail.path}/log/checkpoints`, { query })
    const page = memberOf(answer, 'checkpoints')
    if (!Array.isArray(page)) return bad('a list of checkpoints')
    found.push(...page.map(listed))
    const next = memberOf(answer, 'next')
    // Sizes only fall: an answer that says otherwise would be asked for ever.
    if (typeof next !== 'number' || next >= (before ?? Number.POSITIVE_INFINITY)) return found
    before = next
  }
  return found
}

/** The kept checkpoint of this size; undefined when none is. */
export async function listedCheckpoint(trail: TrailApi, size: number): Promise<ListedCheckpoint | undefined> {
  const query = { limit: 1, before: size + 1 }
  const answer = await trail.client.json(`${trail.path}/log/checkpoints`, { query })
  const page = memberOf(answer, 'checkpoints')
  const [found] = Array.isArray(page) ? page.map(listed) : bad('a list of checkpoints')
  return found?.size === size ? found : undefined
}

/** The note of a kept checkpoint. @throws CliError `REFUSED` when none of this size is kept */
export async function checkpointOf(trail: TrailApi, size: number): Promise<string> {
  try {
    return await trail.client.text(`${trail.path}/log/checkpoints/${size}`, { bytesMax: 1_000_000 })
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 404) throw error
    throw new CliError('REFUSED', `no checkpoint of size ${size} is kept`, 'see keywitness log checkpoints')
  }
}

function listed(item: unknown): ListedCheckpoint {
  const [size, root, signedAt, note] = ['size', 'root', 'signedAt', 'note'].map((name) => memberOf(item, name))
  const areTexts = typeof root === 'string' && typeof signedAt === 'string' && typeof note === 'string'
  if (!areTexts || typeof size !== 'number' || !Number.isSafeInteger(size)) return bad('a checkpoint')
  return { size, root, signedAt, note }
}

/** A key of the log as the server lists it: its own word, unless another key vouches for it. */
export interface ListedKey {
  readonly key: string
  /** Eight hexadecimal digits. */
  readonly id: string
  readonly state: string
  readonly from: { readonly size: number; readonly time: string }
  readonly until: { readonly size: number; readonly time: string } | null
  /** Index of the event that announced it. */
  readonly announced: number | null
  readonly overlapUntil: string | null
}

/** All keys of the log, oldest first. */
export async function logKeys(trail: TrailApi): Promise<ListedKey[]> {
  const keys = memberOf(await trail.client.json(`${trail.path}/log/keys`), 'keys')
  return Array.isArray(keys) ? keys.map(listedKey) : bad('the keys of the log')
}

/** The proof of the event that announced a key; undefined when the server has none. */
export async function announcementOf(trail: TrailApi, id: string): Promise<string | undefined> {
  try {
    return await trail.client.text(`${trail.path}/log/keys/${encodeURIComponent(id)}/announcement`)
  } catch (error) {
    if (error instanceof Refused && [404, 409].includes(error.status)) return undefined
    throw error
  }
}

/** Changes the key; answers the new one. */
export async function rotateKey(
  trail: TrailApi,
  overlapSeconds: number,
): Promise<{ key: string; previousKey: string }> {
  const json = { overlapSeconds }
  const answer = await trail.client.json(`${trail.path}/log/keys`, { method: 'POST', json })
  const [key, previousKey] = [memberOf(answer, 'key'), memberOf(answer, 'previousKey')]
  if (typeof key !== 'string' || typeof previousKey !== 'string') return bad('the new key')
  return { key, previousKey }
}

function listedKey(item: unknown): ListedKey {
  const [key, id, state, announced, overlapUntil] = ['key', 'id', 'state', 'announced', 'overlapUntil'].map((name) =>
    memberOf(item, name),
  )
  const areTexts = typeof key === 'string' && typeof id === 'string' && typeof state === 'string'
  if (!areTexts) return bad('a key of the log')
  const until = memberOf(item, 'until')
  return {
    key,
    id,
    state,
    from: momentOf(memberOf(item, 'from')),
    until: until === null ? null : momentOf(until),
    announced: typeof announced === 'number' ? announced : null,
    overlapUntil: typeof overlapUntil === 'string' ? overlapUntil : null,
  }
}

function momentOf(value: unknown): ListedKey['from'] {
  const [size, time] = [memberOf(value, 'size'), memberOf(value, 'time')]
  return typeof size === 'number' && typeof time === 'string' ? { size, time } : bad('a key of the log')
}
