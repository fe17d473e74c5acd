/** Text of others on a terminal: what could steer it or turn its direction is shown, not obeyed. */

/** Controls but newline and tab, and the marks that reorder what stands around them. */
// prettier-ignore
const unsafe = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/** One line of text, with every unsafe character written as an escape. */
export function printable(text: string): string {
  return text.toWellFormed().replaceAll(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0
    return `\\u${code.toString(16).padStart(4, '0')}`
  })
}

/** JSON that is safe to print: its strings hold no unsafe character unescaped. Parses to the same value. */
export function printableJson(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, undefined, indent)
  return json.split('\n').map(printable).join('\n')
}

/** A byte count for people. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = bytes / 1000
  let unit = 0
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000
  return `${value.toFixed(1)} ${units[unit]}`
}

/** A count with thousands separated: 1,234. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}

/** A count of things: `1 rule`, `1,234 rules`. */
export function formatNumberOf(count: number, thing: string): string {
  return `${formatCount(count)} ${thing}${count === 1 ? '' : 's'}`
}
