/** `keywitness channels test`, `dead`, `waiting` and `resend`: whether messages arrive, and those that did not. */
import type { Command } from 'commander'
import { callAt, numberOf, pagesAt, pathOf } from '../alerts-api.ts'
import { problemWords } from '../channel-problem.ts'
import { CliError } from '../cli-error.ts'
import { examples, withTrail, wholeNumber } from '../command-options.ts'
import { type Item, textOf } from '../iam-api.ts'
import { formatCount, formatNumberOf, printable, printableJson } from '../printable.ts'
import { waiting } from '../progress.ts'
import { printList } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'
import { timeText } from '../text-lines.ts'
import { openTrail, type TrailApi, type TrailOptions } from '../trail-api.ts'

interface TestOptions extends TrailOptions {
  readonly wait: number
  readonly json?: boolean
}

interface ListOptions extends TrailOptions {
  readonly limit: number
  readonly json?: boolean
}

const sampleMessage = '0190a2b4-5f6a-7c3d-8e9f-001122334455'

/** Pauses between looks, in milliseconds; the last one again and again. Each look is an event of the trail. */
const pausesMs = [300, 500, 1_000, 2_000]

/** The server sends so many dead letters again at once, and keeps at most twice as many. */
const resentAtOnce = 500
const roundsMax = 4

export function addChannelsMessages(channels: Command, io: Surroundings): void {
  const test = withTrail(channels.command('test'))
    .description('send a test message and say whether it was delivered: exit code 1 when it was not')
    .argument('<channel>', 'its id')
    .option('--wait <seconds>', 'how long to wait for that', wholeNumber(1, 600), 15)
    .option('--json', 'as JSON')
    .action((id: string, options: TestOptions) => testChannel(io, id, options))
  examples(test, 'channels test security-mail', 'channels test security-mail --wait 60 --json')

  for (const [state, description] of [
    ['dead', 'messages to a channel that were given up, oldest first'],
    ['waiting', 'messages to a channel that wait to be sent, or to be sent again'],
  ] as const) {
    const list = withTrail(channels.command(state))
      .description(description)
      .argument('<channel>', 'its id')
      .option('-n, --limit <count>', 'messages at most', wholeNumber(1, 100_000), 1_000)
      .option('--json', 'as JSON')
      .action((id: string, options: ListOptions) => listMessages(io, id, state, options))
    examples(list, `channels ${state} security-mail`)
  }

  const resend = withTrail(channels.command('resend'))
    .description('send what was given up again: one message, or all of them')
    .argument('<channel>', 'its id')
    .argument('[message]', 'its id (default: all)')
    .option('--json', 'as JSON')
    .action((id: string, message: string | undefined, options: TrailOptions & { readonly json?: boolean }) =>
      resendMessages(io, id, message, options),
    )
  examples(resend, `channels resend security-mail ${sampleMessage}`)
}

async function testChannel(io: Surroundings, id: string, options: TestOptions): Promise<void> {
  const trail = await openTrail(io, options)
  const message = textOf(await callAt(trail, 'POST', pathOf('channels', id, 'test')), 'message')
  if (message === '') throw new CliError('BAD_ANSWER', 'the server did not say which message it sends')
  const wait = waiting(io, 'waiting for its delivery')
  let outcome: Outcome
  try {
    outcome = await outcomeOf(io, trail, id, message, options.wait * 1_000)
  } finally {
    wait.stop()
  }
  if (options.json === true) io.out.write(`${printableJson({ channel: id, message, ...outcome }, 2)}\n`)
  const { state, problem } = outcome
  if (state === 'delivered') {
    if (options.json !== true) io.out.write(`delivered to ${printable(id)}\n`)
    return
  }
  const why = problem === undefined ? `not delivered in ${options.wait} s` : `${problem}: ${problemWords(problem)}`
  const next = state === 'dead' ? 'it was given up' : 'it is tried again: see keywitness channels waiting'
  throw new CliError('IN_TROUBLE', `the test message did not reach ${id}: ${why}`, next)
}

