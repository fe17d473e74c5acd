/** A table without lines around it, as wide as the terminal and no wider; in a pipe, rows of tab-separated cells. */
import Table from 'cli-table3'
import type { Surroundings } from './surroundings.ts'

/** One column: its title, and whether it takes what width is left. */
export interface Column {
  readonly title: string
  readonly isWide?: boolean
}

const noLines = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
}

/** The narrowest a wide column gets, in characters. */
const wideMin = 20

/** The narrowest that a table of these cells can be. */
export function widthOf(columns: readonly Column[], cells: readonly (readonly string[])[]): number {
  const widths = columns.map(({ title, isWide }, i) => {
    const width = Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0))
    return isWide === true ? Math.min(width, wideMin) : width
  })
  return widths.reduce((sum, width) => sum + width + 2, -2)
}

/** Cells must be safe to print already; `paintCell` may style them after widths are known. */
export function table(
  io: Surroundings,
  columns: readonly Column[],
  cells: readonly (readonly string[])[],
  paintCell: (text: string, row: number, column: number) => string = (text) => text,
): string {
  if (!io.out.isTerminal) return cells.map((row) => `${row.join('\t')}\n`).join('')
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)))
  const room = io.out.columns ?? 80
  const wide = columns.findIndex(({ isWide }) => isWide === true)
  if (wide >= 0) {
    const others = widths.reduce((sum, width, i) => sum + (i === wide ? 0 : width + 2), 0)
    widths[wide] = Math.min(widths[wide] ?? 0, Math.max(wideMin, room - others - 1))
  }
  const grid = new Table({
    head: columns.map(({ title }) => title),
    chars: noLines,
    style: { head: io.environment['NO_COLOR'] ? [] : ['dim'], border: [], 'padding-left': 0, 'padding-right': 0 },
    colWidths: widths,
    wordWrap: true,
    wrapOnWordBoundary: true,
  })
  cells.forEach((row, r) => grid.push(row.map((text, c) => paintCell(text, r, c))))
  return `${grid.toString().replaceAll(/ +$/gm, '')}\n`
}
