/** What a typed number of days would change about the retention. */

export type RetentionChange =
  | { readonly kind: 'longer' | 'shorter'; readonly days: number }
  | { readonly kind: 'same' | 'invalid' }

/** The server's own bound. */
export const daysMax = 36_500

/** @param now days at present; 0: for ever, in both */
export function changeOf(text: string, now: number): RetentionChange {
  const typed = text.trim()
  const days = Number(typed)
  if (!/^\d{1,6}$/.test(typed) || days > daysMax) return { kind: 'invalid' }
  if (days === now) return { kind: 'same' }
  const length = (each: number): number => (each === 0 ? Infinity : each)
  return { kind: length(days) > length(now) ? 'longer' : 'shorter', days }
}
