/** The history of administrators' commands on the terminal: each administrator, each key, each command with its mark. */
import { formatCount, formatNumberOf, printable } from '../printable.ts'
import { paint, type Style, type Surroundings } from '../surroundings.ts'
import { paragraph } from '../text-lines.ts'
import type { AdministratorAccount, Command, CommandHistory, KeyAccount, Verdict } from './command-history.ts'

const marks: Readonly<Record<Verdict, readonly [mark: string, style: Style]>> = {
  good: ['✓', 'green'],
  bad: ['✗', 'red'],
  unknown: ['?', 'yellow'],
  recovery: ['!', 'yellow'],
  refused: ['–', 'dim'],
}

const words: Readonly<Record<Verdict, string>> = {
  good: 'signed by the key in force',
  bad: 'done, but not proved by a signature',
  unknown: 'signed by a key that these events do not bring',
  recovery: 'by a recovery, which no administrator signs',
  refused: 'refused',
}

export function historyText(io: Surroundings, history: CommandHistory): string {
  return `${[...history.administrators.flatMap((one) => administratorLines(io, one)), ...summary(io, history)].join('\n')}\n`
}

function administratorLines(io: Surroundings, { instance, id, name, keys }: AdministratorAccount): string[] {
  const title = name === '' || name === id ? id : `${name} (${id})`
  return [
    paint(io, 'bold', printable(title)),
    ...paragraph(io, instance),
    ...keys.flatMap((key) => keyLines(io, key)),
    '',
  ]
}

function keyLines(io: Surroundings, { keyId, commands }: KeyAccount): string[] {
  return [
    '',
    ...paragraph(io, keyId === undefined ? 'without a key' : `key ${keyId}`),
    ...commands.flatMap((command) => commandLines(io, command)),
  ]
}

function commandLines(io: Surroundings, { index, time, what, detail, verdict, why }: Command): string[] {
  const [mark, style] = marks[verdict]
  const when = time.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d).*$/, '$1 $2')
  const [first = '', ...rest] = paragraph(io, `${when}  ${what}, index ${formatCount(index)}`, '      ', '')
  const head = `    ${paint(io, style, mark)} ${first}`
  const reason =
    why === '' ? [] : paragraph(io, `${verdict === 'refused' ? 'refused: ' : ''}${why}`, '        ', '      ')
  return [head, ...rest, ...(detail === '' ? [] : paragraph(io, detail, '      ')), ...reason]
}

function summary(io: Surroundings, { counts, readings }: CommandHistory): string[] {
  const told = (Object.keys(words) as Verdict[]).filter((verdict) => counts[verdict] > 0)
  const width = Math.max(0, ...told.map((verdict) => formatCount(counts[verdict]).length))
  return [
    ...told.map((verdict) => {
      const [mark, style] = marks[verdict]
      return `${paint(io, style, mark)} ${formatCount(counts[verdict]).padStart(width)}  ${words[verdict]}`
    }),
    ...(readings === 0 ? [] : [`and ${formatNumberOf(readings, 'time')} somebody looked at keys or certificates`]),
  ]
}
