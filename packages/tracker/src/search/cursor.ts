/** Cursors: where the next page of a query begins. Opaque to callers, bounded, good for one query only. */
import type { EventQuery } from '../search-api.ts'
import { TrackerError } from '../errors.ts'
import { columnCode } from './column-code.ts'
import { type PagePlan, pagePlanOf } from './plan.ts'

const version = 2
const cursorLengthMax = 256

/** Where a query stands: a page ends before `position` going on from there (exclusive above for `desc`). */
export interface Place {
  readonly plan: PagePlan
  readonly position: number
}

/**
 * The cursor of the next page. It carries the time window, and what relative times are relative to, so that they mean
 * the same on every page.
 */
export function formatCursor({ plan, position }: Place): string {
  const { order, given, now } = plan
  const { from = null, to = null } = given
  return Buffer.from(JSON.stringify([version, order, position, from, to, now, digestOf(plan)])).toString('base64url')
}

/**
 * The plan and position of a page from what was asked and the cursor.
 *
 * @throws TrackerError BAD_CURSOR when it is malformed or of another query, BAD_INPUT as the query is
 */
export function openCursor(asked: EventQuery, cursor: string): Place {
  const refuse = (): never => {
    throw new TrackerError('BAD_CURSOR', 'the cursor is not one of this query')
  }
  if (cursor.length > cursorLengthMax || !/^[\w-]+$/.test(cursor)) return refuse()
  let parts: unknown
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return refuse()
  }
  if (!Array.isArray(parts) || parts.length !== 7) return refuse()
  const [of, order, position, from, to, now, digest] = parts as unknown[]
  if (of !== version || order !== (asked.order ?? 'desc')) return refuse()
  if (!Number.isSafeInteger(position) || (position as number) < 0 || !Number.isFinite(now)) return refuse()
  const { from: _from, to: _to, ...others } = asked
  const window = { from: timeOf(from, refuse), to: timeOf(to, refuse) }
  const plan = pagePlanOf({
    ...others,
    ...(window.from === undefined ? {} : { from: window.from }),
    ...(window.to === undefined ? {} : { to: window.to }),
    now: now as number,
  })
  return digest === digestOf(plan) ? { plan, position: position as number } : refuse()
}

function timeOf(value: unknown, refuse: () => never): number | undefined {
  if (value === null) return undefined
  return typeof value === 'number' && Number.isFinite(value) ? value : refuse()
}

/** What must be the same on every page: all but the page's length. */
function digestOf({ query }: PagePlan): number {
  return columnCode(JSON.stringify(query))
}
