/** Reads a calendar as it comes from outside. */
import { isZone } from '@keywitness/cadf'
import { clockForm, minutesOf } from './clock-text.ts'
import { dayRangesMax, holidaysMax, nameMax } from './limits.ts'
import { listAt, MemberReader, refuseTwice } from './member-reader.ts'
import type { Calendar } from './rule.ts'
import { RuleError } from './rule-error.ts'

const weekdays = ['1', '2', '3', '4', '5', '6', '7'] as const

/** @throws RuleError and nothing else */
export function parseCalendar(value: unknown): Calendar {
  const from = new MemberReader(value, '', ['id', 'name', 'zone', 'hours', 'holidays'])
  const zone = from.text('zone', 1, 64)
  // A zone by its offset knows no daylight saving: nobody means it who means a place.
  if (!/^[A-Za-z]/.test(zone) || !isZone(zone)) {
    throw new RuleError('zone', 'Expected the IANA name of a zone, such as Europe/Berlin.')
  }
  const hours = new MemberReader(from.raw('hours'), 'hours', weekdays)
  const holidays = from.list('holidays', 0, holidaysMax, dayAt)
  refuseTwice(holidays, 'holidays')
  return {
    id: from.id('id'),
    name: from.text('name', 1, nameMax),
    zone,
    hours: Object.fromEntries(
      weekdays.filter((day) => hours.has(day)).map((day) => [day, hours.list(day, 0, dayRangesMax, rangeAt)]),
    ),
    holidays,
  }
}

function rangeAt(value: unknown, path: string): [from: string, to: string] {
  const [from, to] = listAt(value, path, 2, 2, clockAt)
  if (from === undefined || to === undefined || minutesOf(from) >= minutesOf(to)) {
    throw new RuleError(path, 'Expected the end after the beginning; what goes over midnight are two days.')
  }
  return [from, to]
}

function clockAt(value: unknown, path: string): string {
  if (typeof value === 'string' && clockForm.test(value)) return value
  throw new RuleError(path, 'Expected a time of day, from 00:00 to 24:00.')
}

function dayAt(value: unknown, path: string): string {
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value)) {
    const time = Date.parse(`${value}T00:00:00Z`)
    if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(value)) return value
  }
  throw new RuleError(path, 'Expected a day, such as 2026-12-25.')
}
