/** What a run leaves: a table on the screen, and JSON and Markdown of all rows measured on that day and machine. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine } from './machine.ts'
import { machineName } from './machine.ts'
import type { BenchOptions, Figure, RowReport } from './row.ts'
import { median, short } from './statistics.ts'

export interface MeasuredRow extends RowReport {
  readonly name: string
  readonly title: string
  readonly commit: string
  readonly at: string
  readonly seconds: number
  readonly options: BenchOptions
  /** Load of the machine before the row, and its calibrations during it, per second. */
  readonly loadBefore: number
  readonly calibrations: readonly { readonly echo: number; readonly sync: number }[]
}

interface Results {
  readonly machine: Machine
  readonly rows: readonly MeasuredRow[]
}

type Verdict = 'goal' | 'pass' | 'MISSED' | 'withheld' | ''

/** What a figure is worth beside its bounds. */
export function verdictOf({ rounds, must, goal, isLowerBetter, withheld }: Figure): Verdict {
  if (withheld !== undefined) return 'withheld'
  if (must === undefined) return ''
  const value = median(rounds)
  const reaches = (bound: number): boolean => (isLowerBetter === true ? value <= bound : value >= bound)
  if (goal !== undefined && reaches(goal)) return 'goal'
  return reaches(must) ? 'pass' : 'MISSED'
}

const heads = ['what', 'beside', 'median', 'range of rounds', 'must', 'goal', 'result']

function cellsOf(figure: Figure): string[] {
  const { what, beside = '', unit, rounds, must, goal, withheld } = figure
  const verdict = verdictOf(figure)
  const value = withheld === undefined ? `${short(median(rounds))} ${unit}` : 'withheld'
  const range = `${short(Math.min(...rounds))} to ${short(Math.max(...rounds))}`
  const bound = (limit: number | undefined): string => (limit === undefined ? '' : short(limit))
  return [what, beside, value, withheld === undefined ? range : '', bound(must), bound(goal), verdict]
}

/** A row as text for the screen. */
export function rowAsText(row: MeasuredRow): string {
  const table = [heads, ...row.figures.map(cellsOf)]
  const widths = heads.map((_, column) => Math.max(...table.map((cells) => (cells[column] ?? '').length)))
  const lines = table.map((cells) => `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`)
  return [
    `\n${row.name}: ${row.title}`,
    ...lines.map((line) => line.trimEnd()),
    ...notesOf(row).map((note) => `  ${note}`),
  ].join('\n')
}

function rowAsMarkdown(row: MeasuredRow): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const table =
    row.figures.length === 0
      ? []
      : [line(heads), line(heads.map(() => '---')), ...row.figures.map((figure) => line(cellsOf(figure)))]
  const { echo, sync } = {
    echo: row.calibrations.map((one) => one.echo),
    sync: row.calibrations.map((one) => one.sync),
  }
  const range = (values: readonly number[]): string => `${short(Math.min(...values))} to ${short(Math.max(...values))}`
  return [
    `## ${row.name}: ${row.title}`,
    '',
    ...table,
    ...(table.length > 0 ? [''] : []),
    ...notesOf(row).map((note) => `- ${note}`),
    `- commit ${row.commit}, ${row.at}, ${short(row.seconds)} s, ${row.options.rounds} rounds; load before: ${short(row.loadBefore)}`,
    ...(echo.length > 0
      ? [`- calibration: echo ${range(echo)} requests/s, one synced write of 1,240 bytes ${range(sync)} /s`]
      : []),
    '',
  ].join('\n')
}

function notesOf(row: MeasuredRow): string[] {
  return [
    ...row.figures.flatMap(({ what, beside, withheld }) =>
      withheld === undefined
        ? []
        : [`withheld: ${what}${beside === undefined ? '' : ` beside ${beside}`}: ${withheld}`],
    ),
    ...Object.entries(row.raw).map(([name, values]) => `raw, ${name}: ${values.map(short).join(', ')}`),
    ...row.absolute,
    ...row.checks.map((check) => `checked: ${check}`),
    ...row.skipped.map((part) => `SKIPPED: ${part}`),
  ]
}

/** Writes the results; rows measured on the same day and machine before stay, unless they were measured again. */
export function writeResults(
  folder: string,
  machine: Machine,
  rows: readonly MeasuredRow[],
  order: readonly string[],
): string {
  const day = new Date(Date.now()).toISOString().slice(0, 10)
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${day}-${machineName(machine)}`)
  const before = existsSync(`${file}.json`) ? (JSON.parse(readFileSync(`${file}.json`, 'utf8')) as Results).rows : []
  const all = [...before.filter(({ name }) => rows.every((row) => row.name !== name)), ...rows]
  all.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
  writeFileSync(`${file}.json`, `${JSON.stringify({ machine, rows: all } satisfies Results, undefined, 2)}\n`)
  writeFileSync(`${file}.md`, markdownOf(day, machine, all))
  return `${file}.md`
}

function markdownOf(day: string, machine: Machine, rows: readonly MeasuredRow[]): string {
  const { processor, cores, memoryGb, system, disk, versions } = machine
  return [
    `# Measured on ${day}`,
    '',
    `${cores} cores of ${processor}, ${memoryGb} GB, ${system}, ${disk}.`,
    ...Object.entries(versions).map(([name, version]) => `${name} ${version}.`),
    '',
    'Ratios are taken per round of one interleaved run; the median counts. Raw values serve orientation only and must not',
    'be divided by those of another row. How it is measured: [README](../README.md).',
    '',
    ...rows.map(rowAsMarkdown),
  ].join('\n')
}
