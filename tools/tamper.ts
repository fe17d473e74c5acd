/** `npx node tools/tamper.ts <word>`: changes one byte of the newest event that holds the word, to see that it shows. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const [word] = process.argv.slice(2)
if (word === undefined || word.length < 3) {
  console.error('Usage: npx node tools/tamper.ts <word>   a word of three letters or more that stands in an event')
  process.exit(2)
}
const folder = join(process.env['KEYWITNESS_DATA'] ?? './data', 'trackers')
const heads = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('head.db'))
for (const head of heads) {
  const db = new DatabaseSync(join(folder, head), { timeout: 5_000 })
  const rows = db.prepare(
    'SELECT first, bundle FROM entries WHERE instr(bundle, CAST(? AS BLOB)) > 0 ORDER BY first DESC LIMIT 1',
  )
  const row = rows.get(word) as { first: number; bundle: Uint8Array } | undefined
  if (row !== undefined) {
    const bundle = Buffer.from(row.bundle)
    const at = bundle.lastIndexOf(word)
    bundle[at] = (bundle[at] ?? 0) ^ 1
    db.prepare('UPDATE entries SET bundle = ? WHERE first = ?').run(bundle, row.first)
    console.log(`Changed one byte in ${head}, in the entries from ${row.first} on. Now run: npx keywitness log verify`)
  }
  db.close()
}
