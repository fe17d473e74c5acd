/** When the end of an accepted certificate is told of, before it cuts off the clients that it has issued. */

const dayMs = 24 * 3_600_000

/** Before the end, the earliest first; the last is the end itself. */
const toldBeforeMs = [30 * dayMs, 7 * dayMs, dayMs, 0] as const

/** The first moment after `now` at which the end is to be told of; undefined when there is none. Milliseconds. */
export function nextTold(notAfter: number, now: number): number | undefined {
  return toldBeforeMs.map((before) => notAfter - before).find((at) => at > now)
}
