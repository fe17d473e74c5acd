/** Times of day as calendars write them. */

export const durationOfMinute = 60_000

/** `HH:MM`, to `24:00`. */
export const clockForm = /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/

/** Minutes since midnight of a time in that form. */
export function minutesOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5))
}
