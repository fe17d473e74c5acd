/** `keywitness alerts list` and `show`: what rules have told of, the events behind it, and what became of it. */
import { type Command, Option } from 'commander'
import { itemAt, itemsOf, numberOf, pagesAt, partOf, pathOf } from '../alerts-api.ts'
import { examples, withTrail, wholeNumber } from '../command-options.ts'
import { type Item, textOf } from '../iam-api.ts'
import { formatCount, printable, printableJson } from '../printable.ts'
import { printList } from '../resource-output.ts'
import { paint, type Style, type Surroundings } from '../surroundings.ts'
import { paragraph, part, rowLines, severityStyle, timeText } from '../text-lines.ts'
import { openTrail, type TrailOptions } from '../trail-api.ts'

interface Options extends TrailOptions {
  readonly json?: boolean
}

interface ListOptions extends Options {
  readonly state: string
  readonly severity?: string
  readonly rule?: string
  readonly limit: number
}

/** An alert of examples. */
export const sampleAlert = '0190a2b4-5f6a-7c3d-8e9f-001122334455'

const alertsMax = 100_000

export function addAlerts(alerts: Command, io: Surroundings): void {
  const list = withTrail(alerts.command('list'))
    .description('alerts, newest first')
    .addOption(
      new Option('--state <state>', 'which ones: active are those that are not closed')
        .choices(['active', 'open', 'acknowledged', 'closed', 'all'])
        .default('active'),
    )
    .addOption(new Option('--severity <severity>', 'of this severity').choices(['critical', 'warning', 'info']))
    .option('--rule <rule>', 'of this rule, by its id')
    .option('-n, --limit <count>', 'alerts at most', wholeNumber(1, alertsMax), 50)
    .option('--json', 'as JSON')
    .action((options: ListOptions) => listAlerts(io, options))
  examples(
    list,
    'alerts list',
    'alerts list --state open --severity critical',
    'alerts list --state all --rule new-principal --limit 500 --json',
  )

  const show = withTrail(alerts.command('show'))
    .description('one alert: what happened, the events behind it, what to do, and what was done')
    .argument('<alert>', 'its id')
    .option('--json', 'as JSON, with the rule as it was')
    .action((id: string, options: Options) => showAlert(io, id, options))
  examples(show, `alerts show ${sampleAlert}`, `alerts show ${sampleAlert} --json`)
}

async function listAlerts(io: Surroundings, options: ListOptions): Promise<void> {
  const { state, severity, rule, limit } = options
  const trail = await openTrail(io, options)
  const { items, more } = await pagesAt(trail, '/alerts', 'alerts', limit, { state, severity, rule })
  if (options.json === true) {
    io.out.write(`${printableJson({ alerts: items, more }, 2)}\n`)
    return
  }
  printList(io, false, 'alerts', items, [
    { title: 'id' },
    { title: 'severity', style: (alert) => severityStyle(textOf(alert, 'severity')) },
    { title: 'state', of: stateOf, style: stateStyle },
    { title: 'times', of: (alert) => formatCount(numberOf(alert, 'count')), isExtra: true },
    { title: 'last (UTC)', of: (alert) => timeText(io, textOf(alert, 'lastAt')), isExtra: true },
    { title: 'what', isWide: true, of: (alert) => textOf(alert, 'title') },
  ])
  if (!io.out.isTerminal) return
  if (items.length === 0) io.err.write('There are no such alerts.\n')
  if (more) io.err.write(`There are more; raise --limit (now ${limit}) or narrow the filters.\n`)
}

function stateOf(alert: Item): string {
  return `${textOf(alert, 'state')}${alert['isMuted'] === true ? ', muted' : ''}`
}

function stateStyle(alert: Item): Style | undefined {
  return textOf(alert, 'state') === 'open' && alert['isMuted'] !== true ? undefined : 'dim'
}

async function showAlert(io: Surroundings, id: string, options: Options): Promise<void> {
  const alert = await itemAt(await openTrail(io, options), pathOf('alerts', id))
  if (options.json === true) io.out.write(`${printableJson(alert, 2)}\n`)
  else io.out.write(`${alertLines(io, alert).join('\n')}\n`)
}

function alertLines(io: Surroundings, alert: Item): string[] {
  const time = (item: Item, name: string): string => timeText(io, textOf(item, name))
  const severity = textOf(alert, 'severity')
  const rule = `${textOf(alert, 'ruleName')} (${textOf(alert, 'rule')}, version ${numberOf(alert, 'ruleVersion')})`
  const count = numberOf(alert, 'count')
  const often =
    count === 1
      ? time(alert, 'lastAt')
      : `${formatCount(count)} times, ${time(alert, 'firstAt')} to ${time(alert, 'lastAt')}`
  const events = itemsOf(alert, 'events')
  return [
    paint(io, ['bold', ...[severityStyle(severity)].flat()], printable(textOf(alert, 'title'))),
    ...rowLines(io, [
      ['id', textOf(alert, 'id')],
      ['severity', severity, severityStyle(severity)],
      ['state', stateOf(alert)],
      ['fired', often],
      ['raised', time(alert, 'raisedAt')],
      ['closed', time(alert, 'closedAt')],
      ['looked after by', personOf(partOf(alert, 'assignee'))],
      ['rule', rule],
    ]),
    ...part(
      io,
      'about',
      rowLines(
        io,
        itemsOf(alert, 'group').map((one) => [textOf(one, 'field'), valueOf(one)]),
      ),
    ),
    ...part(io, 'what happened', paragraph(io, textOf(alert, 'text'))),
    ...part(io, 'what to do', paragraph(io, textOf(alert, 'remedy'))),
    ...part(
      io,
      'the events behind it',
      events.flatMap((event) => eventLines(io, event)),
    ),
    ...part(
      io,
      'what was done',
      itemsOf(alert, 'steps').flatMap((step) => stepLines(io, step)),
    ),
  ]
}

/** A value, and the name that goes with it. */
function valueOf(group: Item): string {
  const [value, name] = [textOf(group, 'value'), textOf(group, 'name')]
  return name === '' ? value || '(none)' : `${name} (${value})`
}

function personOf(person: Item): string {
  const [id, name] = [textOf(person, 'id'), textOf(person, 'name')]
  return name === '' || name === id ? id : `${name} (${id})`
}

function eventLines(io: Surroundings, event: Item): string[] {
  const place = paint(io, 'dim', printable(`entry ${numberOf(event, 'index')}, ${textOf(event, 'id')}`))
  return [
    ...paragraph(io, `${timeText(io, textOf(event, 'time'))}  ${textOf(event, 'sentence')}`, '    ', '  '),
    `    ${place}`,
  ]
}

function stepLines(io: Surroundings, step: Item): string[] {
  const head = `${timeText(io, textOf(step, 'at'))}  ${textOf(step, 'kind')} by ${textOf(partOf(step, 'by'), 'name')}`
  const text = textOf(step, 'text')
  return [...paragraph(io, head, '    ', '  '), ...(text === '' ? [] : paragraph(io, text, '    '))]
}
