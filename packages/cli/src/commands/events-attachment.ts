/** `keywitness events attachment`: the whole of a list that was too long for its event, checked against the event. */
import { createHash } from 'node:crypto'
import type { Command } from 'commander'
import { type AttachedList, attachedLists } from '@keywitness/cadf'
import { CliError } from '../cli-error.ts'
import { examples, withTrail } from '../command-options.ts'
import { printable, printableJson } from '../printable.ts'
import { entryOf } from '../proof-steps.ts'
import type { Surroundings } from '../surroundings.ts'
import { type TrailOptions, openTrail } from '../trail-api.ts'

interface Options extends TrailOptions {
  readonly json?: boolean
}

export function addEventsAttachment(events: Command, io: Surroundings): void {
  const command = withTrail(events.command('attachment'))
    .description('the whole of a list that was too long for its event')
    .argument('<id>', "the event's id, or its index in the log")
    .argument('[field]', 'which list, where the event has several: its name or SHA-256')
    .option('--json', 'as JSON')
    .action((id: string, field: string | undefined, options: Options) => showAttachment(io, id, field, options))
  examples(
    command,
    'events attachment 41 policyAllowedIPAttribute',
    'events attachment 41 initialValue.policyAllowedIPAttribute --json',
  )
}

async function showAttachment(io: Surroundings, id: string, field: string | undefined, options: Options) {
  const trail = await openTrail(io, options)
  const stored = await trail.event(id)
  const list = chosen(attachedLists(entryOf(stored.entry)?.event), field)
  const content = await trail.attachment(String(stored.index), list.sha256)
  if (createHash('sha256').update(content).digest('hex') !== list.sha256) {
    throw new CliError(
      'VERIFICATION_FAILED',
      `what the server hands out for ${list.at} does not hash to what the event says`,
      'the attachment was changed; the event itself is proved by its receipt',
    )
  }
  const items = JSON.parse(Buffer.from(content).toString()) as unknown
  if (!Array.isArray(items)) throw new CliError('BAD_ANSWER', `${list.at} is no list`)
  if (options.json === true) io.out.write(`${printableJson(items, 2)}\n`)
  else for (const item of items) io.out.write(`${printable(String(item))}\n`)
}

function chosen(lists: readonly AttachedList[], field: string | undefined): AttachedList {
  const fitting = lists.filter(
    ({ at, sha256 }) => field === undefined || sha256 === field || at === field || at.endsWith(`.${field}`),
  )
  const [first, another] = fitting
  if (first === undefined) {
    const what = lists.length === 0 ? 'this event has no attachments' : 'this event has no such attachment'
    throw new CliError('BAD_INPUT', what, lists.length === 0 ? undefined : `it has ${namesOf(lists)}`)
  }
  if (another === undefined) return first
  throw new CliError('BAD_INPUT', 'this event has several attachments', `name one: ${namesOf(fitting)}`)
}

function namesOf(lists: readonly AttachedList[]): string {
  return lists.map(({ at }) => at).join(', ')
}
