/** `keywitness alerts mute`, `mutes` and `unmute`: for a while nobody is told of some alerts; they are raised all the same. */
import type { Command } from 'commander'
import { callAt, listAt, numberOf, partOf, pathOf } from '../alerts-api.ts'
import { CliError } from '../cli-error.ts'
import { examples, several, withTrail } from '../command-options.ts'
import { checkQuery } from '../event-filters.ts'
import { type Item, textOf } from '../iam-api.ts'
import { formatCount, printable, printableJson } from '../printable.ts'
import { printList } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'
import { timeText } from '../text-lines.ts'
import { untilOf } from '../time-ahead.ts'
import { openTrail, type TrailOptions } from '../trail-api.ts'

interface Options extends TrailOptions {
  readonly json?: boolean
}

interface MuteOptions extends Options {
  readonly rule?: string
  readonly group?: readonly string[]
  readonly query?: string
  readonly everything?: boolean
  readonly until: string
  readonly reason: string
}

interface ListOptions extends Options {
  readonly all?: boolean
}

const sampleMute = '0190a2b4-5f6a-4c3d-8e9f-001122334455'

export function addAlertsMutes(alerts: Command, io: Surroundings): void {
  const mute = withTrail(alerts.command('mute'))
    .description('tell nobody of some alerts for a while; they are raised all the same, and marked as muted')
    .option('--rule <rule>', 'of this rule, by its id')
    .option('--group <field=value>', 'about this value, as alerts show lists it; may be given several times', several)
    .option('--query <query>', 'only those whose newest event this query finds')
    .option('--everything', 'all alerts, whatever they are about')
    .requiredOption('--until <time>', 'when it ends: +30m, +4h, +7d, or RFC 3339; at most 90 days ahead')
    .requiredOption('--reason <text>', 'why; it stands in the trail')
    .option('--json', 'as JSON')
    .action((options: MuteOptions) => muteAlerts(io, options))
  examples(
    mute,
    'alerts mute --rule key-deleted --until +4h --reason "planned clean-up, change 4711"',
    'alerts mute --rule new-principal --group initiator.id=iam-ServiceId-1 --until +7d --reason "new batch job"',
    'alerts mute --query "address:192.0.2.0/24" --until 2026-12-24T18:00:00Z --reason "penetration test"',
  )

  const list = withTrail(alerts.command('mutes'))
    .description('what nobody is told of now, until when, and why')
    .option('--all', 'those that are over, too')
    .option('--json', 'as JSON')
    .action((options: ListOptions) => listMutes(io, options))
  examples(list, 'alerts mutes', 'alerts mutes --all --json')

  const unmute = withTrail(alerts.command('unmute'))
    .description('end a mute before its time')
    .argument('<mute>', 'its id')
    .requiredOption('--reason <text>', 'why; it stands in the trail')
    .action(async (id: string, { reason, ...options }: TrailOptions & { readonly reason: string }) => {
      await callAt(await openTrail(io, options), 'DELETE', pathOf('mutes', id), { reason })
      io.out.write(`ended ${printable(id)}\n`)
    })
  examples(unmute, `alerts unmute ${sampleMute} --reason "the clean-up is done"`)
}

async function muteAlerts(io: Surroundings, options: MuteOptions): Promise<void> {
  const { rule, query, everything, reason } = options
  const group = groupOf(options.group ?? [])
  const isNarrowed = rule !== undefined || query !== undefined || group !== undefined
  if (isNarrowed === (everything === true)) {
    const advice = 'name them with --rule, --group or --query, or pass --everything'
    throw new CliError('BAD_INPUT', isNarrowed ? 'everything, or only some?' : 'which alerts?', advice)
  }
  if (query !== undefined) checkQuery(query)
  const until = untilOf(options.until, io.now())
  const trail = await openTrail(io, options)
  const wish = { rule, group, query, until, reason, ...(everything === true ? { everything } : {}) }
  const made = await callAt(trail, 'POST', '/mutes', wish)
  if (options.json === true) io.out.write(`${printableJson(made, 2)}\n`)
  else io.out.write(`muted until ${timeText(io, until)}: ${printable(textOf(made, 'id'))}\n`)
}

/** @throws CliError `BAD_INPUT` when one has no field */
function groupOf(texts: readonly string[]): Readonly<Record<string, string>> | undefined {
  if (texts.length === 0) return undefined
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=')
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
      throw new CliError('BAD_INPUT', `not a field and a value: ${text}`, 'give it like initiator.id=iam-ServiceId-1')
    }),
  )
}

async function listMutes(io: Surroundings, options: ListOptions): Promise<void> {
  const found = await listAt(await openTrail(io, options), '/mutes', 'mutes')
  const shown = options.all === true ? found : found.filter((mute) => mute['isActive'] === true)
  printList(io, options.json, 'mutes', shown, [
    { title: 'id' },
    { title: 'of', of: aboutOf },
    { title: 'until (UTC)', of: (mute) => timeText(io, textOf(mute, 'until')) },
    { title: 'muted', of: (mute) => formatCount(numberOf(mute, 'muted')), isExtra: true },
    { title: 'by', of: (mute) => textOf(partOf(mute, 'createdBy'), 'name'), isExtra: true },
    { title: 'state', of: (mute) => (mute['isActive'] === true ? 'on' : 'over'), isExtra: true },
    { title: 'reason', isWide: true },
  ])
  if (io.out.isTerminal && shown.length === 0) io.err.write('Nothing is muted.\n')
}

/** What a mute is about, in a few words. */
function aboutOf(mute: Item): string {
  const group = Object.entries(partOf(mute, 'group')).map(([field, value]) => `${field}=${String(value)}`)
  const parts = [textOf(mute, 'rule'), ...group, textOf(mute, 'query')].filter((text) => text !== '')
  return parts.length === 0 ? 'everything' : parts.join(' ')
}
