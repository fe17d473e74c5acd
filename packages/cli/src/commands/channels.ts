/** `keywitness channels list`, `show`, `enable`, `disable` and `delete`: where people are told of alerts. */
import type { Command } from 'commander'
import { callAt, itemAt, listAt, numberOf, partOf, pathOf } from '../alerts-api.ts'
import { problemWords } from '../channel-problem.ts'
import { CliError } from '../cli-error.ts'
import { examples, withTrail } from '../command-options.ts'
import { type Item, textOf } from '../iam-api.ts'
import { formatCount, printable, printableJson } from '../printable.ts'
import { advised } from '../refusal-advice.ts'
import { printList } from '../resource-output.ts'
import { paint, type Style, type Surroundings } from '../surroundings.ts'
import { part, rowLines, severityStyle, timeText } from '../text-lines.ts'
import { openTrail, type TrailOptions } from '../trail-api.ts'

interface Options extends TrailOptions {
  readonly json?: boolean
}

interface DeleteOptions extends TrailOptions {
  readonly yes?: boolean
}

export function addChannels(channels: Command, io: Surroundings): void {
  addReading(channels, io)
  for (const [how, description, isOn] of [
    ['enable', 'tell a channel again', true],
    ['disable', 'tell a channel no more; its settings and what waits for it stay', false],
  ] as const) {
    const command = withTrail(channels.command(how))
      .description(description)
      .argument('<channel>', 'its id')
      .option('--json', 'as JSON')
      .action(async (id: string, options: Options) => {
        const channel = await callAt(await openTrail(io, options), 'PUT', pathOf('channels', id), { isOn })
        const line = `${isOn ? 'on' : 'off'} ${printable(id)}\n`
        io.out.write(options.json === true ? `${printableJson(channel, 2)}\n` : line)
      })
    examples(command, `channels ${how} security-mail`)
  }

  const remove = withTrail(channels.command('delete'))
    .description('delete a channel with its secret and all messages that wait for it or were given up')
    .argument('<channel>', 'its id')
    .option('--yes', 'this is meant')
    .action(async (id: string, options: DeleteOptions) => {
      if (options.yes !== true) {
        throw new CliError(
          'BAD_INPUT',
          `the secret of ${printable(id)} and the messages that wait for it cannot be brought back`,
          'if that is meant, add --yes',
        )
      }
      const trail = await openTrail(io, options)
      const advice = { IN_USE: 'take it out of the rules that name it first' }
      await advised(advice, callAt(trail, 'DELETE', pathOf('channels', id)))
      io.out.write(`deleted ${printable(id)}\n`)
    })
  examples(remove, 'channels delete security-mail --yes')
}

function addReading(channels: Command, io: Surroundings): void {
  const list = withTrail(channels.command('list'))
    .description('the channels, and how each is')
    .option('--json', 'as JSON; with their settings for administrators')
    .action(async (options: Options) => {
      const found = await listAt(await openTrail(io, options), '/channels', 'channels')
      printList(io, options.json, 'channels', found, [
        { title: 'id' },
        { title: 'kind' },
        { title: 'state', style: (channel) => channelStyle(textOf(channel, 'state')) },
        { title: 'from', of: (channel) => textOf(channel, 'minimum'), isExtra: true },
        { title: 'waiting', of: (channel) => formatCount(numberOf(channel, 'waiting')), isExtra: true },
        { title: 'dead', of: (channel) => formatCount(numberOf(channel, 'dead')) },
        { title: 'delivered (UTC)', of: (channel) => timeText(io, textOf(channel, 'lastDeliveredAt')), isExtra: true },
        { title: 'name', isWide: true },
      ])
      if (io.out.isTerminal && found.length === 0) io.err.write('There is no channel: alerts are seen here only.\n')
    })
  examples(list, 'channels list', 'channels list --json')

  const show = withTrail(channels.command('show'))
    .description('one channel: its settings, how its deliveries go; never its secret')
    .argument('<channel>', 'its id')
    .option('--json', 'as JSON')
    .action(async (id: string, options: Options) => {
      const channel = await itemAt(await openTrail(io, options), pathOf('channels', id))
      if (options.json === true) io.out.write(`${printableJson(channel, 2)}\n`)
      else io.out.write(`${channelLines(io, channel).join('\n')}\n`)
    })
  examples(show, 'channels show security-mail')
}

/** The style that a channel's state has. */
export function channelStyle(state: string): Style {
  if (state === 'failing') return 'red'
  if (state === 'ok') return 'green'
  return state === 'untried' ? 'yellow' : 'dim'
}

function channelLines(io: Surroundings, channel: Item): string[] {
  const time = (name: string): string => timeText(io, textOf(channel, name))
  const state = textOf(channel, 'state')
  const since = textOf(channel, 'failingSince') === '' ? '' : `, since ${time('failingSince')}`
  const problem = textOf(channel, 'problem')
  const minimum = textOf(channel, 'minimum')
  const settings = Object.entries(partOf(channel, 'settings')).map(
    ([name, value]) => [name, settingText(value)] as const,
  )
  return [
    paint(io, 'bold', printable(textOf(channel, 'name'))),
    ...rowLines(io, [
      ['id', textOf(channel, 'id')],
      ['kind', textOf(channel, 'kind')],
      ['state', `${state}${since}`, channelStyle(state)],
      ['problem', problem === '' ? undefined : `${problem}: ${problemWords(problem)}`, 'red'],
      ['told of', `${minimum} alerts${minimum === 'critical' ? '' : ' and above'}`, severityStyle(minimum)],
      ['delivered', time('lastDeliveredAt') || 'nothing yet'],
      ['digest', time('lastDigestAt')],
      ['waiting', formatCount(numberOf(channel, 'waiting'))],
      ['dead', formatCount(numberOf(channel, 'dead')), numberOf(channel, 'dead') > 0 ? 'red' : undefined],
      ['made', time('createdAt')],
      ['secret', channel['hasSecret'] === true ? 'set' : 'none'],
    ]),
    ...part(io, 'settings', rowLines(io, settings)),
  ]
}

function settingText(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(', ')
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (!text.includes('-----BEGIN CERTIFICATE-----')) return text
  const count = text.split('-----BEGIN CERTIFICATE-----').length - 1
  return count === 1 ? '1 certificate' : `${count} certificates`
}
