/** Checks the head's database as such: its pages and indexes, its definitions, and whose log it says it is. */
import { parseVerifierKey } from '@keywitness/tlog'
import type { LogKey } from '../key-api.ts'
import { readIdentity } from '../head/open-head.ts'
import { headFile, headSchema } from '../head/schema.ts'
import type { Database, Disk } from '../store/disk.ts'
import { schemaVersion } from '../store/migrate.ts'
import type { Findings } from './findings.ts'

/** Pages, b-trees, and whether the indexes hold what their tables hold. */
export function checkPages(head: Database, findings: Findings): void {
  for (const { integrity_check: says } of head
    .prepare<{ integrity_check: string }>('PRAGMA integrity_check(10)')
    .all()) {
    if (says !== 'ok') findings.add({ kind: 'bad-store', message: `${headFile} is damaged: ${says}`, file: headFile })
  }
}

/** What is defined must be what the schema's steps define: a trigger or another table could show other rows. */
export function checkDefinitions(disk: Disk, head: Database, findings: Findings): void {
  const fresh = disk.database(':memory:', 'write')
  try {
    for (const step of headSchema.slice(0, schemaVersion(head))) fresh.exec(step)
    const [found, expected] = [definitionsOf(head), definitionsOf(fresh)]
    for (const name of new Set([...found.keys(), ...expected.keys()])) {
      if (found.get(name) === expected.get(name)) continue
      findings.add({
        kind: 'bad-store',
        message: `${name} in ${headFile} is not defined as it was made`,
        file: headFile,
      })
    }
  } finally {
    fresh.close()
  }
}

function definitionsOf(db: Database): Map<string, string> {
  const rows = db.prepare<{ type: string; name: string; tbl: string; sql: string | null }>(
    'SELECT type, name, tbl_name AS tbl, sql FROM sqlite_schema',
  )
  return new Map(rows.all().map(({ type, name, tbl, sql }) => [name, `${type} of ${tbl}: ${sql ?? ''}`]))
}

/** The store must say that it is the log of these keys. */
export function checkIdentity(head: Database, keys: readonly LogKey[], findings: Findings): void {
  const { origin, key } = readIdentity(head)
  const rows = head.prepare<{ n: number }>('SELECT count(*) AS n FROM log').get()?.n
  const bad = (message: string): void => findings.add({ kind: 'bad-store', message, file: headFile })
  if (rows !== 1) bad(`${headFile} names ${rows} logs`)
  const names = new Set(keys.map(({ vkey }) => parseVerifierKey(vkey).name))
  if (!names.has(origin)) bad(`${headFile} says it is the log ${origin}, the keys are of ${[...names].join(', ')}`)
  if (!keys.some(({ vkey }) => vkey === key)) bad(`${headFile} was made for a key that is none of the log's: ${key}`)
}
