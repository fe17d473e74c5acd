/** `keywitness log verifications`: what the server found when it verified its own bytes, and having it done now. */
import type { Command } from 'commander'
import { memberOf } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import { examples, withTrail, wholeNumber } from '../command-options.ts'
import { printable, printableJson } from '../printable.ts'
import { memberText, printList } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'
import { type TrailOptions, openTrail } from '../trail-api.ts'

interface Options extends TrailOptions {
  readonly limit: number
  readonly start?: boolean
  readonly json?: boolean
}

export function addLogVerifications(log: Command, io: Surroundings): void {
  const command = withTrail(log.command('verifications'))
    .description('what the server found when it verified the bytes on its disk, newest first')
    .option('--limit <count>', 'how many', wholeNumber(1, 400), 30)
    .option('--start', 'instead: have it done now')
    .option('--json', 'as JSON')
    .action((options: Options) => verifications(io, options))
  examples(command, 'log verifications', 'log verifications --start')
}

async function verifications(io: Surroundings, options: Options): Promise<void> {
  const trail = await openTrail(io, options)
  const path = `${trail.path}/log/verifications`
  if (options.start === true) {
    const answer = await trail.client.json(path, { method: 'POST' })
    const text = `verification ${String(memberOf(answer, 'id'))} is ${String(memberOf(answer, 'state'))}`
    io.out.write(options.json === true ? `${printableJson(answer, 2)}\n` : `${printable(text)}\n`)
    return
  }
  const found = memberOf(await trail.client.json(path, { query: { limit: options.limit } }), 'verifications')
  if (!Array.isArray(found)) {
    throw new CliError('BAD_ANSWER', 'the server answered the verifications in another form than this command knows')
  }
  printList(io, options.json, 'verifications', found as Record<string, unknown>[], [
    { title: 'startedAt' },
    { title: 'state' },
    { title: 'trigger' },
    { title: 'size', of: (one) => memberText(one, one['size'] === undefined ? 'entriesTotal' : 'size') },
    { title: 'found', of: firstFinding, isWide: true },
  ])
}

/** The first of what was found, or why nothing could be. */
function firstFinding(one: Readonly<Record<string, unknown>>): string {
  const { findings, reason } = one
  if (typeof reason === 'string') return reason
  const message = Array.isArray(findings) ? memberOf(findings[0], 'message') : undefined
  const more = Number(one['findingsTotal'] ?? 0) - 1
  return typeof message === 'string' ? `${message}${more > 0 ? ` (and ${more} more)` : ''}` : ''
}
