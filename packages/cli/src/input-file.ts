/** Files given to a command: material, ciphertexts, certificates, rules; `-` is the standard input. */
import { createReadStream } from 'node:fs'
import { CliError } from './cli-error.ts'

/** The largest one taken where nothing else is said, in bytes: no key, ciphertext or certificate is larger. */
const bytesMax = 64 * 1024

/** What a file is called in a message. */
export function inputName(path: string): string {
  return path === '-' ? 'the standard input' : path
}

/**
 * @param most bytes taken
 * @throws CliError `BAD_INPUT` naming the file, never what is in it
 */
export async function readInput(path: string, most: number = bytesMax): Promise<Buffer> {
  // Not by the name /dev/stdin: a socket, as another program may hand one in, cannot be opened by a name.
  const source: AsyncIterable<Buffer> = path === '-' ? process.stdin : createReadStream(path)
  const pieces: Buffer[] = []
  let bytes = 0
  try {
    for await (const piece of source) {
      bytes += piece.length
      if (bytes > most) throw new CliError('BAD_INPUT', `${inputName(path)} is over ${most} bytes`)
      pieces.push(piece)
    }
  } catch (error) {
    if (error instanceof CliError) throw error
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new CliError('BAD_INPUT', `cannot read ${inputName(path)}: ${code}`)
  }
  return Buffer.concat(pieces)
}
