/** Files given to a command: material, ciphertexts, certificates; `-` is the standard input. */
import { readFile } from 'node:fs/promises'
import { CliError } from './cli-error.ts'

/** The largest one taken, in bytes: nothing that the API takes is larger. */
const bytesMax = 64 * 1024

/** @throws CliError `BAD_INPUT` naming the file, never what is in it */
export async function readInput(path: string): Promise<Buffer> {
  let bytes: Buffer
  try {
    bytes = await readFile(path === '-' ? '/dev/stdin' : path)
  } catch (error) {
    throw new CliError('BAD_INPUT', `cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`)
  }
  if (bytes.length > bytesMax) throw new CliError('BAD_INPUT', `${path} is over ${bytesMax} bytes`)
  return bytes
}
