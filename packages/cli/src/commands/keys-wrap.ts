/** `keywitness keys wrap`, `unwrap` and `rewrap`: data keys under a root key. */
import type { Command } from 'commander'
import { examples, several, withInstance } from '../command-options.ts'
import { readInput } from '../input-file.ts'
import { type InstanceOptions, kmsPath, openKms } from '../kms-api.ts'
import { printableJson } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options extends InstanceOptions {
  readonly aad?: readonly string[]
}

export function addKeysWrap(keys: Command, io: Surroundings): void {
  const wrap = wrapping(keys, 'wrap', 'wrap a data key: what the file holds, or a new one when no file is given')
    .argument('[file]', 'raw bytes of the data key (- is the standard input)')
    .action(async (key: string, file: string | undefined, options: Options) => {
      const plaintext = file === undefined ? {} : { plaintext: (await readInput(file)).toString('base64') }
      await act(io, key, 'wrap', plaintext, options)
    })
  examples(wrap, 'keys wrap billing-2026 data.key --aad invoices')

  const unwrap = wrapping(keys, 'unwrap', 'unwrap a data key; it is the output, in base64')
    .argument('<file>', 'the ciphertext as wrap gave it (- is the standard input)')
    .action((key: string, file: string, options: Options) => actOnCiphertext(io, key, 'unwrap', file, options))
  examples(unwrap, 'keys unwrap billing-2026 data.key.wrapped --aad invoices')

  const rewrap = wrapping(keys, 'rewrap', 'wrap a data key anew with the newest version of its root key')
    .argument('<file>', 'the ciphertext as wrap gave it (- is the standard input)')
    .action((key: string, file: string, options: Options) => actOnCiphertext(io, key, 'rewrap', file, options))
  examples(rewrap, 'keys rewrap billing-2026 data.key.wrapped --aad invoices')
}

function wrapping(keys: Command, name: string, description: string): Command {
  return withInstance(keys.command(name))
    .description(description)
    .argument('<key>', 'id or alias of the root key')
    .option('--aad <text>', 'additional authenticated data; may be given several times, in the same order', several)
}

async function actOnCiphertext(io: Surroundings, key: string, action: string, file: string, options: Options) {
  const ciphertext = (await readInput(file)).toString('utf8').trim()
  await act(io, key, action, { ciphertext: ciphertextOf(ciphertext) }, options)
}

/** Takes what these commands print as well as the bare ciphertext. */
function ciphertextOf(text: string): string {
  if (!text.startsWith('{')) return text
  try {
    const { ciphertext } = JSON.parse(text) as { ciphertext?: unknown }
    return typeof ciphertext === 'string' ? ciphertext : text
  } catch {
    return text
  }
}

async function act(io: Surroundings, key: string, action: string, members: object, { aad, ...options }: Options) {
  const json = { ...members, ...(aad === undefined ? {} : { aad }) }
  const path = `${kmsPath`/keys/${key}/actions/`}${action}`
  io.out.write(`${printableJson(await (await openKms(io, options)).object('POST', path, { json }), 2)}\n`)
}
