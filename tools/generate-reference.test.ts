/** The generated pages are those that the catalogue makes now. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { catalogue, parseQuery } from '@keywitness/cadf'
import { expect, test } from 'vitest'
import { rulePack } from '../packages/tracker/src/alert/pack/pack.ts'
import { parseCalendar } from '../packages/tracker/src/alert/parse-calendar.ts'
import { parseRule } from '../packages/tracker/src/alert/parse-rule.ts'
import { eventsPage } from './reference/events-page.ts'
import { exportPage } from './reference/export-page.ts'
import { severityPage } from './reference/severity-page.ts'
import { table } from './reference/markdown.ts'

const read = (path: string): string => readFileSync(new URL(`../docs/reference/${path}`, import.meta.url), 'utf8')

test('generate-reference --check finds no stale page', () => {
  const program = fileURLToPath(new URL('generate-reference.ts', import.meta.url))
  expect(execFileSync(process.execPath, [program, '--check'], { encoding: 'utf8' })).toBe('')
})

test('the pages stand as they would be written', () => {
  expect(read('events.md')).toBe(eventsPage())
  expect(read('severity.md')).toBe(severityPage())
  expect(read('export.md')).toBe(exportPage())
})

test('every action is on both pages', () => {
  for (const { action } of catalogue.all()) {
    expect(eventsPage()).toContain(`#### \`${action}\``)
    expect(severityPage()).toContain(`| \`${action}\` |`)
  }
})

test('every query on the page of the language can be read', () => {
  const page = read('query.md')
  const cells = page.split('\n').flatMap((line) => (/^\| `[^|]+\|/.test(line) ? [line.split(' | ')[0] ?? ''] : []))
  const block = /```\n([^`]+)```/.exec(page)?.[1] ?? ''
  const written = [
    ...cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text)),
    ...block.trim().split('\n'),
  ]
  expect(written.length).toBeGreaterThan(40)
  for (const text of written) expect(() => parseQuery(text, { now: Date.UTC(2026, 10, 25) }), text).not.toThrow()
})

test('every rule and calendar on the page of rules can be read, and every kind of condition has one', () => {
  const blocks = [...read('rules.md').matchAll(/```json\n([^`]+)```/g)].map(
    ([, text = '']) => JSON.parse(text) as object,
  )
  const kinds = blocks.flatMap((block) => ('when' in block ? parseRule(block).when.kind : (parseCalendar(block), [])))
  // The pack uses every kind.
  expect(new Set(kinds)).toEqual(new Set(rulePack.map(({ rule }) => rule.when.kind)))
  expect(new Set(kinds).size).toBe(11)
})

test('the page of rules has each shipped one', () => {
  for (const { rule } of rulePack) expect(read('rules.md')).toContain(`| \`${rule.id}\` | ${rule.name} |`)
})

test('a bar in a cell does not end it', () => {
  expect(table(['a'], [['x|y']])).toBe('| a |\n|---|\n| x\\|y |')
})
