/** Time ranges of the trail: presets relative to now, and absolute times typed in the zone that is shown. */

/** Relative ranges, as the API writes them. The empty one is the whole trail. */
export const rangePresets = ['', '-15m', '-1h', '-6h', '-24h', '-7d', '-30d'] as const

export type Zone = 'utc' | 'local'

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
  const time =
    zone === 'utc'
      ? Date.UTC(year, month - 1, day, hour, minute, second)
      : new Date(year, month - 1, day, hour, minute, second).getTime()
  const date = new Date(time)
  // A 31st of April would roll over into May.
  const [backMonth, backDay] =
    zone === 'utc' ? [date.getUTCMonth(), date.getUTCDate()] : [date.getMonth(), date.getDate()]
  return backMonth === month - 1 && backDay === day ? time : undefined
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
  const shift = zone === 'utc' ? 0 : new Date(time).getTimezoneOffset() * 60_000
  const text = new Date(time - shift).toISOString()
  return { date: text.slice(0, 10), clock: text.slice(11, 22) }
}

/** The offset of the shown zone at a time: `UTC`, `UTC+02:00`. */
export function zoneName(time: number, zone: Zone): string {
  const minutes = zone === 'utc' ? 0 : -new Date(time).getTimezoneOffset()
  if (minutes === 0) return 'UTC'
  const sign = minutes < 0 ? '-' : '+'
  const part = (value: number): string => String(Math.floor(Math.abs(value))).padStart(2, '0')
  return `UTC${sign}${part(minutes / 60)}:${part(Math.abs(minutes) % 60)}`
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
