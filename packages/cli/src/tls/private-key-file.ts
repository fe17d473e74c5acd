/** A private key that a client shows itself with, from its file: for the handshake, and for nothing else. */
import { readFile } from 'node:fs/promises'
import { CliError } from '../cli-error.ts'
import { printable } from '../printable.ts'

/** The longest file read, in characters. */
const charsMax = 64 * 1024

/** @throws CliError `BAD_INPUT` naming the file, never what is in it */
export async function readPrivateKey(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CliError('BAD_INPUT', `cannot read ${printable(file)}: ${error.code ?? 'unknown'}`)
  })
  if (text.length <= charsMax && /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return text
  throw new CliError('BAD_INPUT', `${printable(file)} holds no private key in PEM`)
}
