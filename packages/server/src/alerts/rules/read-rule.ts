/** Rules and calendars as requests bring them, checked as a whole: what is wrong is named by its place. */
import {
  type Calendar,
  type Condition,
  needsOf,
  parseCalendar,
  parseRule,
  type Rule,
  RuleError,
} from '@keywitness/tracker/alerts'
import { Refusal } from '../../errors.ts'
import { isJsonObject, type JsonValue } from '../../http/json.ts'
import { alertLimits } from '../limits.ts'

/** What a rule may name that is kept beside it. */
export interface Known {
  readonly calendars: ReadonlySet<string>
  readonly channels: ReadonlySet<string>
}

/**
 * @param id the rule's, when the request names it elsewhere
 * @param at where in the body it stands
 * @throws Refusal INVALID_FIELD_ERR
 */
export function readRule(value: JsonValue | undefined, id: string | undefined, known: Known, at = 'rule'): Rule {
  const given = isJsonObject(value) && id !== undefined && value['id'] === undefined ? { ...value, id } : value
  const rule = checked(() => parseRule(given), at)
  if (id !== undefined && rule.id !== id) throw wrong(`${at}.id`, 'It must be the id that the path names.')
  if (rule.during !== undefined && !known.calendars.has(rule.during.calendar)) {
    throw wrong(`${at}.during.calendar`, 'There is no such calendar.')
  }
  if (rule.channels?.some((channel) => !known.channels.has(channel)) === true) {
    throw wrong(`${at}.channels`, 'There is no such channel.')
  }
  if (listBytesOf(rule) > alertLimits.listBytes) throw wrong(`${at}.lists`, 'They are too long.')
  return rule
}

export function listBytesOf({ lists = {} }: Pick<Rule, 'lists'>): number {
  return JSON.stringify(lists).length
}

export function tooLongLists(): Refusal {
  return new Refusal('QUOTA_EXCEEDED', { message: 'The lists of all rules together are too long.' })
}

export function readCalendar(value: JsonValue | undefined, id: string): Calendar {
  const given = isJsonObject(value) && value['id'] === undefined ? { ...value, id } : value
  const calendar = checked(() => parseCalendar(given), 'calendar')
  if (calendar.id !== id) throw wrong('calendar.id', 'It must be the id that the path names.')
  return calendar
}

/** Why a rule cannot be turned on yet; undefined when it can. */
export function needOf(rule: Rule, hasLocations: boolean): string | undefined {
  const { lists, locations } = needsOf(rule)
  if (lists.length > 0) return `Its list ${lists.join(', ')} is empty: name what it is about.`
  if (locations && !hasLocations) return 'It needs a database of locations: see KEYWITNESS_LOCATION_DATABASE.'
  return undefined
}

/** Conditions that the serving thread looks at by itself. */
export function isWatch(condition: Condition): condition is Extract<Condition, { kind: 'watch' }> {
  return condition.kind === 'watch'
}

function checked<T>(read: () => T, what: string): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof RuleError)) throw error
    const name = error.path === '' ? what : `${what}.${error.path}`
    const place = error.at === undefined ? {} : { from: error.at, length: error.length ?? 0 }
    throw new Refusal('INVALID_FIELD_ERR', {
      message: `${name}: ${error.message}`,
      at: { type: 'field', name, ...place },
    })
  }
}

function wrong(name: string, what: string): Refusal {
  return new Refusal('INVALID_FIELD_ERR', { message: `${name}: ${what}`, at: { type: 'field', name } })
}
