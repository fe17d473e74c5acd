/** How long a message waits after a failed attempt. */
import { outboundLimits } from './limits.ts'

/**
 * Doubles with each attempt up to the longest; between half of it and the whole, so that receivers that came back are
 * not met by everything at once.
 * @param attempts made so far, 1 after the first
 * @param chance from 0 up to 1
 * @param asked what the receiver asked for; taken up to the longest pause
 */
export function pauseAfter(attempts: number, chance: number, asked = 0): number {
  const { firstPauseMs, longestPauseMs } = outboundLimits
  const whole = Math.min(firstPauseMs * 2 ** (attempts - 1), longestPauseMs)
  return Math.max(Math.round(whole * (0.5 + chance / 2)), Math.min(asked, longestPauseMs))
}
