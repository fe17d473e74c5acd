/** Times of events, as the rest of the console takes them. */
import { EventError, parseEventTime } from '@keywitness/cadf'

/** Milliseconds since the epoch; undefined for what is no time. */
export function millisecondsOf(eventTime: string): number | undefined {
  try {
    return parseEventTime(eventTime)
  } catch (error) {
    if (error instanceof EventError) return undefined
    throw error
  }
}

/** RFC 3339; as it is, for what is no time. */
export function isoOf(eventTime: string): string {
  const time = millisecondsOf(eventTime)
  return time === undefined ? eventTime : new Date(time).toISOString()
}
