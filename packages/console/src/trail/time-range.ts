/** Time ranges of the trail: presets relative to now or by the calendar, and absolute times typed in the zone that is shown. */
import { parsePeriod, timeOfWall, wallTime } from '@keywitness/cadf'
import { type Zone, ianaOf } from '../app/zones.ts'

export type { Zone } from '../app/zones.ts'

/** Relative ranges, as the API writes them. The empty one is the whole trail. */
export const rangePresets = ['', '-15m', '-1h', '-6h', '-24h', '-7d', '-30d'] as const

/** Ranges of the calendar, as the API writes them: from the beginning of the one to the beginning of the other. */
export const calendarPresets = {
  today: { from: 'today', to: undefined },
  yesterday: { from: 'yesterday', to: 'today' },
  lastNight: { from: 'last-night', to: 'this-morning' },
  thisWeek: { from: 'this-week', to: undefined },
  lastWeek: { from: 'last-week', to: 'this-week' },
  thisMonth: { from: 'this-month', to: undefined },
  lastMonth: { from: 'last-month', to: 'this-month' },
  thisQuarter: { from: 'this-quarter', to: undefined },
  lastQuarter: { from: 'last-quarter', to: 'this-quarter' },
} as const
export type CalendarPreset = keyof typeof calendarPresets
export const calendarNames = Object.keys(calendarPresets) as readonly CalendarPreset[]

/** Both as they stand in the address. */
interface Range {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** The calendar's range that a search has; undefined when it has another, or none. */
export function calendarPresetOf({ from, to }: Range): CalendarPreset | undefined {
  return calendarNames.find((name) => calendarPresets[name].from === from && calendarPresets[name].to === to)
}

/** Whether what a time means depends on the zone: it is neither relative nor does it name one. */
export function isOfZone(text: string | undefined): boolean {
  return text !== undefined && text !== 'now' && !isRelative(text) && !/(?:z|[+-]\d{2}:?\d{2})$/i.test(text)
}

/** Milliseconds since the epoch of a time as it stands in the address; undefined for what is none. */
export function timeOf(text: string | undefined, zone: Zone, now: number): number | undefined {
  return text === undefined ? undefined : parsePeriod(text, { now, zone: ianaOf(zone) })?.start
}

const typedTime = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?$/
const zonedTime = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/

/**
 * Milliseconds since the epoch of a typed time (`2025-11-25`, `2025-11-25 14:05`, `2025-11-25 14:05:09`, or RFC 3339
 * with its own zone). Undefined when it is not a time, or a day that does not exist.
 */
export function parseTypedTime(text: string, zone: Zone): number | undefined {
  const typed = text.trim()
  if (zonedTime.test(typed)) {
    const time = Date.parse(typed.replace(' ', 'T'))
    return Number.isNaN(time) ? undefined : time
  }
  const match = typedTime.exec(typed)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0))
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const wall = Date.UTC(year, month - 1, day, hour, minute, second)
  const date = new Date(wall)
  // A 31st of April would roll over into May.
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? timeOfWall(wall, ianaOf(zone)) : undefined
}

/** A time as one would type it, to the second. */
export function formatTypedTime(time: number, zone: Zone): string {
  const { date, clock } = splitTime(time, zone)
  return `${date} ${clock.slice(0, 8)}`
}

/** A time to the minute, with its seconds only where they are not zero. */
export function formatMinute(time: number, zone: Zone): string {
  return formatTypedTime(time, zone).replace(/:00$/, '')
}

/** A time in parts of fixed width: `2025-11-25`, `14:05:09.31`. */
export function splitTime(time: number, zone: Zone): { date: string; clock: string } {
  // Shifting by the zone's offset makes the UTC text show local time.
  const text = new Date(time + offsetMs(time, zone)).toISOString()
  return { date: text.slice(0, 10), clock: text.slice(11, 22) }
}

/** The offset of the shown zone at a time: `UTC`, `UTC+02:00`. */
export function zoneName(time: number, zone: Zone): string {
  const minutes = Math.round(offsetMs(time, zone) / 60_000)
  if (minutes === 0) return 'UTC'
  const sign = minutes < 0 ? '-' : '+'
  const part = (value: number): string => String(Math.floor(Math.abs(value))).padStart(2, '0')
  return `UTC${sign}${part(minutes / 60)}:${part(Math.abs(minutes) % 60)}`
}

/** What is added to a time in UTC for clocks of the zone, in milliseconds. */
function offsetMs(time: number, zone: Zone): number {
  if (zone === 'utc') return 0
  // The browser knows its own zone without much ado: lists show many times.
  if (zone === 'local') return -new Date(time).getTimezoneOffset() * 60_000
  return wallTime(time, zone) - time
}

/** A time in every one of some zones, a line each: for who looks twice. */
export function inEachZone(time: number, zones: readonly Zone[]): string {
  return zones
    .map((zone) => {
      const offset = zoneName(time, zone)
      const name = zone === 'utc' ? '' : ` ${ianaOf(zone)}`
      return `${formatTypedTime(time, zone)} ${offset}${name}`
    })
    .join('\n')
}

/** The offset of the shown zone today. */
export function zoneNow(zone: Zone): string {
  return zoneName(Date.now(), zone)
}

/** The year it is now in the shown zone, with four digits. */
export function yearNow(zone: Zone): string {
  return splitTime(Date.now(), zone).date.slice(0, 4)
}

export function isRelative(text: string | undefined): boolean {
  return text !== undefined && /^-\d{1,6}[smhdw]$/.test(text)
}
