/** `keywitness rules list`, `show` and `versions`: what is watched for, how each rule is, and what it was. */
import { type Command, Option } from 'commander'
import { itemAt, listAt, numberOf, partOf, pathOf } from '../alerts-api.ts'
import { CliError } from '../cli-error.ts'
import { examples, withTrail, wholeNumber } from '../command-options.ts'
import { type Item, textOf } from '../iam-api.ts'
import { differenceLines } from '../json-difference.ts'
import { formatCount, formatNumberOf, printable, printableJson } from '../printable.ts'
import { printList } from '../resource-output.ts'
import { knownRule } from '../rule-file.ts'
import { ruleLines } from '../rule-words.ts'
import { paint, type Style, type Surroundings } from '../surroundings.ts'
import { paragraph, part, rowLines, severityStyle, timeText } from '../text-lines.ts'
import { openTrail, type TrailOptions } from '../trail-api.ts'

interface Options extends TrailOptions {
  readonly json?: boolean
}

interface ListOptions extends Options {
  readonly state?: RuleState
}

interface VersionsOptions extends Options {
  readonly diff?: number
}

const states = ['on', 'learning', 'off', 'needs', 'suspended'] as const
type RuleState = (typeof states)[number]

export function addRules(rules: Command, io: Surroundings): void {
  const list = withTrail(rules.command('list'))
    .description('the rules, and how each is')
    .addOption(new Option('--state <state>', 'only those: on takes those that still learn, too').choices(states))
    .option('--json', 'as JSON, with the rules as a whole')
    .action((options: ListOptions) => listRules(io, options))
  examples(list, 'rules list', 'rules list --state needs', 'rules list --state suspended --json')

  const show = withTrail(rules.command('show'))
    .description('one rule: what it watches for, how it is, what it needs, and the rule itself')
    .argument('<rule>', 'its id')
    .option('--json', 'as JSON, which rules update takes again')
    .action((id: string, options: Options) => showRule(io, id, options))
  examples(show, 'rules show new-principal', 'rules show new-principal --json > rule.json')

  const versions = withTrail(rules.command('versions'))
    .description('what a rule was, newest first; also of one that was deleted')
    .argument('<rule>', 'its id')
    .option('--diff <version>', 'what this version changed', wholeNumber(1, 1_000_000))
    .option('--json', 'as JSON')
    .action((id: string, options: VersionsOptions) => showVersions(io, id, options))
  examples(versions, 'rules versions new-principal', 'rules versions new-principal --diff 2')
}

async function listRules(io: Surroundings, { state, ...options }: ListOptions): Promise<void> {
  const found = await listAt(await openTrail(io, options), '/rules', 'rules')
  const wanted: readonly string[] = state === undefined ? states : state === 'on' ? ['on', 'learning'] : [state]
  const shown = state === undefined ? found : found.filter((view) => wanted.includes(textOf(view, 'state')))
  printList(io, options.json, 'rules', shown, [
    { title: 'id', of: (view) => textOf(partOf(view, 'rule'), 'id') },
    {
      title: 'severity',
      of: (view) => textOf(partOf(view, 'rule'), 'severity'),
      style: (view) => severityStyle(textOf(partOf(view, 'rule'), 'severity')),
    },
    { title: 'state', style: (view) => stateStyle(textOf(view, 'state')) },
    { title: 'fired', of: (view) => formatCount(numberOf(view, 'fired')), isExtra: true },
    { title: 'last fired', of: (view) => timeText(io, textOf(view, 'lastFired')), isExtra: true },
    { title: 'name', isWide: true, of: (view) => textOf(partOf(view, 'rule'), 'name') },
  ])
  if (io.out.isTerminal && shown.length === 0) io.err.write('There is no such rule.\n')
}

function stateStyle(state: string): Style | undefined {
  if (state === 'suspended') return 'red'
  if (state === 'needs' || state === 'learning') return 'yellow'
  return state === 'on' ? 'green' : 'dim'
}

async function showRule(io: Surroundings, id: string, options: Options): Promise<void> {
  const view = await itemAt(await openTrail(io, options), pathOf('rules', id))
  if (options.json === true) {
    io.out.write(`${printableJson(view, 2)}\n`)
    return
  }
  const rule = partOf(view, 'rule')
  const known = await knownRule(rule)
  const watched = known === undefined ? [] : ruleLines(known)
  const lists = Object.entries(partOf(rule, 'lists')).map(
    ([name, values]) =>
      [`$${name}`, Array.isArray(values) && values.length > 0 ? values.join(', ') : '(empty)'] as const,
  )
  const lines = [
    paint(io, 'bold', printable(textOf(rule, 'name'))),
    ...rowLines(io, healthRows(io, view)),
    ...part(io, 'what it is for', paragraph(io, textOf(rule, 'description'))),
    ...part(
      io,
      'what it watches for',
      watched.flatMap(({ text, isQuery }) => paragraph(io, text, isQuery ? '      ' : '  ')),
    ),
    ...part(io, 'its lists', rowLines(io, lists)),
    ...part(io, 'what to do when it fires', paragraph(io, textOf(rule, 'remedy'))),
    ...part(
      io,
      'the rule',
      printableJson(rule, 2)
        .split('\n')
        .map((line) => `  ${line}`),
    ),
  ]
  io.out.write(`${lines.join('\n')}\n`)
}

