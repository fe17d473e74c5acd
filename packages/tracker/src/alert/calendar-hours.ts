/** Whether a time lies in the hours of a calendar, by the clocks of its zone. */
import { durationOfMinute, minutesOf } from './clock-text.ts'
import type { Calendar } from './rule.ts'

export type IsInside = (time: number) => boolean

/** The hours of a calendar; its zone must be known here. */
export function calendarHours({ zone, hours, holidays }: Calendar): IsInside {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  const free = new Set(holidays)
  const ranges = [0, 1, 2, 3, 4, 5, 6, 7].map((day) =>
    (hours[String(day)] ?? []).map(([from, to]) => ({ from: minutesOf(from), to: minutesOf(to) })),
  )
  const isMinuteInside = (time: number): boolean => {
    const part: { [type: string]: number } = {}
    for (const { type, value } of format.formatToParts(time)) part[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = part
    const date = new Date(Date.UTC(year, month - 1, day))
    if (free.has(date.toISOString().slice(0, 10))) return false
    const now = hour * 60 + minute
    return ranges[date.getUTCDay() || 7]!.some(({ from, to }) => now >= from && now < to)
  }
  // Events of one minute come one behind the other, and zones change their offset at whole minutes.
  let latest = { minute: Number.NaN, isInside: false }
  return (time) => {
    const minute = Math.floor(time / durationOfMinute)
    if (minute !== latest.minute) latest = { minute, isInside: isMinuteInside(minute * durationOfMinute) }
    return latest.isInside
  }
}
