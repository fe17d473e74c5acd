/** Resources on the terminal: a list as a table, one as lines, either as JSON. */
import { printable, printableJson } from './printable.ts'
import type { Surroundings } from './surroundings.ts'
import { type Column, table } from './table.ts'

/** Something the server described. */
type Described = Readonly<Record<string, unknown>>

/** A column: the member it shows, or how it is made; the one with `isWide` takes what width is left. */
export interface ResourceColumn<R extends Described> extends Column {
  readonly of?: (resource: R) => string
}

/** A member as text; empty when there is none. Objects and lists as JSON. */
export function memberText(resource: Described, name: string): string {
  const value = resource[name]
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

/** @param member the name that `--json` gives the list */
export function printList<R extends Described>(
  io: Surroundings,
  isJson: boolean | undefined,
  member: string,
  resources: readonly R[],
  columns: readonly ResourceColumn<R>[],
): void {
  if (isJson === true) {
    io.out.write(`${printableJson({ [member]: resources }, 2)}\n`)
    return
  }
  const cells = resources.map((resource) =>
    columns.map(({ title, of }) => printable(of === undefined ? memberText(resource, title) : of(resource))),
  )
  io.out.write(table(io, columns, cells))
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
