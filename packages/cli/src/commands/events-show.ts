/** `keywitness events show`: one event, its fields, what it means, and whether it is proven. */
import type { Command } from 'commander'
import { sameBytes } from '@keywitness/tlog'
import { CliError } from '../cli-error.ts'
import { examples, withTrail } from '../command-options.ts'
import { eventPage } from '../event-text.ts'
import { Heads } from '../heads.ts'
import { followKeys } from '../key-following.ts'
import { printableJson } from '../printable.ts'
import { entryOf, readReceipt, verifySteps } from '../proof-steps.ts'
import { type Surroundings, paint } from '../surroundings.ts'
import { type StoredEvent, type TrailApi, type TrailOptions, openTrail } from '../trail-api.ts'
import { trustedKeys } from '../trusted-log.ts'

interface Options extends TrailOptions {
  readonly json?: boolean
  readonly proof: boolean
}

export function addEventsShow(events: Command, io: Surroundings): void {
  const command = withTrail(events.command('show'))
    .description('one event: its fields, what it means, and whether it is proven')
    .argument('<id>', "the event's id, or its index in the log")
    .option('--no-proof', 'do not fetch and verify its proof')
    .option('--json', 'as JSON')
    .action((id: string, options: Options) => showEvent(io, id, options))
  examples(command, 'events show 41', 'events show 0190a2b4-5f6a-7c3d-8e9f-001122334455 --json')
}

async function showEvent(io: Surroundings, id: string, options: Options): Promise<void> {
  const trail = await openTrail(io, options)
  const stored = await trail.event(id)
  const entry = entryOf(stored.entry)
  if (entry === undefined) {
    throw new CliError('BAD_ANSWER', `entry ${stored.index} is no event in a form that this command knows`)
  }
  const proven = stored.covered && options.proof ? await prove(io, trail, stored) : undefined
  const state = proven === undefined ? (stored.covered ? 'covered' : 'recorded') : 'proven'
  if (options.json === true) {
    const { event, producer, sequence } = entry
    io.out.write(`${printableJson({ index: stored.index, state, producer, sequence, event }, 2)}\n`)
    return
  }
  io.out.write(eventPage(io, entry.event))
  const said = {
    proven: `proven: entry ${stored.index} of the log of ${proven ?? 0} entries, by its own bytes`,
    covered: `covered: entry ${stored.index}, by a signed checkpoint`,
    recorded: `recorded: entry ${stored.index}, not yet covered by a signed checkpoint`,
  }[state]
  io.out.write(`\n${paint(io, state === 'proven' ? 'green' : 'yellow', said)}\n`)
}

/** The size of the log in which the entry's bytes are proved to be. */
async function prove(io: Surroundings, trail: TrailApi, stored: StoredEvent): Promise<number | undefined> {
  const text = await trail.receipt(String(stored.index))
  if (typeof text !== 'string') return undefined
  const receipt = readReceipt(text, 'the receipt of the server')
  const remembered = await Heads.of(io).read(receipt.claimed.origin)
  const trusted = await trustedKeys([], remembered, () => trail.key())
  const keys = await followKeys(io, Heads.of(io), trusted, receipt.proof.checkpoint, trail)
  const { size } = await verifySteps(receipt, keys.verifiers, () => undefined)
  if (receipt.proof.index === stored.index && sameBytes(receipt.entry, stored.entry)) return size
  throw new CliError(
    'VERIFICATION_FAILED',
    `the event shown as entry ${stored.index} is not the one its receipt proves`,
    'the server shows something else than it logged; keep the receipt',
  )
}
