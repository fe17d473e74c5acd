/** Pieces of Markdown that the reference pages are made of. */

/** A table; cells are escaped. No table at all without rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

export function code(text: string): string {
  return `\`${text}\``
}

/** Blocks with an empty line between them, and one line end at the end. */
export function page(blocks: readonly string[]): string {
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`
}

/** A page with one of its parts written anew, between the comments that name it. */
export function withPart(whole: string, name: string, text: string): string {
  const begin = `<!-- ${name} -->\n`
  const end = `<!-- end of ${name} -->\n`
  const [before = '', rest = ''] = whole.split(begin)
  return `${before}${begin}\n${text}\n\n${end}${rest.split(end)[1] ?? ''}`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
