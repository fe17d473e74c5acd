/** `keywitness alerts status`: whether silence means that all is well. */
import type { Command } from 'commander'
import { itemAt, itemsOf, numberOf, partOf } from '../alerts-api.ts'
import { CliError } from '../cli-error.ts'
import { examples, withTrail } from '../command-options.ts'
import { type Item, textOf } from '../iam-api.ts'
import { formatCount, printable, printableJson } from '../printable.ts'
import { paint, type Style, type Surroundings } from '../surroundings.ts'
import { paragraph, part, rowLines, timeText } from '../text-lines.ts'
import { openTrail, type TrailOptions } from '../trail-api.ts'
import { channelStyle } from './channels.ts'

interface Options extends TrailOptions {
  readonly json?: boolean
}

/** No fault, but something that is missing. */
const harmless: readonly string[] = ['NO_CHANNEL']

export function addAlertsStatus(alerts: Command, io: Surroundings): void {
  const command = withTrail(alerts.command('status'))
    .description('whether silence means that all is well: exit code 1 when something is wrong with alerting itself')
    .option('--json', 'as JSON')
    .action((options: Options) => showStatus(io, options))
  examples(command, 'alerts status', 'alerts status --json')
}

async function showStatus(io: Surroundings, options: Options): Promise<void> {
  const status = await itemAt(await openTrail(io, options), '/alerts/status')
  if (options.json === true) io.out.write(`${printableJson(status, 2)}\n`)
  else io.out.write(`${statusLines(io, status).join('\n')}\n`)
  const wrong = itemsOf(status, 'troubles').filter((trouble) => !harmless.includes(textOf(trouble, 'code')))
  if (wrong.length === 0) return
  const codes = [...new Set(wrong.map((trouble) => textOf(trouble, 'code')))].join(', ')
  throw new CliError('IN_TROUBLE', `silence cannot be trusted: ${codes}`)
}

function statusLines(io: Surroundings, status: Item): string[] {
  const troubles = itemsOf(status, 'troubles')
  const open = partOf(partOf(status, 'counts'), 'open')
  const isQuiet = ['critical', 'warning', 'info'].every((name) => numberOf(open, name) === 0)
  const words = isQuiet ? 'silence means that no rule fired' : 'alerting works, and alerts are open'
  const good = [`  ${paint(io, 'green', '✓')} none: ${words}`]
  return [
    ...rowLines(io, [
      ['engine', engineText(partOf(status, 'engine')), engineStyle(textOf(partOf(status, 'engine'), 'state'))],
      ['alerts', alertsText(partOf(status, 'counts'))],
      ['rules', rulesText(partOf(status, 'rules'))],
      ['mutes', String(numberOf(status, 'mutes'))],
    ]),
    ...part(
      io,
      'channels',
      itemsOf(status, 'channels').flatMap((channel) => channelLines(io, channel)),
    ),
    ...part(io, 'troubles', troubles.length === 0 ? good : troubles.flatMap((one) => troubleLines(io, one))),
  ]
}

function engineText(engine: Item): string {
  const state = textOf(engine, 'state')
  const lag = numberOf(engine, 'lagEvents')
  const size = formatCount(numberOf(engine, 'size'))
  const rest =
    lag === 0
      ? `all ${size} entries of the log are seen`
      : `${formatCount(lag)} of ${size} entries of the log are not seen yet, the oldest for ${seconds(engine)} s`
  const problem = textOf(engine, 'problem')
  return `${state}: ${rest}${problem === '' ? '' : `; ${problem}`}`
}

function seconds(engine: Item): string {
  return (numberOf(engine, 'lagMs') / 1000).toFixed(1)
}

function engineStyle(state: string): Style | undefined {
  if (state === 'failed') return 'red'
  return state === 'running' ? undefined : 'yellow'
}

function alertsText(counts: Item): string {
  const open = partOf(counts, 'open')
  const bySeverity = ['critical', 'warning', 'info'].map((name) => `${formatCount(numberOf(open, name))} ${name}`)
  const [acknowledged, muted] = [numberOf(counts, 'acknowledged'), numberOf(counts, 'muted')].map(formatCount)
  return `open: ${bySeverity.join(', ')}; ${acknowledged} acknowledged, ${muted} muted`
}

function rulesText(rules: Item): string {
  const names = (member: string): string => {
    const found = rules[member]
    return Array.isArray(found) && found.length > 0 ? `; ${member}: ${found.map(String).join(', ')}` : ''
  }
  const [on, off, needs] = ['on', 'off', 'needs'].map((name) => formatCount(numberOf(rules, name)))
  return `${on} on, ${off} off, ${needs} need something first${names('suspended')}${names('dead')}`
}

function channelLines(io: Surroundings, channel: Item): string[] {
  const state = textOf(channel, 'state')
  const [waiting, dead] = [numberOf(channel, 'waiting'), numberOf(channel, 'dead')].map(formatCount)
  const last = textOf(channel, 'lastDeliveredAt')
  const delivered = last === '' ? 'nothing was delivered yet' : `last delivered ${timeText(io, last)}`
  const head = `${paint(io, channelStyle(state), printable(state))}  ${printable(textOf(channel, 'id'))}`
  return [`  ${head}`, ...paragraph(io, `${delivered}, ${waiting} waiting, ${dead} dead`, '    ')]
}

function troubleLines(io: Surroundings, trouble: Item): string[] {
  const code = textOf(trouble, 'code')
  const since = textOf(trouble, 'since')
  const mark = harmless.includes(code) ? paint(io, 'yellow', '!') : paint(io, 'red', '✗')
  const text = `${textOf(trouble, 'text')}${since === '' ? '' : ` Since ${timeText(io, since)}.`}`
  return [`  ${mark} ${printable(code)}`, ...paragraph(io, text, '    ')]
}
