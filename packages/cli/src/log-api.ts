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
