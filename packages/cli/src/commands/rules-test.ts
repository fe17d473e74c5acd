/** `keywitness rules test`: what a rule would have fired on what was recorded. */
import type { Command } from 'commander'
import { itemAt, itemsOf, longCallAt, numberOf, partOf, pathOf } from '../alerts-api.ts'
import { examples, withTrail } from '../command-options.ts'
import { type Item, textOf } from '../iam-api.ts'
import { formatCount, formatNumberOf, printable, printableJson } from '../printable.ts'
import { waiting } from '../progress.ts'
import { printList } from '../resource-output.ts'
import { readRuleFile } from '../rule-file.ts'
import type { Surroundings } from '../surroundings.ts'
import { timeText } from '../text-lines.ts'
import { openTrail, type TrailApi, type TrailOptions } from '../trail-api.ts'

interface Options extends TrailOptions {
  readonly from: string
  readonly to: string
  readonly json?: boolean
}

export function addRulesTest(rules: Command, io: Surroundings): void {
  const command = withTrail(rules.command('test'))
    .description('try a rule on what was recorded: what it would have fired; nothing is raised, and nobody is told')
    .argument('<rule>', 'its id, or a file with a rule: a name with a dot or a slash in it, or -')
    .option('--from <time>', 'from this time on: RFC 3339, or relative like -24h, -7d', '-7d')
    .option('--to <time>', 'before this time', 'now')
    .option('--json', 'as JSON, with the events behind each firing')
    .action((what: string, options: Options) => testRule(io, what, options))
  examples(
    command,
    'rules test ./rule.json',
    'rules test new-principal --from -30d --to now',
    'rules test ./rule.json --from 2026-11-01T00:00:00Z --json',
  )
}

async function testRule(io: Surroundings, what: string, options: Options): Promise<void> {
  const isFile = what === '-' || /[./\\]/.test(what)
  const given: object | undefined = isFile ? (await readRuleFile(what)).rule : undefined
  const trail = await openTrail(io, options)
  const rule = given ?? (await ruleOf(trail, what))
  const { from, to } = options
  const wait = waiting(io, 'looking at what was recorded')
  let answer: Item
  try {
    answer = await longCallAt(trail, '/rules/test', { rule, from, ...(to === 'now' ? {} : { to }) })
  } finally {
    wait.stop()
  }
  if (options.json === true) {
    io.out.write(`${printableJson(answer, 2)}\n`)
    return
  }
  const firings = itemsOf(answer, 'firings')
  printList(io, false, 'firings', firings, [
    { title: 'time (UTC)', of: (one) => timeText(io, textOf(one, 'at')) },
    { title: 'events', of: (one) => formatCount(numberOf(one, 'count')) },
    { title: 'about', of: groupOf },
    { title: 'first event', isWide: true, of: (one) => textOf(itemsOf(one, 'events')[0] ?? {}, 'sentence') },
  ])
  io.err.write(summaryOf(answer, firings.length))
}

async function ruleOf(trail: TrailApi, id: string): Promise<Item> {
  return partOf(await itemAt(trail, pathOf('rules', id)), 'rule')
}

/** The values that a firing is about, by their names where they have some. */
function groupOf(item: Item): string {
  return itemsOf(item, 'group')
    .map((one) => textOf(one, 'name') || textOf(one, 'value'))
    .filter((value) => value !== '')
    .join(', ')
}

function summaryOf(answer: Item, listed: number): string {
  const looked = partOf(answer, 'looked')
  const total = numberOf(answer, 'total')
  const times = total === 1 ? 'once' : `${formatCount(total)} times`
  const [from, to] = ['from', 'to'].map((name) => printable(textOf(looked, name)))
  const rest = total > listed ? ` The first ${listed} are listed.` : ''
  const open =
    answer['isComplete'] === true
      ? ''
      : `The time for it was over at ${to ?? ''}: go on with --from ${to ?? ''}, or narrow the time.\n`
  return (
    `${formatNumberOf(numberOf(looked, 'events'), 'event')} from ${from ?? ''} to ${to ?? ''}: ` +
    `${total === 0 ? 'it would not have fired' : `it would have fired ${times}`}.${rest}\n${open}`
  )
}
