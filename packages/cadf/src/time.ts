/** The time format of events: UTC, hundredths of a second, an offset without a colon. */
import { EventError } from './error.ts'

const latest = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

const dayMs = 86_400_000

/** The date of the day formatted last: every event needs it, and it changes once a day. */
let latestDay = { day: 0, date: '1970-01-01T' }

/** Forms seen in real events: one to nine fraction digits or none; `Z`, `+hhmm` or `+hh:mm`. */
const form = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))$/

/**
 * `YYYY-MM-DDTHH:mm:ss.SS+0000`. Further digits are cut, never rounded up: an event is not later than it was.
 *
 * @param ms milliseconds since the epoch, in the years 1970 to 9999
 * @throws EventError `BAD_VALUE`
 * @example formatEventTime(1497901832320) // '2017-06-19T19:50:32.32+0000'
 */
export function formatEventTime(ms: number): string {
  if (!(ms >= 0 && ms <= latest)) throw new EventError('BAD_VALUE', 'eventTime', 'not a time of the years 1970 to 9999')
  const day = Math.floor(ms / dayMs)
  if (day !== latestDay.day) latestDay = { day, date: new Date(ms).toISOString().slice(0, 11) }
  const hundredths = Math.floor((ms - day * dayMs) / 10)
  const seconds = Math.floor(hundredths / 100)
  const minutes = Math.floor(seconds / 60)
  const clock = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}.${two(hundredths % 100)}`
  return `${latestDay.date}${clock}+0000`
}

function two(number: number): string {
  return number < 10 ? `0${number}` : `${number}`
}

/**
 * Milliseconds since the epoch of an event's time, in any of the forms that real events have.
 *
 * @throws EventError `BAD_VALUE`
 */
export function parseEventTime(text: string): number {
  const parts = text.length <= 40 ? form.exec(text) : null
  if (parts === null) throw new EventError('BAD_VALUE', 'eventTime', 'not a time of a known form')
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHours, offsetMinutes] = parts
  const field = (digits: string | undefined): number => Number(digits ?? 0)
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3))
  const utc = Date.UTC(field(year), field(month) - 1, field(day), field(hour), field(minute), field(second), ms)
  // Date.UTC rolls 31 June over into July; a time that does so is none.
  const rolled = new Date(utc)
  const same =
    rolled.getUTCMonth() + 1 === field(month) &&
    rolled.getUTCDate() === field(day) &&
    rolled.getUTCHours() === field(hour)
  if (!same || field(minute) > 59 || field(second) > 59 || field(offsetHours) > 23 || field(offsetMinutes) > 59) {
    throw new EventError('BAD_VALUE', 'eventTime', 'no such time')
  }
  const offset = (field(offsetHours) * 60 + field(offsetMinutes)) * 60_000
  return sign === '-' ? utc + offset : utc - offset
}
