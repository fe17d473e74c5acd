/** Everything that reports say by a name has words, as far as a report without events can tell. */
import { reports, sampleReport } from '@keywitness/cadf'
import { expect, test } from 'vitest'
import texts from '../i18n/en/reports.json'
import { addTexts, startTexts } from '../i18n/texts.ts'
import { wordFor } from './words.ts'

const all = [...reports, sampleReport({ seed: 's', first: 0, last: 0, count: 1 }, [0])]

test.each(all.map((report) => [report.id, report] as const))('%s has words for all its names', async (id, report) => {
  const made = report.make([], { from: 0, to: 1 })
  const parts = report.now ?? []
  const question = { location: 'l', from: '2026-10-01T00:00:00Z', to: '2027-01-01T00:00:00Z', size: 1 }
  const empty = { body: undefined, at: '2026-11-27T00:00:00.000Z' }
  const found = await Promise.all(parts.map((part) => part.read(() => Promise.resolve(empty), question)))
  const summary = [...made.summary, ...found.flatMap(({ facts }) => facts)]
  const tables = [...made.tables, ...found.flatMap((each) => each.tables)]
  for (const group of [texts.parts, texts.takes]) {
    expect(Object.keys(group)).toEqual(expect.arrayContaining(parts.map((part) => part.id)))
  }
  expect(Object.keys(texts.titles)).toContain(id)
  expect(Object.keys(texts.questions)).toContain(id)
  expect(Object.keys(texts.facts)).toEqual(expect.arrayContaining(summary.map((fact) => fact.id)))
  expect(Object.keys(texts.tables)).toEqual(expect.arrayContaining(tables.map((table) => table.id)))
  const columns = tables.flatMap((table) => table.columns.map((column) => column.id))
  expect(Object.keys(texts.columns)).toEqual(expect.arrayContaining(columns))
  expect(Object.keys(texts.notes)).toEqual(expect.arrayContaining(tables.flatMap(({ note }) => note ?? [])))
})

test('rights are told in words, and what has none as it is', () => {
  startTexts()
  addTexts('reports', texts)
  expect(wordFor('codes', 'trail.read')).toBe('Read and export')
  expect(wordFor('codes', 'trail.other')).toBe('trail.other')
})
