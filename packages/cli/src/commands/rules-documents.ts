/** `keywitness rules export` and `import`: all rules and calendars as one document. */
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { callAt, itemAt, itemsOf, numberOf, partOf } from '../alerts-api.ts'
import { CliError } from '../cli-error.ts'
import { examples, withTrail } from '../command-options.ts'
import { type Item, textOf } from '../iam-api.ts'
import { differenceLines } from '../json-difference.ts'
import { formatCount, formatNumberOf, printable, printableJson } from '../printable.ts'
import { readRuleDocument, type RuleDocument } from '../rule-file.ts'
import type { Surroundings } from '../surroundings.ts'
import { openTrail, type TrailOptions } from '../trail-api.ts'

interface ExportOptions extends TrailOptions {
  readonly output?: string
}

interface ImportOptions extends TrailOptions {
  readonly replace?: boolean
  readonly yes?: boolean
  readonly reason: string
  readonly json?: boolean
}

/** Rules named in a warning. */
const namedMax = 5

export function addRulesDocuments(rules: Command, io: Surroundings): void {
  const out = withTrail(rules.command('export'))
    .description('all rules and calendars as one JSON document, for another tracker or for version control')
    .option('-o, --output <file>', 'where to write it (default: the standard output)')
    .action((options: ExportOptions) => exportRules(io, options))
  examples(out, 'rules export > rules.json', 'rules export -o rules.json --location eu-de')

  const into = withTrail(rules.command('import'))
    .description('take rules and calendars over from such a document; what is the same stays as it is')
    .argument('<file>', 'the document (- is the standard input)')
    .option('--replace', 'rules that the document does not have are deleted')
    .option('--yes', 'with --replace: that rules are deleted is meant')
    .requiredOption('--reason <text>', 'why; it stands in the trail')
    .option('--json', 'as JSON')
    .action((file: string, options: ImportOptions) => importRules(io, file, options))
  examples(
    into,
    'rules import rules.json --reason "as in eu-de"',
    'rules import rules.json --replace --yes --reason "release 7 of our rules"',
  )
}

async function exportRules(io: Surroundings, options: ExportOptions): Promise<void> {
  const found = await itemAt(await openTrail(io, options), '/rules/export')
  const text = `${printableJson(found, 2)}\n`
  if (options.output === undefined) {
    io.out.write(text)
    return
  }
  await writeFile(options.output, text).catch((error: Error) => {
    throw new CliError('BAD_INPUT', `cannot write ${options.output ?? ''}: ${error.message}`)
  })
  const [rules, calendars] = [itemsOf(found, 'rules').length, itemsOf(found, 'calendars').length]
  io.out.write(
    `${printable(options.output)}: ${formatNumberOf(rules, 'rule')}, ${formatNumberOf(calendars, 'calendar')}\n`,
  )
}

async function importRules(io: Surroundings, file: string, options: ImportOptions): Promise<void> {
  const document = await readRuleDocument(file)
  const trail = await openTrail(io, options)
  const isReplacing = options.replace === true
  if (isReplacing && options.yes !== true) {
    const plan = planOf(await itemAt(trail, '/rules/export'), document)
    const { removed } = plan
    if (removed.length > 0) {
      const named = removed.slice(0, namedMax).join(', ')
      const more = removed.length > namedMax ? ` and ${removed.length - namedMax} more` : ''
      const deleted = `${removed.length} would be deleted: ${named}${more}`
      throw new CliError(
        'BAD_INPUT',
        `${formatNumberOf(plan.created, 'rule')} would be created, ${plan.updated} changed, ${plan.unchanged} stay; ${deleted}`,
        'if that is meant, add --yes',
      )
    }
  }
  const { reason } = options
  const mode = isReplacing ? 'replace' : 'add'
  const counts = await callAt(trail, 'POST', '/rules/import', { ...document, mode, reason })
  if (options.json === true) {
    io.out.write(`${printableJson(counts, 2)}\n`)
    return
  }
  const [updated, removed, unchanged] = ['updated', 'removed', 'unchanged'].map((name) =>
    formatCount(numberOf(counts, name)),
  )
  const created = formatNumberOf(numberOf(counts, 'created'), 'rule')
  io.out.write(`${created} created, ${updated} changed, ${removed} deleted; ${unchanged} were the same\n`)
}

interface Plan {
  readonly created: number
  readonly updated: number
  readonly unchanged: number
  /** Ids. */
  readonly removed: readonly string[]
}

/** What an import that replaces would do to the rules there are. */
function planOf(now: Item, { rules }: RuleDocument): Plan {
  const before = new Map(itemsOf(now, 'rules').map((one) => [textOf(partOf(one, 'rule'), 'id'), one]))
  const wanted = new Set(rules.map(({ rule }) => rule.id))
  const created = rules.filter(({ rule }) => !before.has(rule.id)).length
  const unchanged = rules.filter(({ rule, enabled }) => {
    const known = before.get(rule.id)
    return known !== undefined && known['enabled'] === enabled && differenceLines(known['rule'], rule).length === 0
  }).length
  return {
    created,
    updated: rules.length - created - unchanged,
    unchanged,
    removed: [...before.keys()].filter((id) => !wanted.has(id)),
  }
}