function healthRows(io: Surroundings, view: Item): Parameters<typeof rowLines>[1] {
  const rule = partOf(view, 'rule')
  const time = (name: string): string | undefined =>
    textOf(view, name) === '' ? undefined : timeText(io, textOf(view, name))
  const state = textOf(view, 'state')
  const pack = { same: 'as the product ships it', changed: 'shipped with the product, and changed since' }
  const fired = `${formatNumberOf(numberOf(view, 'fired'), 'time')}${time('lastFired') === undefined ? '' : `, the last at ${time('lastFired')}`}`
  const matched = `${formatNumberOf(numberOf(view, 'matched'), 'event')}${time('lastMatch') === undefined ? '' : `, the last at ${time('lastMatch')}`}`
  return [
    ['id', textOf(rule, 'id')],
    ['severity', textOf(rule, 'severity'), severityStyle(textOf(rule, 'severity'))],
    ['state', `${state}${time('enabledAt') === undefined ? '' : `, since ${time('enabledAt')}`}`, stateStyle(state)],
    ['needs', textOf(view, 'needs'), 'yellow'],
    ['suspended', textOf(view, 'suspended'), 'red'],
    [
      'version',
      `${numberOf(view, 'version')}, of ${time('changedAt')} by ${textOf(partOf(view, 'changedBy'), 'name')}`,
    ],
    ['shipped', pack[textOf(view, 'pack') as keyof typeof pack]],
    // Firings of one group join the alert that is open of it: there may be fewer alerts.
    ['fired', fired],
    [
      'matched',
      state === 'on' || state === 'learning' ? `${matched}, since it was turned on or the server started` : undefined,
    ],
    [
      'beware',
      view['isDead'] === true ? 'it is on for a month and never fired: try it with keywitness rules test' : undefined,
      'yellow',
    ],
    [
      'beware',
      view['isSaturated'] === true ? 'it has more groups than it can remember, and forgets the oldest' : undefined,
      'yellow',
    ],
  ]
}

async function showVersions(io: Surroundings, id: string, options: VersionsOptions): Promise<void> {
  const found = await listAt(await openTrail(io, options), pathOf('rules', id, 'versions'), 'versions')
  if (options.diff !== undefined) return showDifference(io, id, found, options.diff, options.json)
  printList(io, options.json, 'versions', found, [
    { title: 'version' },
    { title: 'changed', of: (one) => timeText(io, textOf(one, 'changedAt')) },
    { title: 'by', of: (one) => textOf(partOf(one, 'changedBy'), 'name') },
    { title: 'what', isWide: true, of: (one) => whatOf(one, found) },
  ])
}

/** In a few words what a version did. */
function whatOf(version: Item, all: readonly Item[]): string {
  if (version['isDeleted'] === true) return 'deleted'
  const before = beforeOf(version, all)
  if (before === undefined) return numberOf(version, 'version') === 1 ? 'created' : 'older versions are not kept'
  if (before['isDeleted'] === true) return 'created again'
  const names = differenceLines(before['rule'], version['rule'])
    .filter((line) => !line.startsWith(' '))
    .map((line) => line.slice(0, line.indexOf(':')))
  return names.length === 0 ? 'nothing changed' : `changed ${names.join(', ')}`
}

function beforeOf(version: Item, all: readonly Item[]): Item | undefined {
  return all.find((one) => numberOf(one, 'version') === numberOf(version, 'version') - 1)
}

function showDifference(
  io: Surroundings,
  id: string,
  all: readonly Item[],
  number: number,
  isJson: boolean | undefined,
): void {
  const version = all.find((one) => numberOf(one, 'version') === number)
  if (version === undefined) {
    throw new CliError(
      'BAD_INPUT',
      `${id} has no version ${number} that is kept`,
      `see keywitness rules versions ${id}`,
    )
  }
  const before = beforeOf(version, all)
  const changes = differenceLines(before?.['rule'] ?? undefined, version['rule'] ?? undefined)
  if (isJson === true) {
    const sides = { before: before?.['rule'] ?? null, after: version['rule'] ?? null, changes }
    io.out.write(`${printableJson({ version: number, ...sides }, 2)}\n`)
    return
  }
  const who = printable(textOf(partOf(version, 'changedBy'), 'name'))
  const head = `version ${number} of ${printable(id)}, ${timeText(io, printable(textOf(version, 'changedAt')))} by ${who}: `
  io.out.write(`${head}${whatOf(version, all)}\n`)
  if (version['isDeleted'] === true) return
  const lines =
    before === undefined || before['isDeleted'] === true ? printableJson(version['rule'], 2).split('\n') : changes
  for (const line of lines) {
    const mark = /^ {2}([-+])/.exec(line)?.[1]
    io.out.write(`${mark === undefined ? line : paint(io, mark === '-' ? 'red' : 'green', line)}\n`)
  }
}
