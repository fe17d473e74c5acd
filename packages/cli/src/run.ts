/** One run of the command: parses, acts, and turns whatever happens into one line and an exit code. */
import { CommanderError } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { CliError, type ExitCode, exitCodes } from './cli-error.ts'
import { printable } from './printable.ts'
import { createProgram } from './program.ts'
import { type Surroundings, paint } from './surroundings.ts'

/**
 * Runs the command line `words` (without the program's name).
 *
 * @returns the exit code; errors of the command itself, which should not be, are thrown
 */
export async function run(words: readonly string[], io: Surroundings): Promise<ExitCode> {
  try {
    await createProgram(io, manifest.version).parseAsync(words, { from: 'user' })
    return exitCodes.good
  } catch (error) {
    // Commander has said what is wrong already; help and version come this way too.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.good : exitCodes.usage
    if (io.signal.aborted) {
      if (!isUnread(io.signal)) io.err.write(`Interrupted.${error instanceof CliError ? leftBy(error) : ''}\n`)
      return exitCodes.server
    }
    if (!(error instanceof CliError)) throw error
    const mark = paint(io, ['red', 'bold'], error.code === 'VERIFICATION_FAILED' ? 'FAILED' : 'error', io.err)
    io.err.write(`${mark}: ${printable(told(error))}\n`)
    for (const line of error.marked) io.err.write(`  ${printable(line)}\n`)
    return error.exitCode
  }
}

/** What is wrong and what to do as one sentence; a question stays one. */
function told({ message, advice }: CliError): string {
  if (advice === undefined) return message
  return message.endsWith('?') ? `${message} ${advice}` : `${message.replace(/\.$/, '')}; ${advice}`
}

/** Whether nobody reads what is written any more: then nobody has to be told. */
function isUnread({ reason }: AbortSignal): boolean {
  return reason instanceof Error && 'code' in reason && reason.code === 'EPIPE'
}

/** What an interrupted command says of what it leaves. */
function leftBy({ code, advice }: CliError): string {
  return code === 'INTERRUPTED' && advice !== undefined ? ` ${printable(advice)}` : ''
}
