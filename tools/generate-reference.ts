/** Writes the reference pages and the messages that come from code and schemas; with `--check` only compares, and fails. */
import { readFileSync, writeFileSync } from 'node:fs'
import { ep11ErrorsPage } from './reference/ep11-errors-page.ts'
import { ep11Page } from './reference/ep11-page.ts'
import { eventsPage } from './reference/events-page.ts'
import { exportPage } from './reference/export-page.ts'
import { kmipPage } from './reference/kmip-page.ts'
import { queryPage } from './reference/query-fields.ts'
import { rulesPage } from './reference/rules-page.ts'
import { generatedMessages } from './reference/schemas.ts'
import { severityPage } from './reference/severity-page.ts'

const pages = {
  'docs/reference/events.md': eventsPage,
  'docs/reference/severity.md': severityPage,
  'docs/reference/query.md': queryPage,
  'docs/reference/rules.md': rulesPage,
  'docs/reference/export.md': exportPage,
  'docs/reference/kmip.md': kmipPage,
  'docs/reference/ep11.md': ep11Page,
  'docs/reference/ep11-errors.md': ep11ErrorsPage,
} as const

const isCheck = process.argv.includes('--check')
const root = new URL('../', import.meta.url)
const stale: string[] = []

const texts = {
  ...Object.fromEntries(Object.entries(pages).map(([path, page]) => [path, page()])),
  ...generatedMessages(),
}

for (const [path, text] of Object.entries(texts)) {
  const file = new URL(path, root)
  if (!isCheck) writeFileSync(file, text)
  else if (current(file) !== text) stale.push(path)
}

if (stale.length > 0) {
  console.error(`Stale: ${stale.join(', ')}. Write them anew with: npm run generate`)
  process.exitCode = 1
}

function current(file: URL): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
