/** The short fields of the query language, as the reference page has them. */
import { readFileSync } from 'node:fs'
import { shortFields } from '../../packages/cadf/src/index.ts'

const begin = '<!-- fields -->\n'
const end = '<!-- end of fields -->\n'

/** The page with its table written anew; what people wrote around it stays. */
export function queryPage(): string {
  const page = readFileSync(new URL('../../docs/reference/query.md', import.meta.url), 'utf8')
  const [before = '', rest = ''] = page.split(begin)
  const after = rest.includes(end) ? (rest.split(end)[1] ?? '') : rest
  const rows = shortFields.map(({ name, kind, sources, meaning }) => {
    const members = sources.flatMap((source) => ('path' in source ? [`\`${source.path}\``] : []))
    return `| \`${name}\` | ${kind} | ${meaning} | ${members.join(', ')} |\n`
  })
  return `${before}${begin}\n| field | kind | meaning | member |\n|---|---|---|---|\n${rows.join('')}\n${end}${after}`
}
