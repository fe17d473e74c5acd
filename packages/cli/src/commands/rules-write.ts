/** `keywitness rules create`, `update`, `enable`, `disable` and `delete`: changes of one rule, each with its event. */
import type { Command } from 'commander'
import { callAt, partOf, pathOf, numberOf } from '../alerts-api.ts'
import { examples, withTrail, wholeNumber } from '../command-options.ts'
import { type Item, textOf } from '../iam-api.ts'
import { printable, printableJson } from '../printable.ts'
import { advised } from '../refusal-advice.ts'
import { readRuleFile } from '../rule-file.ts'
import type { Surroundings } from '../surroundings.ts'
import { openTrail, type TrailOptions } from '../trail-api.ts'

interface Options extends TrailOptions {
  readonly json?: boolean
}

interface UpdateOptions extends Options {
  readonly ifVersion?: number
}

interface ReasonOptions extends Options {
  readonly reason: string
}

export function addRulesWriting(rules: Command, io: Surroundings): void {
  const create = withTrail(rules.command('create'))
    .description('create a rule; it begins turned off')
    .argument('<file>', 'the rule as JSON (- is the standard input)')
    .option('--json', 'as JSON')
    .action((file: string, options: Options) => createRule(io, file, options))
  examples(create, 'rules create rule.json', 'rules create - --json')

  const update = withTrail(rules.command('update'))
    .description('change a rule; one that is on begins anew with what it is now')
    .argument('<rule>', 'its id')
    .argument('<file>', 'the rule as JSON, bare or as rules show --json prints it (- is the standard input)')
    .option(
      '--if-version <version>',
      'refuse when the rule is at another version by now (default: the version that the file names, if any)',
      wholeNumber(1, 1_000_000),
    )
    .option('--json', 'as JSON')
    .action((id: string, file: string, options: UpdateOptions) => updateRule(io, id, file, options))
  examples(update, 'rules update new-principal rule.json', 'rules update new-principal - --if-version 3')

  for (const [how, description, done] of [
    ['enable', 'turn a rule on', 'on'],
    ['disable', 'turn a rule off: nobody is told of what it watches for', 'off'],
  ] as const) {
    const turn = withTrail(rules.command(how))
      .description(description)
      .argument('<rule>', 'its id')
      .requiredOption('--reason <text>', 'why; it stands in the trail')
      .option('--json', 'as JSON')
      .action(async (id: string, { reason, ...options }: ReasonOptions) => {
        const trail = await openTrail(io, options)
        const advice = { RULE_NEEDS: `keywitness rules show ${id} says what it needs` }
        const view = await advised(advice, callAt(trail, 'POST', pathOf('rules', id, how), { reason }))
        tell(io, options, view, `${done} ${printable(id)}`)
      })
    examples(turn, `rules ${how} new-principal --reason "matter 7"`)
  }

  const remove = withTrail(rules.command('delete'))
    .description('delete a rule; its versions stay')
    .argument('<rule>', 'its id')
    .requiredOption('--reason <text>', 'why; it stands in the trail')
    .action(async (id: string, { reason, ...options }: TrailOptions & { readonly reason: string }) => {
      await callAt(await openTrail(io, options), 'DELETE', pathOf('rules', id), { reason })
      io.out.write(`deleted ${printable(id)}\n`)
    })
  examples(remove, 'rules delete tried-once --reason "replaced by new-principal"')
}

async function createRule(io: Surroundings, file: string, options: Options): Promise<void> {
  const { rule } = await readRuleFile(file)
  const trail = await openTrail(io, options)
  const advice = { ALREADY_EXISTS: `keywitness rules update ${rule.id} changes it` }
  const view = await advised(advice, callAt(trail, 'POST', '/rules', { rule }))
  tell(io, options, view, `created ${rule.id}`)
  if (options.json === true || !io.out.isTerminal) return
  const needs = textOf(view, 'needs')
  if (needs === '') io.out.write(`It is off. Try it first, then turn it on:\n`)
  else io.out.write(`It is off, and cannot be turned on yet: ${printable(needs)}\n`)
  io.out.write(`  keywitness rules test ${rule.id}\n  keywitness rules enable ${rule.id} --reason …\n`)
}

async function updateRule(io: Surroundings, id: string, file: string, options: UpdateOptions): Promise<void> {
  const given = await readRuleFile(file, id)
  const version = options.ifVersion ?? given.version
  const trail = await openTrail(io, options)
  const advice = { CONFLICT: `somebody changed it meanwhile: see keywitness rules versions ${id}` }
  const json = { rule: given.rule, ...(version === undefined ? {} : { version }) }
  const view = await advised(advice, callAt(trail, 'PUT', pathOf('rules', id), json))
  tell(io, options, view, `changed ${printable(id)}, now version ${numberOf(view, 'version')}`)
  if (options.json === true || textOf(view, 'state') !== 'off') return
  io.err.write(`It is off: keywitness rules enable ${printable(id)} --reason …\n`)
}

function tell(io: Surroundings, options: Options, view: Item, line: string): void {
  io.out.write(options.json === true ? `${printableJson(view, 2)}\n` : `${line}\n`)
  const rule = partOf(view, 'rule')
  const asked = line.startsWith('changed') ? textOf(view, 'needs') : ''
  if (asked !== '') io.err.write(`${printable(textOf(rule, 'id'))} is off: ${printable(asked)}\n`)
}
