/** Which events an export or a file of evidence holds: the options, the API's parameters, and the words to ask again. */
import type { Command } from 'commander'
import { wholeNumber } from './command-options.ts'
import { type FilterOptions, filterQuery, withFilters } from './event-filters.ts'
import type { ExportFormat } from './export-api.ts'
import { printable } from './printable.ts'
import type { TrailOptions } from './trail-api.ts'

/** What chooses the events of an export. */
export interface ChoiceOptions extends TrailOptions, FilterOptions {
  readonly from?: string
  readonly to?: string
  readonly first?: number
  readonly last?: number
  readonly size?: number
  readonly now?: string
}

export function withChoice(command: Command): Command {
  const index = wholeNumber(0, Number.MAX_SAFE_INTEGER)
  return withFilters(command)
    .option('--from <time>', 'not before this time: RFC 3339, or relative like -15m, -24h, -7d')
    .option('--to <time>', 'before this time')
    .option('--first <index>', 'not below this index of the log', index)
    .option('--last <index>', 'not above this index', index)
    .option('--size <size>', 'up to the checkpoint of this size (default: the newest)', index)
    .option('--now <time>', 'when relative times count from, RFC 3339 (default: now)')
}

/** What is asked, as the API's parameters. */
export function choiceQuery(
  options: ChoiceOptions,
  format: ExportFormat,
): Record<string, string | number | readonly string[]> {
  return { format, ...parametersOf(options) }
}

function parametersOf(options: ChoiceOptions): Record<string, string | number | readonly string[]> {
  const { from, to, first, last, size, now } = options
  const all = { ...filterQuery(options), from, to, first, last, size, now }
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

/** The same choice as words of a command line, at a moment and a checkpoint that make it the same for ever. */
export function choiceWords(options: ChoiceOptions, now: string, size: number): string {
  const isRelative = Object.entries(parametersOf(options)).some(([name, value]) => mayBeRelative(name, String(value)))
  const all = { ...parametersOf(options), size, ...(isRelative ? { now } : {}) }
  return Object.entries(all)
    .flatMap(([name, value]) => {
      const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
      return (Array.isArray(value) ? value : [value]).map((one) => `${flag} ${shellWord(String(one))}`)
    })
    .join(' ')
}

/** Whether a parameter can mean another time later: a query in words may, a written date does not. */
function mayBeRelative(name: string, value: string): boolean {
  return name === 'query' || ((name === 'from' || name === 'to') && !/^\d{4}-/.test(value))
}

/** A word as a POSIX shell takes it, safe to print. */
export function shellWord(text: string): string {
  const word = printable(text)
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
