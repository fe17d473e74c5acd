/** One run of the command: what is asked, the steps that hold as they are found, and an exit code. */
import { parseArgs } from 'node:util'
import { verifyConsistencyFiles } from './consistency.ts'
import { verifyEvidenceFile } from './evidence.ts'
import { Failure } from './failure.ts'
import { trustedKeys } from './keys.ts'
import { verifyLogFolder } from './log.ts'
import { verifyReceiptFile } from './receipt.ts'

const help = `Verifies what a Keywitness log has given away, offline, with public keys alone.

  keywitness-verify receipt <file> --key <key>
      that an event is in the log, byte for byte
  keywitness-verify evidence <file> --key <key>
      a file of events with all that proves them
  keywitness-verify log <folder> --key <key> [--checkpoint <file>] [--head <file>]
      the whole log, from a folder of its files (checkpoint, tile/…, tile/entries/…)
  keywitness-verify consistency <older> <newer> <proof> --key <key>
      that one checkpoint continues another

  --key <key>         the log's verifier key, or a file with one a line; may be repeated
  --change <file>     the proof of an event by which the log changed its key, oldest first; may be repeated
  --checkpoint <file> the checkpoint to verify the log against (default: the one in the folder)
  --head <file>       a checkpoint kept elsewhere that the log must continue; may be repeated

Exit codes: 0 it holds · 1 it does not hold · 2 the command line or a file is wrong.
`

export interface Outputs {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

const options = {
  key: { type: 'string', multiple: true },
  change: { type: 'string', multiple: true },
  checkpoint: { type: 'string' },
  head: { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h' },
} as const

/** @returns the exit code; errors of the program itself, which should not be, are thrown */
export async function run(words: readonly string[], { out, err }: Outputs): Promise<0 | 1 | 2> {
  const tell = (step: string): void => out(`✓ ${step}\n`)
  try {
    const { values, positionals } = parsed(words)
    if (values.help === true) {
      out(help)
      return 0
    }
    const [what, ...files] = positionals
    const keys = await trustedKeys(values.key ?? [], values.change ?? [], tell)
    if (what === 'receipt') out(`${await verifyReceiptFile(one(files), keys, tell)}\n`)
    else if (what === 'evidence' || what === 'bundle') await verifyEvidenceFile(one(files), keys, tell)
    else if (what === 'log') {
      const { checkpoint, head: heads = [] } = values
      await verifyLogFolder({ folder: one(files), checkpoint, heads }, keys, tell)
    } else if (what === 'consistency') {
      const [older, newer, proof, ...more] = files
      if (older === undefined || newer === undefined || proof === undefined || more.length > 0) {
        throw new Failure('usage', 'two checkpoints and a proof are needed')
      }
      await verifyConsistencyFiles({ older, newer, proof }, keys, tell)
    } else throw new Failure('usage', 'what is to be verified? receipt, evidence, log or consistency; see --help')
    return 0
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    err(`${error.kind === 'failed' ? 'FAILED' : 'error'}: ${error.message}\n`)
    return error.kind === 'failed' ? 1 : 2
  }
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true })
  } catch (error) {
    throw new Failure('usage', (error as Error).message)
  }
}

function one(files: readonly string[]): string {
  const [file, ...more] = files
  if (file === undefined || more.length > 0) throw new Failure('usage', 'one file is needed')
  return file
}
