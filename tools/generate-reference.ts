/** Writes the reference pages that come from the code; with `--check` only compares and fails when one is stale. */
import { readFileSync, writeFileSync } from 'node:fs'
import { eventsPage } from './reference/events-page.ts'
import { exportPage } from './reference/export-page.ts'
import { kmipPage } from './reference/kmip-page.ts'
import { queryPage } from './reference/query-fields.ts'
import { rulesPage } from './reference/rules-page.ts'
import { severityPage } from './reference/severity-page.ts'

const pages = {
  'docs/reference/events.md': eventsPage,
  'docs/reference/severity.md': severityPage,
  'docs/reference/query.md': queryPage,
  'docs/reference/rules.md': rulesPage,
  'docs/reference/export.md': exportPage,
  'docs/reference/kmip.md': kmipPage,
} as const

const isCheck = process.argv.includes('--check')
const root = new URL('../', import.meta.url)
const stale: string[] = []

for (const [path, page] of Object.entries(pages)) {
  const file = new URL(path, root)
  const text = page()
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