interface Outcome {
  readonly state: 'delivered' | 'waiting' | 'dead'
  readonly problem?: string
}

/** Waits until a message is neither waiting nor dead, or an attempt to send it has failed. */
async function outcomeOf(
  io: Surroundings,
  trail: TrailApi,
  channel: string,
  message: string,
  waitMs: number,
): Promise<Outcome> {
  const deadline = io.now() + waitMs
  for (let look = 0; ; look++) {
    await io.wait(pausesMs[look] ?? pausesMs.at(-1) ?? 0)
    const found = await messageIn(trail, channel, 'waiting', message)
    if (found === undefined) {
      const dead = await messageIn(trail, channel, 'dead', message)
      return dead === undefined ? { state: 'delivered' } : { state: 'dead', ...problemOf(dead) }
    }
    if (textOf(found, 'problem') !== '' || io.now() >= deadline) return { state: 'waiting', ...problemOf(found) }
  }
}

function problemOf(message: Item): { readonly problem?: string } {
  const problem = textOf(message, 'problem')
  return problem === '' ? {} : { problem }
}

async function messageIn(
  trail: TrailApi,
  channel: string,
  state: 'waiting' | 'dead',
  message: string,
): Promise<Item | undefined> {
  // Ids are in order: everything before it is left out, however much waits.
  const query = { state, after: message.slice(0, -1) }
  const { items } = await pagesAt(trail, pathOf('channels', channel, 'messages'), 'messages', 1, query)
  const [first] = items
  return first !== undefined && textOf(first, 'id') === message ? first : undefined
}

async function listMessages(
  io: Surroundings,
  id: string,
  state: 'dead' | 'waiting',
  options: ListOptions,
): Promise<void> {
  const trail = await openTrail(io, options)
  const path = pathOf('channels', id, 'messages')
  const { items, more } = await pagesAt(trail, path, 'messages', options.limit, { state })
  printList(io, options.json, 'messages', items, [
    { title: 'id' },
    { title: 'type' },
    { title: 'made (UTC)', of: (one) => timeText(io, textOf(one, 'createdAt')) },
    { title: 'attempts', of: (one) => formatCount(numberOf(one, 'attempts')), isExtra: true },
    ...(state === 'waiting'
      ? [{ title: 'next (UTC)', of: (one: Item) => timeText(io, textOf(one, 'nextAt')), isExtra: true }]
      : []),
    { title: 'problem', isWide: true, of: (one) => problemText(io, textOf(one, 'problem')) },
  ])
  if (!io.out.isTerminal) return
  if (items.length === 0) io.err.write(state === 'dead' ? 'Nothing was given up.\n' : 'Nothing waits.\n')
  if (more) io.err.write(`There are more; raise --limit (now ${options.limit}).\n`)
}

/** For people with what it means; for programs the code alone. */
function problemText(io: Surroundings, code: string): string {
  return code === '' || !io.out.isTerminal ? code : `${code}: ${problemWords(code)}`
}

async function resendMessages(
  io: Surroundings,
  id: string,
  message: string | undefined,
  options: TrailOptions & { readonly json?: boolean },
): Promise<void> {
  const trail = await openTrail(io, options)
  let resent = 0
  if (message === undefined) {
    for (let round = 0; round < roundsMax; round++) {
      const count = numberOf(await callAt(trail, 'POST', pathOf('channels', id, 'resend')), 'resent')
      resent += count
      if (count < resentAtOnce) break
    }
  } else {
    resent = numberOf(await callAt(trail, 'POST', pathOf('channels', id, 'messages', message, 'resend')), 'resent')
  }
  if (options.json === true) io.out.write(`${printableJson({ resent }, 2)}\n`)
  else io.out.write(`sent again: ${message === undefined ? formatNumberOf(resent, 'message') : printable(message)}\n`)
}
