/** `keywitness proposals list`, `approve` and `withdraw`: what weakens the audit and takes two people. */
import type { Command } from 'commander'
import { examples, withTrail, wholeNumber } from '../command-options.ts'
import { create, type Item, textOf } from '../iam-api.ts'
import { printable, printableJson } from '../printable.ts'
import { memberText, printList } from '../resource-output.ts'
import { memberOf } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import type { Surroundings } from '../surroundings.ts'
import { openTrail, type TrailApi, type TrailOptions } from '../trail-api.ts'

interface Options extends TrailOptions {
  readonly json?: boolean
}

const sample = '0190a2b4-5f6a-4c3d-8e9f-001122334455'

export function addProposals(proposals: Command, io: Surroundings): void {
  const list = withTrail(proposals.command('list'))
    .description('what is proposed, and how earlier proposals ended; newest first')
    .option('--limit <count>', 'how many', wholeNumber(1, 1_000), 20)
    .option('--json', 'as JSON')
    .action((options: Options & { readonly limit: number }) => show(io, options))
  examples(list, 'proposals list', 'proposals list --limit 100 --json')

  for (const [how, description] of [
    ['approve', 'approve what another person has proposed, which does it at once'],
    ['withdraw', 'withdraw a proposal, whoever made it'],
  ] as const) {
    const command = withTrail(proposals.command(how))
      .description(description)
      .argument('<proposal>', 'its id')
      .option('--json', 'as JSON')
      .action((id: string, options: Options) => end(io, how, id, options))
    examples(command, `proposals ${how} ${sample}`)
  }
}

/** Makes a proposal and says what it takes. */
export async function propose(io: Surroundings, trail: TrailApi, body: object, isJson: boolean): Promise<void> {
  tell(io, await create(trail.client, `${trail.path}/proposals`, body), isJson)
}

async function show(io: Surroundings, options: Options & { readonly limit: number }): Promise<void> {
  const trail = await openTrail(io, options)
  const answer = await trail.client.json(`${trail.path}/proposals`, { query: { limit: options.limit } })
  const found = memberOf(answer, 'proposals')
  if (!Array.isArray(found)) throw new CliError('BAD_ANSWER', 'the server answered without proposals')
  printList(io, options.json, 'proposals', found as Item[], [
    { title: 'id' },
    { title: 'kind' },
    { title: 'state' },
    { title: 'proposed by', of: (item) => memberText((item['proposedBy'] ?? {}) as Item, 'name') },
    { title: 'until', of: (item) => textOf(item, 'expiresAt') },
    { title: 'says', isWide: true },
  ])
}

async function end(io: Surroundings, how: 'approve' | 'withdraw', id: string, options: Options): Promise<void> {
  const trail = await openTrail(io, options)
  tell(io, await create(trail.client, `${trail.path}/proposals/${encodeURIComponent(id)}/${how}`, {}), options.json)
}

function tell(io: Surroundings, proposal: Item, isJson: boolean | undefined): void {
  if (isJson === true) {
    io.out.write(`${printableJson(proposal, 2)}\n`)
    return
  }
  const [id, state, says, until] = ['id', 'state', 'says', 'expiresAt'].map((name) => printable(textOf(proposal, name)))
  io.out.write(`${state} ${id}\n${says}\n`)
  if (state === 'open')
    io.out.write(`Another person must approve it until ${until}: keywitness proposals approve ${id}\n`)
}
