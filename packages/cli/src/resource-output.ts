/** Resources on the terminal: a list as a table, one as lines, either as JSON. */
import { printable, printableJson } from './printable.ts'
import { paint, type Style, type Surroundings } from './surroundings.ts'
import { type Column, table, widthOf } from './table.ts'

/** Something the server described. */
type Described = Readonly<Record<string, unknown>>

/** A column: the member it shows, or how it is made; the one with `isWide` takes what width is left. */
export interface ResourceColumn<R extends Described> extends Column {
  readonly of?: (resource: R) => string
  /** How a cell is styled. */
  readonly style?: (resource: R) => Style | undefined
  /** Left out on a terminal that is too narrow for it. */
  readonly isExtra?: boolean
}

/** A member as text; empty when there is none. Objects and lists as JSON. */
export function memberText(resource: Described, name: string): string {
  const value = resource[name]
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

/**
 * @param member the name that `--json` gives the list
 * @param about what `--json` tells of the list besides
 */
export function printList<R extends Described>(
  io: Surroundings,
  isJson: boolean | undefined,
  member: string,
  resources: readonly R[],
  columns: readonly ResourceColumn<R>[],
  about: Described = {},
): void {
  if (isJson === true) {
    io.out.write(`${printableJson({ [member]: resources, ...about }, 2)}\n`)
    return
  }
  const cellsOf = (shown: readonly ResourceColumn<R>[]): string[][] =>
    resources.map((resource) =>
      shown.map(({ title, of }) => printable(of === undefined ? memberText(resource, title) : of(resource))),
    )
  const shown = fitting(io, columns, cellsOf)
  const cells = cellsOf(shown ?? columns)
  const painted = (text: string, row: number, column: number): string => {
    const resource = resources[row]
    const style = resource === undefined ? undefined : (shown ?? columns)[column]?.style?.(resource)
    return style === undefined ? text : paint(io, style, text)
  }
  io.out.write(shown === undefined ? blocks(io, columns, cells, painted) : table(io, shown, cells, painted))
}

/** The columns that a terminal has room for, without the extra ones if need be; undefined when it is too narrow even so. */
function fitting<R extends Described>(
  io: Surroundings,
  columns: readonly ResourceColumn<R>[],
  cellsOf: (columns: readonly ResourceColumn<R>[]) => string[][],
): readonly ResourceColumn<R>[] | undefined {
  if (!io.out.isTerminal) return columns
  const room = io.out.columns ?? 80
  let shown = columns
  while (widthOf(shown, cellsOf(shown)) >= room) {
    const extra = shown.findLast(({ isExtra }) => isExtra === true)
    if (extra === undefined) return undefined
    shown = shown.filter((column) => column !== extra)
  }
  return shown
}

/** Where not even a table has room: the first cell of each, and below it the others with their titles. */
function blocks(
  io: Surroundings,
  columns: readonly Column[],
  cells: readonly (readonly string[])[],
  painted: (text: string, row: number, column: number) => string,
): string {
  const width = Math.max(0, ...columns.slice(1).map(({ title }) => title.length))
  return cells
    .map((row, r) => {
      const [first = '', ...rest] = row.map((text, c) => (text === '' ? '' : painted(text, r, c)))
      const lines = rest.map((text, c) =>
        text === '' ? '' : `  ${paint(io, 'dim', (columns[c + 1]?.title ?? '').padEnd(width))}  ${text}\n`,
      )
      return `${first}\n${lines.join('')}`
    })
    .join('')
}

/** One resource, a member a line; what is nested as JSON. */
export function printOne(io: Surroundings, isJson: boolean | undefined, resource: Described): void {
  if (isJson === true) {
    io.out.write(`${printableJson(resource, 2)}\n`)
    return
  }
  const names = Object.keys(resource)
  const width = Math.max(0, ...names.map((name) => name.length))
  for (const name of names) {
    const [first = '', ...rest] = memberText(resource, name).trimEnd().split('\n')
    io.out.write(`${printable(name).padEnd(width)}  ${printable(first)}\n`)
    for (const line of rest) io.out.write(`${' '.repeat(width)}  ${printable(line)}\n`)
  }
}
