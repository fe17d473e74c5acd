/** When a mute ends: one of a few lengths, or a time that somebody typed. Never later than the server allows. */
import { type Zone, parseTypedTime } from '../trail/time-range.ts'

const hour = 3_600_000

export const muteLengths = { '1h': hour, '4h': 4 * hour, '1d': 24 * hour, '1w': 7 * 24 * hour } as const
export type MuteLength = keyof typeof muteLengths

/** The server takes no mute that is longer. */
const muteMaxMs = 90 * 24 * hour

export type MuteEnd = { readonly until: string } | { readonly problem: 'notATime' | 'past' | 'tooLate' }

export function muteEnd(choice: MuteLength | 'time', typed: string, now: number, zone: Zone): MuteEnd {
  const until = choice === 'time' ? parseTypedTime(typed, zone) : now + muteLengths[choice]
  if (until === undefined) return { problem: 'notATime' }
  if (until <= now) return { problem: 'past' }
  if (until > now + muteMaxMs) return { problem: 'tooLate' }
  return { until: new Date(until).toISOString() }
}
