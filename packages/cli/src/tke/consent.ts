/** What a person must agree to: what will happen is shown first, dangers are agreed to by their names. */
import { CliError } from '../cli-error.ts'
import { printable } from '../printable.ts'
import { paint, type Surroundings } from '../surroundings.ts'
import type { UnitState } from './unit-state.ts'

/** What is foolish, and may be meant all the same. */
export interface Danger {
  /** What a person types, or gives with `--accept`. */
  readonly name: string
  /** A sentence without its full stop. */
  readonly words: string
}

/** Shows what will happen to which units, and asks. @throws CliError `BAD_INPUT` unless it is agreed to */
export async function consent(
  io: Surroundings,
  options: { readonly yes?: boolean },
  title: string,
  lines: readonly string[],
): Promise<void> {
  io.err.write(`${paint(io, 'bold', printable(title), io.err)}\n`)
  for (const line of lines) io.err.write(`  ${printable(line)}\n`)
  if (options.yes === true) return
  if (io.confirm === undefined) throw new CliError('BAD_INPUT', 'nothing was done', 'if that is meant, add --yes')
  if (await io.confirm('Do it? Type yes: ')) return
  throw new CliError('BAD_INPUT', 'nothing was done')
}

/** @throws CliError `BAD_INPUT` naming each danger that is not agreed to */
export async function acceptDangers(
  io: Surroundings,
  options: { readonly accept?: readonly string[] },
  dangers: readonly Danger[],
): Promise<void> {
  for (const danger of dangers) {
    if (await isAccepted(io, options, danger)) continue
    const { name, words } = danger
    throw new CliError('BAD_INPUT', `not without a word of consent: ${words}`, `if that is meant, add --accept ${name}`)
  }
}

/** Whether a danger was agreed to by its name before, or is now. */
export async function isAccepted(
  io: Surroundings,
  options: { readonly accept?: readonly string[] },
  { name, words }: Danger,
): Promise<boolean> {
  if (options.accept?.includes(name) === true) return true
  io.err.write(`${paint(io, ['red', 'bold'], 'danger', io.err)}: ${words}.\n`)
  return (await io.askText?.(`If that is meant, type ${name}: `)) === name
}

/** The line that names a unit. */
export function unitLine({ unit }: UnitState): string {
  const { number, kind } = unit.entry
  return `${number}  ${unit.location}  ${kind}`
}

/** What is missing on the command line is asked for. @throws CliError `BAD_INPUT` where nobody can be asked */
export async function given(
  io: Surroundings,
  value: string | undefined,
  question: string,
  flag: string,
): Promise<string> {
  if (value !== undefined) return value
  if (io.askText !== undefined) return io.askText(`${question}: `)
  throw new CliError('BAD_INPUT', `${question} is missing`, `give ${flag}`)
}

/** The same for a list of words: file numbers, unit numbers. */
export async function givenWords(
  io: Surroundings,
  values: readonly string[] | undefined,
  question: string,
  flag: string,
): Promise<string[]> {
  if (values !== undefined) return [...values]
  const text = await given(io, undefined, question, flag)
  const words = text.split(/[\s,]+/).filter((word) => word !== '')
  if (words.length > 0) return words
  throw new CliError('BAD_INPUT', 'nothing was chosen')
}

/** And for a whole number. */
export async function givenNumber(
  io: Surroundings,
  value: number | undefined,
  question: string,
  flag: string,
  bounds: { readonly low: number; readonly high: number },
): Promise<number> {
  if (value !== undefined) return value
  const text = await given(io, undefined, question, flag)
  const number = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN
  if (number >= bounds.low && number <= bounds.high) return number
  throw new CliError('BAD_INPUT', `${question}: a whole number from ${bounds.low} to ${bounds.high}`)
}
