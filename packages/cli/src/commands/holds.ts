/** `keywitness holds list`, `place`, `release` and `evidence`: legal holds and their archives. */
import { hash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { memberOf } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import { examples, withTrail, wholeNumber } from '../command-options.ts'
import { create, type Item, textOf } from '../iam-api.ts'
import { formatBytes, formatCount, printable, printableJson } from '../printable.ts'
import { printList } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'
import { openTrail, type TrailApi, type TrailOptions } from '../trail-api.ts'
import { propose } from './proposals.ts'

interface Options extends TrailOptions {
  readonly json?: boolean
}

interface PlaceOptions extends Options {
  readonly query?: string
  readonly tz?: string
  readonly first?: number
  readonly last?: number
}

const sample = '0190a2b4-5f6a-4c3d-8e9f-001122334455'
const index = wholeNumber(0, Number.MAX_SAFE_INTEGER)
/** The largest file of an archive taken, in bytes. */
const fileBytesMax = 4 * 1024 * 1024 * 1024

export function addHolds(holds: Command, io: Surroundings): void {
  const list = withTrail(holds.command('list'))
    .description('legal holds, newest first, and how much of each is in its archive')
    .option('--json', 'as JSON')
    .action((options: Options) => show(io, options))
  examples(list, 'holds list', 'holds list --json')

  const place = withTrail(holds.command('place'))
    .description('have events copied, with their proofs, before they may leave the log')
    .argument('<reason>', 'why: the matter, the order, who asked for it')
    .option('--query <query>', 'what it covers, in the query language; everything when not given')
    .option('--tz <zone>', 'time zone of times in the query without one')
    .option('--first <index>', 'lowest index covered', index)
    .option('--last <index>', 'highest index covered; whatever comes when not given', index)
    .option('--json', 'as JSON')
    .action((reason: string, options: PlaceOptions) => placeHold(io, reason, options))
  examples(
    place,
    'holds place "matter 7" --query "initiator:ana"',
    'holds place "audit of 2025" --first 0 --last 99999',
  )

  const release = withTrail(holds.command('release'))
    .description('propose that a hold protects nothing any more; another person must approve')
    .argument('<hold>', 'its id')
    .option('--json', 'as JSON')
    .action(async (hold: string, options: Options) =>
      propose(io, await openTrail(io, options), { kind: 'hold-release', hold }, options.json === true),
    )
  examples(release, `holds release ${sample}`)

  const evidence = withTrail(holds.command('evidence'))
    .description('list the files of a hold’s archive, or save them; each verifies with keywitness evidence verify')
    .argument('<hold>', 'its id')
    .option('--save <folder>', 'save the files there')
    .option('--json', 'as JSON')
    .action((hold: string, options: Options & { readonly save?: string }) => showEvidence(io, hold, options))
  examples(evidence, `holds evidence ${sample}`, `holds evidence ${sample} --save ./matter-7`)
}

async function show(io: Surroundings, options: Options): Promise<void> {
  const trail = await openTrail(io, options)
  printList(io, options.json, 'holds', await listed(trail, '/holds', 'holds'), [
    { title: 'id' },
    { title: 'state' },
    { title: 'placed', of: (item) => textOf(item, 'placedAt') },
    { title: 'copied', of: (item) => formatCount(Number(memberOf(item, 'eventsCopied') ?? 0)) },
    { title: 'query', of: (item) => textOf(item, 'query') },
    { title: 'reason', isWide: true },
  ])
}

async function placeHold(io: Surroundings, reason: string, options: PlaceOptions): Promise<void> {
  const trail = await openTrail(io, options)
  const { query, tz, first, last } = options
  const given = Object.entries({ query, tz, first, last }).filter(([, value]) => value !== undefined)
  const hold = await create(trail.client, `${trail.path}/holds`, { reason, ...Object.fromEntries(given) })
  io.out.write(options.json === true ? `${printableJson(hold, 2)}\n` : `${printable(textOf(hold, 'id'))}\n`)
}

async function showEvidence(
  io: Surroundings,
  hold: string,
  options: Options & { readonly save?: string },
): Promise<void> {
  const trail = await openTrail(io, options)
  const path = `/holds/${encodeURIComponent(hold)}/evidence`
  const files = await listed(trail, path, 'evidence')
  if (options.save !== undefined) await saveAll(io, trail, path, files, options.save)
  else {
    printList(io, options.json, 'evidence', files, [
      { title: 'first' },
      { title: 'last' },
      { title: 'events' },
      { title: 'size', of: (item) => formatBytes(Number(memberOf(item, 'bytes') ?? 0)) },
      { title: 'copied', of: (item) => textOf(item, 'copiedAt') },
      { title: 'sha256', isWide: true },
    ])
  }
}

async function saveAll(
  io: Surroundings,
  trail: TrailApi,
  path: string,
  files: readonly Item[],
  folder: string,
): Promise<void> {
  for (const file of files) {
    const first = Number(memberOf(file, 'first'))
    const bytes = await trail.client.bytes(`${trail.path}${path}/${first}`, { bytesMax: fileBytesMax })
    if (hash('sha256', bytes) !== textOf(file, 'sha256')) {
      throw new CliError('BAD_ANSWER', `the file from index ${first} on is not the one that was copied`)
    }
    const name = join(folder, `${String(first).padStart(12, '0')}.evidence`)
    await writeFile(name, bytes).catch((error: Error) => {
      throw new CliError('BAD_INPUT', `cannot write ${printable(name)}: ${error.message}`)
    })
    io.out.write(`${printable(name)}\n`)
  }
}

async function listed(trail: TrailApi, path: string, member: string): Promise<Item[]> {
  const found = memberOf(await trail.client.json(`${trail.path}${path}`), member)
  if (!Array.isArray(found)) throw new CliError('BAD_ANSWER', `the server answered without ${member}`)
  return found as Item[]
}
