/** Commands of which nobody heard what became of them: the service is asked before anybody guesses. */
import { Refused } from '../api-client.ts'
import { CliError } from '../cli-error.ts'

/** How to find out what became of a command. */
export interface Inquiry<T> {
  /** What the service shows once it is done; undefined while it is not. */
  readonly find: () => Promise<T | undefined>
  /** The command that shows it to a person. */
  readonly look: string
}

/**
 * The command's answer or, where none came, what the service shows of its having been done.
 *
 * @throws CliError the command's own failure; where none is known, with what to do
 */
export async function settled<T>(command: Promise<T>, { find, look }: Inquiry<T>): Promise<T> {
  try {
    return await command
  } catch (error) {
    if (!isOpen(error)) throw undone(error)
    let found: T | undefined
    try {
      found = await find()
    } catch {
      throw new CliError(error.code, `${error.message}; whether it was done is not known`, `${look} tells`)
    }
    if (found !== undefined) return found
    // It may still be on its way: signed commands are good for some minutes.
    throw new CliError(error.code, `${error.message}; so far it was not done`, `look again with ${look}`)
  }
}

/** What was refused was not done; but what was sent twice may have been done the first time. */
function undone(error: unknown): unknown {
  if (!(error instanceof Refused) || error.reason === 'CERT_COMMAND_REUSED') return error
  const { status, reason, message, advice, retryAfterMs } = error
  return new Refused(status, reason, `${message}; nothing was done`, advice, retryAfterMs)
}

/** Whether a failure leaves open what became of the command. */
export function isOpen(error: unknown): error is CliError {
  if (error instanceof Refused) return error.status >= 500
  return error instanceof CliError && ['UNREACHABLE', 'BAD_ANSWER', 'INTERRUPTED'].includes(error.code)
}
