/** A client's own words where they are told: in an event, in the text of a refusal. */

/** As far as a line of text can hold them, and no longer than so many characters. */
export function toldText(text: string, characters = 128): string {
  const printable = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
  const cut = printable.slice(0, characters)
  return cut.isWellFormed() ? cut : cut.slice(0, -1)
}
