/** `keywitness events views list|save|remove`: searches of the trail kept under a name, for oneself or for all. */
import { type Command, Option } from 'commander'
import { callAt, listAt, partOf, pathOf } from '../alerts-api.ts'
import { CliError } from '../cli-error.ts'
import { examples, withTrail } from '../command-options.ts'
import { checkQuery } from '../event-filters.ts'
import { type Item, textOf } from '../iam-api.ts'
import { printable, printableJson } from '../printable.ts'
import { printList } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'
import { openTrail, type TrailApi, type TrailOptions } from '../trail-api.ts'

interface Options extends TrailOptions {
  readonly json?: boolean
}

interface SaveOptions extends Options {
  readonly query?: string
  readonly from?: string
  readonly to?: string
  readonly by: string
  readonly category?: string
  readonly shared?: boolean
}

export function addEventsViews(events: Command, io: Surroundings): void {
  const views = events.command('views').description('searches kept under a name, for oneself or for all')

  const list = withTrail(views.command('list'))
    .description('your own views, and those shared with all who read the trail')
    .option('--json', 'as JSON')
    .action(async (options: Options) => listViews(io, options))
  examples(list, 'events views list', 'events views list --json')

  const save = withTrail(views.command('save'))
    .description('keep a search under a name; one that has the name is changed')
    .argument('<name>', 'its name')
    .option('-q, --query <query>', 'in the query language; see events fields')
    .option('--from <time>', 'not before this time: a day, RFC 3339, or relative like -15m, -24h, -7d')
    .option('--to <time>', 'before this time')
    .addOption(
      new Option('--by <field>', 'what its histogram tells apart').choices(['severity', 'outcome']).default('severity'),
    )
    .option('--category <text>', 'under which it is listed')
    .option('--shared', 'for all who read the trail; this takes the role Officer')
    .option('--json', 'as JSON')
    .action((name: string, options: SaveOptions) => saveView(io, name, options))
  examples(
    save,
    'events views save "Refused today" --query outcome:failure --from -24h',
    'events views save "Deletions" --query "action:*.delete" --category Weekly --shared',
  )

  const remove = withTrail(views.command('remove'))
    .description('delete a view')
    .argument('<name>', 'its name')
    .option('--shared', 'the shared one of that name; this takes the role Officer')
    .action(async (name: string, options: TrailOptions & { readonly shared?: boolean }) => {
      const trail = await openTrail(io, options)
      const found = named(await listAt(trail, '/views', 'views'), name, options.shared === true)
      if (found === undefined) throw noView(name)
      await callAt(trail, 'DELETE', pathOf('views', textOf(found, 'id')))
      io.out.write(`deleted ${printable(name)}\n`)
    })
  examples(remove, 'events views remove "Refused today"', 'events views remove Deletions --shared')
}

/**
 * The search of a view: the own one of this name, else the shared one.
 *
 * @throws CliError `BAD_INPUT` when there is none
 */
export async function viewNamed(
  trail: TrailApi,
  name: string,
): Promise<{ readonly query: string; readonly from: string | undefined; readonly to: string | undefined }> {
  const views = await listAt(trail, '/views', 'views')
  const view = named(views, name, false) ?? named(views, name, true)
  if (view === undefined) throw noView(name)
  const time = (member: 'from' | 'to'): string | undefined => textOf(view, member) || undefined
  return { query: textOf(view, 'query'), from: time('from'), to: time('to') }
}

async function listViews(io: Surroundings, options: Options): Promise<void> {
  const found = await listAt(await openTrail(io, options), '/views', 'views')
  printList(io, options.json, 'views', found, [
    { title: 'name' },
    { title: 'category', isExtra: true },
    { title: 'of', of: (view) => (view['isShared'] === true ? `all (${ownerOf(view)})` : 'you') },
    { title: 'times', of: timesOf, isExtra: true },
    { title: 'query', isWide: true },
  ])
  if (io.out.isTerminal && found.length === 0) io.err.write('There are no saved views.\n')
}

async function saveView(io: Surroundings, name: string, options: SaveOptions): Promise<void> {
  const { query, from, to, by, category, shared = false } = options
  if (query !== undefined) checkQuery(query)
  const trail = await openTrail(io, options)
  const before = named(await listAt(trail, '/views', 'views'), name, shared)
  const wish = { name, query, from, to, by, category, isShared: shared }
  const path = before === undefined ? '/views' : pathOf('views', textOf(before, 'id'))
  const saved = await callAt(trail, before === undefined ? 'POST' : 'PUT', path, wish)
  if (options.json === true) io.out.write(`${printableJson(saved, 2)}\n`)
  else io.out.write(`${before === undefined ? 'saved' : 'changed'} ${printable(name)}\n`)
}

function named(views: readonly Item[], name: string, isShared: boolean): Item | undefined {
  const wanted = name.normalize('NFC')
  return views.find((view) => textOf(view, 'name') === wanted && (view['isShared'] === true) === isShared)
}

function noView(name: string): CliError {
  return new CliError('BAD_INPUT', `there is no view ${name}`, 'keywitness events views list names them')
}

function ownerOf(view: Item): string {
  return textOf(partOf(view, 'owner'), 'name')
}

function timesOf(view: Item): string {
  const [from, to] = [textOf(view, 'from'), textOf(view, 'to')]
  return from === '' && to === '' ? '' : `${from}..${to}`
}
