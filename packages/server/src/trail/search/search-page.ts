/** One page of a search: turn by turn, so that others are answered between, until it is full or its time is over. */
import type { Destination } from '../../audit.ts'
import { limits } from '../../limits.ts'
import type { SearchRequest } from './query.ts'
import type { Trail } from '../trail.ts'

export interface SearchPage {
  /** `{"events":[…],"next":…,"covered":…}` */
  readonly body: Uint8Array
  readonly count: number
}

/** @throws Refusal as `Asking.ask` */
export async function searchPage(
  trail: Pick<Trail, 'ask'>,
  place: Destination,
  { filter, order, limit, cursor }: Pick<SearchRequest, 'filter' | 'order' | 'limit' | 'cursor'>,
  signal: AbortSignal,
): Promise<SearchPage> {
  const until = performance.now() + limits.searchPageMs
  const pieces: Uint8Array[] = []
  let count = 0
  let next = cursor
  let covered: number
  do {
    const given = { filter, order, limit: limit - count, ...(next === undefined ? {} : { cursor: next }) }
    const found = await trail.ask(place, 'events', given, { signal })
    if (found.count > 0) pieces.push(found.items)
    count += found.count
    next = found.next
    covered = found.covered
  } while (next !== undefined && count < limit && performance.now() < until)
  return { body: eventsBody(pieces, { next: next ?? null, covered }), count }
}

/** An answer with events: lists of them with commas between, and what else it says. */
export function eventsBody(pieces: readonly Uint8Array[], more: object): Uint8Array {
  const parts = pieces.flatMap((piece, at) => (at === 0 ? [piece] : [Buffer.from(','), piece]))
  return Buffer.concat([Buffer.from('{"events":['), ...parts, Buffer.from(`],${JSON.stringify(more).slice(1)}`)])
}
