/** Paragraphs on the terminal: titled parts, text wrapped to its width, names and values below each other. */
import { printable } from './printable.ts'
import { paint, type Style, type Surroundings } from './surroundings.ts'

/** The narrowest and the widest that text is wrapped to, in characters. */
const narrowest = 20
const widest = 100

/** Text made safe to print, wrapped to the terminal; in a pipe, one line. */
export function paragraph(io: Surroundings, text: string, indent = '  ', first = indent): string[] {
  const plain = printable(text)
  if (!io.out.isTerminal) return [`${first}${plain}`]
  const room = Math.max(narrowest, Math.min(widest, (io.out.columns ?? 80) - 1) - indent.length)
  const lines: string[] = []
  let line = ''
  for (const word of plain.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line].map((one, at) => `${at === 0 ? first : indent}${one}`)
}

/** A title and what is below it, after an empty line; nothing when there is nothing below it. */
export function part(io: Surroundings, title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', paint(io, 'bold', title), ...lines]
}

/** A name, its value, and how the value is styled. */
export type Row = readonly [name: string, value: string | undefined, style?: Style | undefined]

/** Names and values below each other, made safe to print; rows without a value are left out. */
export function rowLines(io: Surroundings, rows: readonly Row[]): string[] {
  const shown = rows.filter(([, value]) => value !== undefined && value !== '')
  const width = Math.max(0, ...shown.map(([name]) => printable(name).length))
  const indent = ' '.repeat(width + 4)
  return shown.flatMap(([name, value = '', style]) => {
    const [first = '', ...rest] = paragraph(io, value, indent, '')
    const styled = (text: string): string => (style === undefined ? text : paint(io, style, text))
    const head = `  ${paint(io, 'dim', printable(name).padEnd(width))}  ${styled(first)}`
    return [head, ...rest.map((line) => indent + styled(line.slice(indent.length)))]
  })
}

/** A time of the API as people read it, in UTC: `2026-11-25 20:00:00`; in a pipe as it came. */
export function timeText(io: Surroundings, time: string): string {
  return io.out.isTerminal ? time.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/, '$1 $2') : time
}

/** A file as people read it: in the home folder, from there; in a pipe as it is. */
export function fileText({ out, home }: Surroundings, file: string): string {
  return out.isTerminal && file.startsWith(`${home}/`) ? `~${file.slice(home.length)}` : file
}

/** The style that an alert's severity has. */
export function severityStyle(severity: string): Style {
  if (severity === 'critical') return 'red'
  return severity === 'warning' ? 'yellow' : 'dim'
}
