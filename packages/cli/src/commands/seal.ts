/** `keywitness seal status`, `protect`, `change-passphrase` and `unprotect`: the seal's file, without the server. */
import type { Command } from 'commander'
import { openSeal, protectSeal, readSealFile } from '@keywitness/crypto-unit/seal-envelope'
import { CliError } from '../cli-error.ts'
import { examples } from '../command-options.ts'
import { makeSure } from '../make-sure.ts'
import { knownPassphrase, newPassphrase, type PassphraseInput } from '../passphrase.ts'
import { formatNumberOf, printable, printableJson } from '../printable.ts'
import { type OldBytes, readSeal, replaceSeal, sealPath, withEnvelope } from '../seal-file.ts'
import { type Surroundings, paint } from '../surroundings.ts'

interface Options {
  readonly file?: string
  readonly passphraseFile?: string
}

interface StatusOptions extends Options {
  readonly json?: boolean
}

interface ChangeOptions extends Options {
  readonly newPassphraseFile?: string
}

interface UnprotectOptions extends Options {
  readonly yes?: boolean
}

export function addSeal(seal: Command, io: Surroundings): void {
  const status = withFile(seal.command('status'))
    .description('whether the seal is under a passphrase, and who can read its file')
    .option('--passphrase-file <file>', 'also try whether this passphrase opens it (- is the standard input)')
    .option('--json', 'as JSON')
    .action((options: StatusOptions) => showStatus(io, options))
  examples(status, 'seal status', 'seal status --passphrase-file /run/secrets/seal', 'seal status --json')

  const protect = withFile(seal.command('protect'))
    .description('put a plain seal under a passphrase, which the server needs from its next start on')
    .option('--passphrase-file <file>', 'take it from a file instead of asking twice (- is the standard input)')
    .action((options: Options) => protectFile(io, options))
  examples(protect, 'seal protect', 'seal protect --file /etc/keywitness/seal.key --passphrase-file ./passphrase')

  const change = withFile(seal.command('change-passphrase'))
    .description('put the seal under another passphrase; the seal itself stays the same')
    .option('--passphrase-file <file>', 'take the present passphrase from a file (- is the standard input)')
    .option('--new-passphrase-file <file>', 'take the new one from a file instead of asking twice')
    .action((options: ChangeOptions) => changePassphrase(io, options))
  examples(change, 'seal change-passphrase', 'seal change-passphrase --passphrase-file old --new-passphrase-file new')

  const unprotect = withFile(seal.command('unprotect'))
    .description('make the seal a plain file again, which opens everything for whoever reads it')
    .option('--passphrase-file <file>', 'take the passphrase from a file (- is the standard input)')
    .option('--yes', 'this is meant')
    .action((options: UnprotectOptions) => unprotectFile(io, options))
  examples(unprotect, 'seal unprotect', 'seal unprotect --passphrase-file ./passphrase --yes')
}

function withFile(command: Command): Command {
  return command.option('--file <file>', 'the file of the seal (KEYWITNESS_SEAL, else seal.key in KEYWITNESS_DATA)')
}

async function showStatus(io: Surroundings, options: StatusOptions): Promise<void> {
  const file = sealPath(io, options.file)
  const { bytes, mode } = readSeal(file)
  const held = withEnvelope(file, () => readSealFile(bytes))
  let opens: boolean | undefined
  if (options.passphraseFile !== undefined) {
    demand(file, held.kind, 'protected')
    const passphrase = await knownPassphrase(io, present(options))
    withEnvelope(file, () => openSeal(bytes, passphrase))
    opens = true
  }
  const isPrivate = (mode & 0o077) === 0
  const rights = `0${mode.toString(8)}`
  if (options.json === true) {
    const format = held.kind === 'plain' ? {} : { version: held.version, kdf: { name: 'Argon2id', ...held.kdf } }
    const status = { file, protected: held.kind === 'protected', ...format, mode: rights, isPrivate, opens }
    return io.out.write(`${printableJson(status, 2)}\n`)
  }
  const lines = [printable(file)]
  if (held.kind === 'plain') {
    lines.push(
      'plain: whoever reads it can open the sealed state',
      '  keywitness seal protect puts it under a passphrase',
    )
  } else {
    const { memoryKiB, passes, lanes } = held.kdf
    const cost = `Argon2id, ${memoryKiB / 1_024} MiB, ${passes} passes, ${formatNumberOf(lanes, 'lane')}`
    lines.push(`under a passphrase: format ${held.version}, AES-256-GCM, ${cost}`)
  }
  if (opens === true) lines.push(`${paint(io, 'green', '✓')} the passphrase opens it`)
  lines.push(
    isPrivate ? `mode ${rights}` : `mode ${rights}: others can read it, and the server refuses it; make it 0600`,
  )
  io.out.write(`${lines.join('\n')}\n`)
}

