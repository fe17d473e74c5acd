/** What the guides say of the console is what the console has: its pages, its keys, and the words on its buttons. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { pages } from './pages.ts'
import { keyNames } from './shortcut-keys.ts'

const guides = join(import.meta.dirname, '../../../../docs/guides')
const texts = join(import.meta.dirname, '../i18n')
const guide = read('console.md')

/** All that is written in the console, whatever page it is of. */
const words = new Set(
  ['en.json', ...readdirSync(join(texts, 'en')).map((file) => `en/${file}`)].flatMap((file) =>
    textsIn(JSON.parse(readFileSync(join(texts, file), 'utf8'))),
  ),
)

/** The guide of the console, and what other guides have under this heading. */
const told = readdirSync(guides).flatMap((file) => {
  const about = file === 'console.md' ? guide : /^#+ In the console\n(.*?)(?=^#|$(?![^]))/ms.exec(read(file))?.[1]
  return about === undefined ? [] : [{ file, names: namesIn(about) }]
})

describe.each(told)('$file', ({ names }) => {
  test('names nothing that the console does not have', () => {
    expect(names.length).toBeGreaterThan(1)
    expect(names.filter((name) => !words.has(name))).toEqual([])
  })
})

test('every page has its line, in the order of the navigation', () => {
  const names = (JSON.parse(readFileSync(join(texts, 'en.json'), 'utf8')) as EnglishTexts).pages
  const lines = [...guide.matchAll(/^\| \*([^*]+)\* \|/gm)].map(([, name]) => name)
  expect(lines).toEqual(pages.map(({ id }) => names[id]?.name))
})

test('every key has its line, and no line is of a key that does nothing', () => {
  const [, table = ''] = /^\| key \| does \|\n(.*?)\n\n/ms.exec(guide) ?? []
  const named = [...table.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, keys = '']) =>
    [...keys.matchAll(/`([^`]+)`/g)].map(([, key]) => key),
  )
  expect(new Set(named)).toEqual(new Set(Object.values(keyNames).flat()))
  expect(named, 'none twice').toHaveLength(new Set(named).size)
})

interface EnglishTexts {
  readonly pages: Readonly<Record<string, { readonly name: string }>>
}

function read(file: string): string {
  return readFileSync(join(guides, file), 'utf8')
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

/** What stands in *slanted letters*, wherever its line is broken; code has stars of its own. */
function namesIn(text: string): readonly string[] {
  const prose = text.replace(/```.*?```|`[^`]*`/gs, '')
  return [...prose.matchAll(/(?<!\*)\*([^*]+)\*(?!\*)/g)].map(([, name = '']) => name.replace(/\s+/g, ' '))
}
