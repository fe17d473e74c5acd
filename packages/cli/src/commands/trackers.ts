/** `keywitness trackers list`, `create`, `producers`, `release` and `admit`: where events are kept, and who delivers to whom. */
import type { Command } from 'commander'
import { memberOf } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import { examples, withServer, withTrail } from '../command-options.ts'
import { connect, type ServerOptions } from '../connection.ts'
import { textOf } from '../continuity-report.ts'
import { create } from '../iam-api.ts'
import { readInput } from '../input-file.ts'
import { formatCount, printable, printableJson } from '../printable.ts'
import { type Surroundings } from '../surroundings.ts'
import { table } from '../table.ts'
import { openTrail, type TrailOptions } from '../trail-api.ts'

interface Options extends ServerOptions {
  readonly json?: boolean
}

interface CreateOptions extends Options {
  readonly remote?: string
  readonly remoteLocation?: string
  readonly apikeyFile?: string
  readonly ca?: string
}

interface ReleaseOptions extends TrailOptions {
  readonly yes?: boolean
}

export function addTrackers(trackers: Command, io: Surroundings): void {
  const list = withServer(trackers.command('list'))
    .description('the trackers you may read, and those that are on another server')
    .option('--json', 'as JSON')
    .action((options: Options) => listTrackers(io, options))
  examples(list, 'trackers list', 'trackers list --json')

  const add = withServer(trackers.command('create'))
    .description('provision the tracker of a location, here or on another server')
    .argument('<location>', 'the location, such as eu-de')
    .option('--remote <url>', 'the other server that keeps its events: https://…')
    .option('--remote-location <location>', 'the location of its tracker there, when that is another')
    .option('--apikey-file <file>', 'API key of a service ID there with the role Producer; - is standard input')
    .option('--ca <file>', 'certificate authorities of the other server to trust, PEM')
    .option('--json', 'as JSON')
    .action((location: string, options: CreateOptions) => createTracker(io, location, options))
  examples(
    add,
    'trackers create eu-de',
    'trackers create eu-de --remote https://audit.example.com --apikey-file producer.key',
  )

  const producers = withTrail(trackers.command('producers'))
    .description('the other servers that deliver to a tracker')
    .option('--json', 'as JSON')
    .action((options: TrailOptions & { readonly json?: boolean }) => listProducers(io, options))
  examples(producers, 'trackers producers', 'trackers producers --location eu-de --json')

  const release = withTrail(trackers.command('release'))
    .description('take the numbers of another server from who delivers them')
    .argument('<producer>', 'the producer, by its UUID')
    .option('--yes', 'this is meant')
    .action((producer: string, options: ReleaseOptions) => releaseProducer(io, producer, options))
  examples(release, 'trackers release 3f0e2d1c-0b0a-4908-8706-050403020100 --yes')

  const admit = withTrail(trackers.command('admit'))
    .description('let numbers be delivered again that were released, by whoever binds them next')
    .argument('<producer>', 'the producer, by its UUID')
    .action((producer: string, options: TrailOptions) => admitProducer(io, producer, options))
  examples(admit, 'trackers admit 3f0e2d1c-0b0a-4908-8706-050403020100')
}

async function listTrackers(io: Surroundings, options: Options): Promise<void> {
  const { client } = await connect(io, options)
  const answer = await client.json('/v1/trackers')
  if (options.json === true) return io.out.write(`${printableJson(answer, 2)}\n`)
  const rows = listOf(answer, 'trackers').map((tracker) => {
    const remote = memberOf(tracker, 'remote')
    const trouble = memberOf(tracker, 'trouble')
    const where = remote === undefined ? 'here' : String(memberOf(remote, 'url'))
    return [
      String(memberOf(tracker, 'location')),
      formatCount(Number(memberOf(tracker, 'size'))),
      formatCount(Number(memberOf(tracker, 'covered'))),
      trouble === undefined ? where : `${where}: ${textOf(trouble)}`,
      String(memberOf(tracker, 'origin')),
    ].map(printable)
  })
  const columns = ['location', 'events', 'covered', 'kept', 'log'].map((title) =>
    title === 'kept' ? { title, isWide: true } : { title },
  )
  io.out.write(table(io, columns, rows))
}

async function createTracker(io: Surroundings, location: string, options: CreateOptions): Promise<void> {
  const { remote: url, remoteLocation, apikeyFile, ca } = options
  const others = [remoteLocation, apikeyFile, ca].some((option) => option !== undefined)
  if (url === undefined && others)
    throw new CliError('BAD_INPUT', 'these options need --remote', 'name the other server')
  if (url !== undefined && apikeyFile === undefined) {
    throw new CliError('BAD_INPUT', '--remote needs --apikey-file', 'make a service ID there with the role Producer')
  }
  const remote =
    url === undefined
      ? undefined
      : {
          url,
          apikey: (await readInput(apikeyFile ?? '')).toString('utf8').trim(),
          ...(remoteLocation === undefined ? {} : { location: remoteLocation }),
          ...(ca === undefined ? {} : { ca: (await readInput(ca)).toString('utf8') }),
        }
  const { client } = await connect(io, options)
  const body = remote === undefined ? { location } : { location, remote }
  const made = await create(client, '/v1/trackers', body)
  if (options.json === true) return io.out.write(`${printableJson(made, 2)}\n`)
  io.out.write(`${printable(location)}  ${printable(String(memberOf(made, 'origin')))}\n`)
}

async function listProducers(io: Surroundings, options: TrailOptions & { readonly json?: boolean }): Promise<void> {
  const trail = await openTrail(io, options)
  const answer = await trail.client.json(`${trail.path}/producers`)
  if (options.json === true) return io.out.write(`${printableJson(answer, 2)}\n`)
  const rows = listOf(answer, 'producers').map((one) =>
    ['producer', 'identity', 'boundAt', 'releasedAt'].map((name) => printable(textOf(one, name))),
  )
  const titles = ['producer', 'delivered by', 'since', 'released']
  io.out.write(
    table(
      io,
      titles.map((title) => ({ title })),
      rows,
    ),
  )
}

async function releaseProducer(io: Surroundings, producer: string, options: ReleaseOptions): Promise<void> {
  if (options.yes !== true) {
    throw new CliError(
      'BAD_INPUT',
      `who delivers the numbers of ${printable(producer)} can no longer do so; its events wait over there`,
      'if that is meant, add --yes',
    )
  }
  const trail = await openTrail(io, options)
  await trail.client.text(`${trail.path}/producers/${encodeURIComponent(producer)}`, { method: 'DELETE' })
  io.out.write(`released ${printable(producer)}\n`)
}

async function admitProducer(io: Surroundings, producer: string, options: TrailOptions): Promise<void> {
  const trail = await openTrail(io, options)
  await trail.client.text(`${trail.path}/producers/${encodeURIComponent(producer)}/admit`, { method: 'POST' })
  io.out.write(`admitted ${printable(producer)}\n`)
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list = memberOf(value, name)
  if (!Array.isArray(list)) throw new CliError('BAD_ANSWER', `the server answered without ${name}`)
  return list
}
