/** `keywitness status`: whether the server can serve, and how far its logs have come. */
import type { Command } from 'commander'
import { memberOf } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import { examples, withServer } from '../command-options.ts'
import { type ServerOptions, connect } from '../connection.ts'
import { formatCount, printable, printableJson } from '../printable.ts'
import { type Surroundings, paint } from '../surroundings.ts'
import { listTrackers } from '../trail-api.ts'

interface Options extends ServerOptions {
  readonly json?: boolean
}

export function addStatus(program: Command, io: Surroundings): void {
  const command = withServer(program.command('status'))
    .description('whether the server can serve, and how far its logs have come')
    .option('--json', 'as JSON')
    .action((options: Options) => status(io, options))
  examples(command, 'status', 'status --url https://keys.example.com --json')
}

async function status(io: Surroundings, options: Options): Promise<void> {
  const { client } = await connect(io, options)
  const { text } = await client.probe('/readyz')
  const ready = readiness(text)
  if (ready === undefined) {
    throw new CliError('BAD_ANSWER', `${client.origin} is no Keywitness`, 'check the address')
  }
  const trackers = ready.ready ? await listTrackers(client) : []
  if (options.json === true) {
    io.out.write(`${printableJson({ server: client.origin, ...ready, trackers }, 2)}\n`)
  } else {
    const word = ready.ready ? paint(io, 'green', 'ready') : paint(io, 'red', 'not ready')
    io.out.write(`${client.origin}  ${word}\n`)
    for (const { location, origin, size, covered } of trackers) {
      const open = size - covered
      const rest = open === 0 ? 'all of them covered' : `${formatCount(open)} not yet covered`
      const line = `${printable(location)}  ${formatCount(size)} events, ${rest} by a signed checkpoint`
      io.out.write(`${line}\n  ${paint(io, 'dim', printable(origin))}\n`)
    }
  }
  if (!ready.ready) {
    throw new CliError('REFUSED', `the server cannot serve now: ${ready.reasons.map(printable).join('; ')}`)
  }
}

function readiness(text: string): { ready: boolean; reasons: string[] } | undefined {
  try {
    const answer: unknown = JSON.parse(text)
    const ready = memberOf(answer, 'ready')
    const reasons = memberOf(answer, 'reasons')
    if (typeof ready !== 'boolean') return undefined
    return { ready, reasons: Array.isArray(reasons) ? reasons.map(String) : [] }
  } catch {
    return undefined
  }
}
