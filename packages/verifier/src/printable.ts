/** Text of others on a terminal: what could steer it or turn its direction is shown, not obeyed. */

/** Controls, and the marks that reorder what stands around them. */
const unsafe = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/** One line of text, with every unsafe character written as an escape. */
export function printable(text: string): string {
  return text.toWellFormed().replaceAll(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0
    return `\\u${code.toString(16).padStart(4, '0')}`
  })
}
