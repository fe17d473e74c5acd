/** A calendar as it is typed: the hours of each weekday and the days off as texts. */
import { isZone } from '@keywitness/cadf'
import type { Calendar } from '../api/alert-types.ts'
import { idForm } from './setup-id.ts'

/** `1` is Monday. */
export const weekdays = ['1', '2', '3', '4', '5', '6', '7'] as const
type Weekday = (typeof weekdays)[number]

export interface CalendarDraft {
  readonly id: string
  readonly name: string
  readonly zone: string
  /** Such as `08:00-12:00, 13:00-17:00`; empty for a day that is outside as a whole. */
  readonly hours: Readonly<Record<Weekday, string>>
  /** One day a line. */
  readonly holidays: string
}

export type CalendarFault = 'id' | 'needed' | 'zone' | 'hours' | 'order' | 'tooMany' | 'holidays'

const rangesMax = 4
const holidaysMax = 400

export function calendarDraft(calendar: Calendar | undefined, zone: string): CalendarDraft {
  const { id = '', name = '', hours, holidays = [] } = calendar ?? {}
  const usual = calendar === undefined ? '08:00-18:00' : ''
  return {
    id,
    name,
    zone: calendar?.zone ?? zone,
    hours: Object.fromEntries(
      weekdays.map((day) => [day, hours === undefined ? (day < '6' ? usual : '') : rangesText(hours[day] ?? [])]),
    ) as Record<Weekday, string>,
    holidays: holidays.join('\n'),
  }
}

export function rangesText(ranges: readonly (readonly [string, string])[]): string {
  return ranges.map(([from, to]) => `${from}-${to}`).join(', ')
}

/** The calendar that is typed, or by its place what is wrong with it; the server has the last word. */
export function calendarOf(
  draft: CalendarDraft,
): { readonly calendar: Calendar } | { readonly faults: ReadonlyMap<string, CalendarFault> } {
  const faults = new Map<string, CalendarFault>()
  const hours: Record<string, [string, string][]> = {}
  for (const day of weekdays) {
    const ranges = rangesIn(draft.hours[day])
    if (typeof ranges === 'string') faults.set(`hours.${day}`, ranges)
    else if (ranges.length > 0) hours[day] = ranges
  }
  const holidays = draft.holidays.split(/[\s,;]+/).filter((each) => each !== '')
  if (!holidays.every(isDay)) faults.set('holidays', 'holidays')
  else if (holidays.length > holidaysMax) faults.set('holidays', 'tooMany')
  if (!idForm.test(draft.id)) faults.set('id', draft.id === '' ? 'needed' : 'id')
  if (draft.name.trim() === '') faults.set('name', 'needed')
  // A zone by its offset knows no daylight saving.
  if (!/^[A-Za-z]/.test(draft.zone) || !isZone(draft.zone)) faults.set('zone', 'zone')
  if (faults.size > 0) return { faults }
  const { id, name, zone } = draft
  return { calendar: { id, name: name.trim(), zone, hours, holidays: [...new Set(holidays)] } }
}

function rangesIn(text: string): [string, string][] | CalendarFault {
  const parts = text
    .split(/[,;]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
  if (parts.length > rangesMax) return 'tooMany'
  const ranges = parts.map((part): [string, string] | undefined => {
    const found = /^(\d{1,2}:\d\d)\s*[-–]\s*(\d{1,2}:\d\d)$/.exec(part)
    const [from, to] = [clockOf(found?.[1]), clockOf(found?.[2])]
    return from === undefined || to === undefined ? undefined : [from, to]
  })
  if (!ranges.every((range) => range !== undefined)) return 'hours'
  return ranges.every(([from, to]) => from < to) ? ranges : 'order'
}

/** `8:00` as `08:00`; to `24:00`. */
function clockOf(text = ''): string | undefined {
  const clock = text.padStart(5, '0')
  return /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/.test(clock) ? clock : undefined
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}
