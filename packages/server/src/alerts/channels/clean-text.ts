/** Text for people, of whatever somebody else chose: nothing in it moves, hides or begins a line. */

/**
 * Line breaks and other controls, what separates lines and paragraphs, and characters that show nothing: marks of direction,
 * zero-width spaces, tags. The joiners stay: emoji and some scripts are written with them.
 */
const unseen = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]--[\u200c-\u200d]]+/gv
const unseenButBreaks = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]--\n--[\u200c-\u200d]]+/gv

/** One line of at most `chars` UTF-16 units; what is cut off shows as an ellipsis. */
export function oneLine(text: string, chars: number): string {
  // More than could ever be kept is not looked at.
  const line = text
    .slice(0, chars * 4)
    .toWellFormed()
    .replaceAll(unseen, ' ')
    .trim()
  return cut(line, chars)
}

/** Text whose lines are kept, at most `lines` of them. */
export function someLines(text: string, chars: number, lines = 40): string {
  const clean = text
    .slice(0, chars * 4)
    .toWellFormed()
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(unseenButBreaks, ' ')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
  const kept = clean.split('\n')
  return cut(kept.length > lines ? [...kept.slice(0, lines - 1), '…'].join('\n') : clean, chars)
}

/** Never in the middle of a character. */
export function cut(text: string, chars: number): string {
  if (text.length <= chars) return text
  const last = text.charCodeAt(chars - 2)
  const isHalf = last >= 0xd800 && last <= 0xdbff
  return `${text.slice(0, chars - (isHalf ? 2 : 1))}…`
}

/** At most so many bytes of UTF-8, never in the middle of a character. */
export function cutBytes(text: string, bytes: number): string {
  const all = Buffer.from(text)
  if (all.length <= bytes) return text
  let end = Math.max(0, bytes - 3)
  while (end > 0 && ((all[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return `${all.toString('utf8', 0, end)}…`
}
