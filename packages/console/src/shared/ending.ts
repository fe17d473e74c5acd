/** Whether something that is good until a time ends soon. */

const dayMs = 86_400_000

export interface Ending {
  readonly kind: 'ended' | 'soon' | 'later'
  /** `critical` within a week, and once it is over. */
  readonly tone: 'critical' | 'warning' | undefined
  /** Until then, or since then; not negative. */
  readonly ms: number
}

/** @param at when it ends, as `now` in milliseconds since the epoch */
export function endingOf(at: number, now: number): Ending {
  const left = at - now
  if (left <= 0) return { kind: 'ended', tone: 'critical', ms: -left }
  if (left > 30 * dayMs) return { kind: 'later', tone: undefined, ms: left }
  return { kind: 'soon', tone: left <= 7 * dayMs ? 'critical' : 'warning', ms: left }
}
