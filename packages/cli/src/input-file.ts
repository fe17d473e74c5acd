/** Files given to a command: material, ciphertexts, certificates; `-` is the standard input. */
import { createReadStream } from 'node:fs'
import { CliError } from './cli-error.ts'

/** The largest one taken, in bytes: nothing that the API takes is larger. */
const bytesMax = 64 * 1024

/** @throws CliError `BAD_INPUT` naming the file, never what is in it */
export async function readInput(path: string): Promise<Buffer> {
  // Not by the name /dev/stdin: a socket, as another program may hand one in, cannot be opened by a name.
  const source: AsyncIterable<Buffer> = path === '-' ? process.stdin : createReadStream(path)
  const pieces: Buffer[] = []
  let bytes = 0
  try {
    for await (const piece of source) {
      bytes += piece.length
      if (bytes > bytesMax) throw new CliError('BAD_INPUT', `${path} is over ${bytesMax} bytes`)
      pieces.push(piece)
    }
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new CliError('BAD_INPUT', `cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`)
  }
  return Buffer.concat(pieces)
}
