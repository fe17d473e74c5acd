/** Cursors: where the next page of a query begins. Opaque to callers, bounded, good for one query only. */
import { TrackerError } from '../errors.ts'
import { columnCode } from './column-code.ts'
import type { Plan } from './plan.ts'

const version = 1
const cursorLengthMax = 256

/** Where a query stands: a page ends before `position` going on from there (exclusive above for `desc`). */
export interface Place {
  readonly plan: Plan
  readonly position: number
}

/** The cursor of the next page. It carries the time window, so that relative times mean the same on every page. */
export function formatCursor({ plan, position }: Place): string {
  const { order, from = null, to = null } = plan
  return Buffer.from(JSON.stringify([version, order, position, from, to, digestOf(plan)])).toString('base64url')
}

/**
 * The plan and position of a page from the query's plan and the cursor.
 *
 * @throws TrackerError BAD_CURSOR when it is malformed or of another query
 */
export function openCursor(plan: Plan, cursor: string): Place {
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
  if (!Array.isArray(parts) || parts.length !== 6) return refuse()
  const [of, order, position, from, to, digest] = parts as unknown[]
  if (of !== version || order !== plan.order || digest !== digestOf(plan)) return refuse()
  if (!Number.isSafeInteger(position) || (position as number) < 0) return refuse()
  const window = { from: timeOf(from, refuse), to: timeOf(to, refuse) }
  return { plan: { ...plan, ...window }, position: position as number }
}

function timeOf(value: unknown, refuse: () => never): number | undefined {
  if (value === null) return undefined
  return typeof value === 'number' && Number.isFinite(value) ? value : refuse()
}

/** What must be the same on every page: all but the window, which the cursor has, and the page's length. */
function digestOf({ columns, words }: Plan): number {
  return columnCode(JSON.stringify([[...columns], words]))
}
