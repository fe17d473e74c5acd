/** The range of indexes in which all events of a time range lie, so that evidence can hold every one of the log in it. */
import type { ChoiceOptions } from './choice.ts'
import { CliError } from './cli-error.ts'
import { filterQuery } from './event-filters.ts'
import type { Surroundings } from './surroundings.ts'
import { openTrail } from './trail-api.ts'

/**
 * The indexes from the first to the last event of a time range, with one neighbour on either side: whoever sees the times
 * of these two sees that the log was past the range. Without times it is the range of indexes as given.
 *
 * @throws CliError `BAD_INPUT` with other filters, since a filtered range is not whole, and when there is no event in it
 */
export async function wholeRange(io: Surroundings, options: ChoiceOptions): Promise<ChoiceOptions> {
  const { from, to, first, last, size, now, location, url, apiKeyFile } = options
  const others = Object.entries(filterQuery(options)).filter(([name, value]) => value !== undefined && name !== 'tz')
  if (others.length > 0) {
    throw new CliError(
      'BAD_INPUT',
      `a complete range takes no filters but times and indexes, not ${others.map(([name]) => name).join(', ')}`,
      'filter what comes out of it: keywitness evidence export',
    )
  }
  const server = { location, url, apiKeyFile }
  const given = Object.fromEntries(Object.entries({ ...server, size, now }).filter(([, value]) => value !== undefined))
  if (from === undefined && to === undefined) {
    return { ...given, ...(first === undefined ? {} : { first }), ...(last === undefined ? {} : { last }) }
  }
  const trail = await openTrail(io, options)
  const { tz } = filterQuery(options)
  // One checkpoint for all of it: what is logged meanwhile does not change the range.
  const end = size ?? Number((await trail.checkpoint()).split('\n')[1])
  const indexAt = async (order: 'asc' | 'desc'): Promise<number> => {
    for (let cursor: string | undefined; ;) {
      const { events, next } = await trail.events({ from, to, tz, order, limit: 100, cursor })
      const covered = events.find(({ index }) => index < end)
      if (covered !== undefined) return covered.index
      if (next === undefined)
        throw new CliError('BAD_INPUT', 'no event of that time range is covered by the checkpoint')
      cursor = next
    }
  }
  const [lowest, highest] = [await indexAt('asc'), await indexAt('desc')]
  return {
    ...given,
    size: end,
    first: Math.max(first ?? 0, lowest - 1, 0),
    last: Math.min(last ?? end - 1, highest + 1, end - 1),
  }
}
