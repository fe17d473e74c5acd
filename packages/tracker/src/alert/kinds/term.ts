/** When a term is over that an event opens: at a date that it names, so long after it, or as many months after it. */
import { parseEventTime } from '@keywitness/cadf'
import { parseDuration } from '../duration.ts'
import { termMonthsMax } from '../limits.ts'
import type { DeadlineCondition, RuleField } from '../rule.ts'
import type { FieldReader } from '../rule-field.ts'
import type { Sight } from './kind.ts'

/** Milliseconds since the epoch; undefined when the event names no term. */
export type DueOf = (sight: Sight) => number | undefined

export function dueReader(due: DeadlineCondition['due'], reader: (field: RuleField) => FieldReader): DueOf {
  if ('after' in due) {
    const afterMs = parseDuration(due.after)
    return ({ time }) => time + afterMs
  }
  if ('months' in due) {
    const read = reader(due.months)
    return ({ subject, time }) => {
      const text = read(subject)
      const months = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : 0
      return months > 0 && months <= termMonthsMax ? monthsAfter(time, months) : undefined
    }
  }
  const read = reader(due.field)
  return ({ subject }) => dateOf(read(subject))
}

/** A date and time in RFC 3339, or a day of it: then midnight, UTC. */
export function dateOf(text: string): number | undefined {
  const full = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text.toUpperCase().replace(' ', 'T')
  try {
    return parseEventTime(full)
  } catch {
    return undefined
  }
}

/** The same day and time of a later month, in UTC; its last day when the month is shorter. */
export function monthsAfter(time: number, months: number): number {
  const date = new Date(time)
  const day = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + months)
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  date.setUTCDate(Math.min(day, last))
  return date.getTime()
}