async function protectFile(io: Surroundings, options: Options): Promise<void> {
  const file = sealPath(io, options.file)
  const { bytes } = readSeal(file)
  const held = withEnvelope(file, () => readSealFile(bytes))
  if (held.kind !== 'plain') return demand(file, held.kind, 'plain')
  const passphrase = await newPassphrase(io, { ...present(options), question: 'Passphrase for the seal' })
  const old = replaceSeal(file, bytes, enveloped(file, held.seal, passphrase))
  io.out.write(`${printable(file)} is under the passphrase now\n`)
  tellOfOld(io, old, 'plain seal')
  io.err.write('The server needs the passphrase from its next start on. Lose it, and every key is lost.\n')
}

async function changePassphrase(io: Surroundings, options: ChangeOptions): Promise<void> {
  if (options.passphraseFile === '-' && options.newPassphraseFile === '-') {
    throw new CliError('BAD_INPUT', 'both passphrases cannot be the standard input', 'give one of them in a file')
  }
  const file = sealPath(io, options.file)
  const { bytes } = readSeal(file)
  demand(file, withEnvelope(file, () => readSealFile(bytes)).kind, 'protected')
  const passphrase = await knownPassphrase(io, { ...present(options), question: 'Present passphrase of the seal' })
  const seal = withEnvelope(file, () => openSeal(bytes, passphrase))
  const next = await newPassphrase(io, {
    file: options.newPassphraseFile,
    option: '--new-passphrase-file',
    question: 'New passphrase',
  })
  if (next === passphrase) throw new CliError('BAD_INPUT', 'the new passphrase is the present one')
  const old = replaceSeal(file, bytes, enveloped(file, seal, next))
  io.out.write(`${printable(file)} is under the new passphrase now\n`)
  tellOfOld(io, old, 'seal under the old passphrase')
}

async function unprotectFile(io: Surroundings, options: UnprotectOptions): Promise<void> {
  const file = sealPath(io, options.file)
  const { bytes } = readSeal(file)
  demand(file, withEnvelope(file, () => readSealFile(bytes)).kind, 'protected')
  const passphrase = await knownPassphrase(io, present(options))
  const seal = withEnvelope(file, () => openSeal(bytes, passphrase))
  await makeSure(io, `whoever reads ${printable(file)} can open every key from then on`, options.yes)
  replaceSeal(file, bytes, seal)
  io.out.write(`${printable(file)} is a plain file now, 0600: whoever reads it can open the sealed state\n`)
}

/** The new envelope, opened once: what does not open must not replace what does. */
function enveloped(file: string, seal: Uint8Array, passphrase: string): Uint8Array {
  return withEnvelope(file, () => {
    const envelope = protectSeal(seal, passphrase)
    if (Buffer.from(openSeal(envelope, passphrase)).equals(seal)) return envelope
    throw new Error('the envelope does not hold the seal')
  })
}

function present({ passphraseFile }: Options): PassphraseInput {
  return { file: passphraseFile, option: '--passphrase-file', question: 'Passphrase of the seal' }
}

function demand(file: string, kind: 'plain' | 'protected', wanted: 'plain' | 'protected'): void {
  if (kind === wanted) return
  throw kind === 'plain'
    ? new CliError(
        'BAD_INPUT',
        `the seal ${printable(file)} is not under a passphrase`,
        'keywitness seal protect does that',
      )
    : new CliError(
        'BAD_INPUT',
        `the seal ${printable(file)} is under a passphrase already`,
        'keywitness seal change-passphrase changes it',
      )
}

function tellOfOld(io: Surroundings, old: OldBytes, what: string): void {
  const where = {
    overwritten: 'The old bytes were overwritten where they lay.',
    'other-name': `The old file has another name (a hard link), which still holds the ${what}.`,
    'not-writable': 'The old bytes could not be overwritten.',
  }[old]
  io.err.write(`${where} Copies, back-ups, and what the disk keeps of them still hold the ${what}.\n`)
}
