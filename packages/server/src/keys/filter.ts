/** The filter of the key list: blank-separated terms that must all hold (reference: kms-rest-api.md, section 7.1). */
import { isExactDate, parseDate } from './date.ts'
import { keyLimits } from './limits.ts'
import { badQuery } from './refusals.ts'
import { isStateList, statesIn } from './state-list.ts'
import type { KeyState } from './states.ts'

export const filterDates = [
  'creationDate',
  'lastUpdateDate',
  'lastRotateDate',
  'deletionDate',
  'expirationDate',
] as const
export type FilterDate = (typeof filterDates)[number]

/** Milliseconds since the epoch, both ends included. */
export interface DateRange {
  readonly from?: number
  readonly to?: number
  /** The key has no such date. */
  readonly isNone?: boolean
}

export interface Filter {
  readonly states?: ReadonlySet<KeyState>
  readonly extractable?: boolean
  readonly dates: Readonly<Partial<Record<FilterDate, DateRange>>>
}

const term = /^([A-Za-z]{1,30})=(.{1,200})$/
const dated = /^(?:(lte?|gte?):)?(?:"([^"]*)"|([^"]*))$/

/** @throws Refusal `INVALID_QUERY_PARAM_ERR` */
export function parseFilter(text: string): Filter {
  if (text.length > keyLimits.filterLength) throw bad(`filter has at most ${keyLimits.filterLength} characters.`)
  const terms = text.split(' ').filter((part) => part !== '')
  const counts = new Map<string, number>()
  let states: ReadonlySet<KeyState> | undefined
  let extractable: boolean | undefined
  const dates: Partial<Record<FilterDate, DateRange>> = {}
  for (const part of terms) {
    const [, name = '', value = ''] = term.exec(part) ?? []
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    if (count > keyLimits.filterTermsPerProperty) {
      throw bad(`filter has at most ${keyLimits.filterTermsPerProperty} terms of one property.`)
    }
    if (name === 'state') states = both(states, statesOf(value))
    else if (name === 'extractable') extractable = same(extractable, flagOf(value))
    else if (isDateName(name)) dates[name] = narrowed(dates[name], rangeOf(value))
    else throw bad(`filter takes state, extractable, ${filterDates.join(', ')}.`)
  }
  return {
    ...(states === undefined ? {} : { states }),
    ...(extractable === undefined ? {} : { extractable }),
    dates,
  }
}

function bad(message: string) {
  return badQuery('filter', message)
}

function isDateName(name: string): name is FilterDate {
  return (filterDates as readonly string[]).includes(name)
}

function statesOf(value: string): ReadonlySet<KeyState> {
  if (!isStateList(value)) throw bad('filter: a state is a comma list of numbers from 0 to 5.')
  return statesIn(value)
}

function both(one: ReadonlySet<KeyState> | undefined, other: ReadonlySet<KeyState>): ReadonlySet<KeyState> {
  return one === undefined ? other : one.intersection(other)
}

function flagOf(value: string): boolean {
  if (value !== 'true' && value !== 'false') throw bad('filter: extractable is true or false.')
  return value === 'true'
}

/** A key cannot be both; who asks for that may have mistyped. */
function same(one: boolean | undefined, other: boolean): boolean {
  if (one !== undefined && one !== other) throw bad('filter: extractable cannot be both true and false.')
  return other
}

/** A date of the day alone means its first moment, in UTC. What is finer than a millisecond decides at the bounds. */
function rangeOf(value: string): DateRange {
  if (value === 'none') return { isNone: true }
  const [, operator, quoted, plain] = dated.exec(value) ?? []
  const text = quoted ?? plain ?? ''
  const whole = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text
  const date = parseDate(whole)
  if (date === undefined) throw bad('filter: a date is written as in RFC 3339, or none.')
  const isExact = isExactDate(whole)
  switch (operator) {
    case 'gt':
      return { from: date + 1 }
    case 'gte':
      return { from: isExact ? date : date + 1 }
    case 'lt':
      return { to: isExact ? date - 1 : date }
    case 'lte':
      return { to: date }
    default:
      return isExact ? { from: date, to: date } : { from: date + 1, to: date }
  }
}

function narrowed(before: DateRange = {}, more: DateRange): DateRange {
  const from = Math.max(before.from ?? -Infinity, more.from ?? -Infinity)
  const to = Math.min(before.to ?? Infinity, more.to ?? Infinity)
  return {
    ...(from === -Infinity ? {} : { from }),
    ...(to === Infinity ? {} : { to }),
    ...(before.isNone === true || more.isNone === true ? { isNone: true } : {}),
  }
}
