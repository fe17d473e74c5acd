/** Before something that is not easily undone: `--yes` says that it is meant, or a person at the terminal does. */
import { CliError } from './cli-error.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * @param what what will have happened, as the beginning of a sentence
 * @throws CliError `BAD_INPUT` when it is not meant, or nobody is there to ask
 */
export async function makeSure(io: Surroundings, what: string, isMeant: boolean | undefined): Promise<void> {
  if (isMeant === true) return
  if (io.confirm !== undefined && (await io.confirm(`${what}. Go on? Type yes: `))) return
  throw new CliError(
    'BAD_INPUT',
    io.confirm === undefined ? what : 'nothing was changed',
    'if that is meant, add --yes',
  )
}
