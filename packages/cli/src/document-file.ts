/** Documents that a command writes for people: a file of its own, that replaces none unless it may. */
import { writeFile } from 'node:fs/promises'
import { CliError } from './cli-error.ts'
import { printable } from './printable.ts'

/** For its owner's eyes. @throws CliError `BAD_INPUT` also when there is one and it may not be replaced */
export async function writeDocument(path: string, text: string, isForced: boolean): Promise<void> {
  await writeFile(path, text, { mode: 0o600, flag: isForced ? 'w' : 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') {
      throw new CliError('BAD_INPUT', `${printable(path)} is there already`, 'pass --force to replace it')
    }
    throw new CliError('BAD_INPUT', `cannot write ${printable(path)}: ${error.message}`)
  })
}
