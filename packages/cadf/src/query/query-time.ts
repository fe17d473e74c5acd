/** Times as people write them in a query: absolute with or without zone, days, relative to now. */

/** Milliseconds since the epoch, inclusive and exclusive: a day is 24 hours, a minute 60 seconds, an instant 1 ms. */
export interface Period {
  readonly start: number
  readonly end: number
}

export interface TimeContext {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** IANA name of the zone of times that name none. Default UTC. */
  readonly zone?: string | undefined
}

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const

/** Periods of the calendar by what clocks show: from the midnight that today began with. A week begins on Monday. */
const calendar: ReadonlyMap<string, (midnight: number) => Period> = new Map([
  ['today', days(0, 1)],
  ['yesterday', days(-1, 0)],
  ['last-night', hours(-6, 8)],
  // Where the night ends.
  ['this-morning', hours(8, 12)],
  ['this-week', weeks(0)],
  ['last-week', weeks(-1)],
  ['this-month', months(1, 0)],
  ['last-month', months(1, -1)],
  ['this-quarter', months(3, 0)],
  ['last-quarter', months(3, -1)],
])

function days(from: number, to: number): (midnight: number) => Period {
  return (midnight) => ({ start: midnight + from * unitMs.d, end: midnight + to * unitMs.d })
}

function hours(from: number, to: number): (midnight: number) => Period {
  return (midnight) => ({ start: midnight + from * unitMs.h, end: midnight + to * unitMs.h })
}

function weeks(shift: number): (midnight: number) => Period {
  return (midnight) => {
    const sinceMonday = (new Date(midnight).getUTCDay() + 6) % 7
    return days(shift * 7 - sinceMonday, shift * 7 + 7 - sinceMonday)(midnight)
  }
}

function months(length: number, shift: number): (midnight: number) => Period {
  return (midnight) => {
    const date = new Date(midnight)
    const first = date.getUTCMonth() - (date.getUTCMonth() % length) + shift * length
    const begin = (month: number): number => Date.UTC(date.getUTCFullYear(), month, 1)
    return { start: begin(first), end: begin(first + length) }
  }
}
const relative = /^-(\d{1,6})([smhdw])$/
// RFC 3339 with what may be left out at its end: a zone, a clock, seconds, a day of the month.
const absolute =
  /^(\d{4})-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?)?(Z|[+-]\d{2}:?\d{2})?$/i

/** The forms that are understood, for an error's text. */
export const timeForms =
  '2026-11-25, 2026-11-25T14:05, an RFC 3339 time, now, today, yesterday, last-night, last-week, this-month, or -15m'

/** Whether a text is a time relative to now: `-15m`, `-24h`, `-7d`. */
export function isRelativeTime(text: string): boolean {
  return relative.test(text)
}

/** The period that a text names; undefined when it names none, such as a day that does not exist. */
export function parsePeriod(text: string, { now, zone = 'UTC' }: TimeContext): Period | undefined {
  const [, count, unit] = relative.exec(text) ?? []
  if (count !== undefined) return instant(now - Number(count) * unitMs[unit as keyof typeof unitMs])
  const word = text.toLowerCase()
  if (word === 'now') return instant(now)
  const named = calendar.get(word)
  if (named === undefined) return absolutePeriod(text, zone)
  const midnight = Math.floor(wallTime(now, zone) / unitMs.d) * unitMs.d
  const { start, end } = named(midnight)
  return { start: timeOfWall(start, zone), end: timeOfWall(end, zone) }
}

/** Whether a zone's name is known here. */
export function isZone(zone: string): boolean {
  try {
    formatOf(zone)
    return true
  } catch {
    return false
  }
}

function instant(time: number): Period {
  return { start: time, end: time + 1 }
}

function absolutePeriod(text: string, zone: string): Period | undefined {
  const match = absolute.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction, offset] = match
  const parts = [Number(year), Number(month), Number(day ?? 1), Number(hour ?? 0), Number(minute ?? 0)] as const
  // Date.UTC takes the first century for the last one; no event is that old.
  if (parts[0] < 1_000) return undefined
  if (parts[3] > 23 || parts[4] > 59 || Number(second ?? 0) > 60) return undefined
  const wall = Date.UTC(parts[0], parts[1] - 1, parts[2], parts[3], parts[4], Number(second ?? 0))
  const shown = new Date(wall)
  // The 31st of April, the 13th month.
  if (shown.getUTCMonth() !== parts[1] - 1 && second !== '60') return undefined
  if (day !== undefined && shown.getUTCDate() !== parts[2] && second !== '60') return undefined
  const toTime = (local: number): number | undefined => {
    const shift = offset === undefined ? undefined : offsetMs(offset)
    if (offset !== undefined) return shift === undefined ? undefined : local - shift
    return timeOfWall(local, zone)
  }
  const start = toTime(wall)
  if (start === undefined) return undefined
  if (fraction !== undefined) return instant(start + Math.floor(Number(`0.${fraction}`) * 1_000))
  const next =
    second !== undefined
      ? wall + 1_000
      : minute !== undefined
        ? wall + 60_000
        : day !== undefined
          ? wall + 86_400_000
          : Date.UTC(parts[0], parts[1], 1)
  return { start, end: toTime(next) ?? start }
}

/** `+02:00` in milliseconds. */
function offsetMs(offset: string): number | undefined {
  if (/^z$/i.test(offset)) return 0
  const [, sign, hour, minute] = /^([+-])(\d{2}):?(\d{2})$/.exec(offset) ?? []
  if (Number(hour) > 23 || Number(minute) > 59) return undefined
  return (sign === '-' ? -1 : 1) * (Number(hour) * 3_600_000 + Number(minute) * 60_000)
}

const formats = new Map<string, Intl.DateTimeFormat>()
/** Zones whose format is remembered. */
const formatsMax = 64

/** @throws RangeError when the zone is not known */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  if (formats.size >= formatsMax) formats.clear()
  formats.set(zone, format)
  return format
}

/** What clocks in the zone show at a time, as if they were UTC. @throws RangeError when the zone is not known */
export function wallTime(time: number, zone: string): number {
  if (zone === 'UTC') return time
  const part: Record<string, number> = {}
  for (const { type, value } of formatOf(zone).formatToParts(time)) part[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
  return Date.UTC(year, month - 1, day, hour, minute, second) + (time - Math.floor(time / 1_000) * 1_000)
}

/** When clocks in the zone show this. Of an hour that comes twice the first; one that is skipped is taken after it. */
export function timeOfWall(wall: number, zone: string): number {
  if (zone === 'UTC') return wall
  const before = wall - (wallTime(wall - 86_400_000, zone) - (wall - 86_400_000))
  if (wallTime(before, zone) === wall) return before
  const after = wall - (wallTime(wall + 86_400_000, zone) - (wall + 86_400_000))
  return wallTime(after, zone) === wall ? after : before
}
