/** `keywitness tke mks`, `mk-add`, `mk-rm`: parts of a master key, each in a file under the password of its holder. */
import { randomBytes } from 'node:crypto'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, wholeNumber } from '../command-options.ts'
import { readInput } from '../input-file.ts'
import { printable, printableJson } from '../printable.ts'
import { printList } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'
import { consent, given } from '../tke/consent.ts'
import { createKeyPart, KEY_PART_BYTES, listKeyParts, readKeyPart } from '../tke/key-part-files.ts'
import { type FolderOptions, isJson, type OutputOptions, withOutput, withPasswords } from '../tke/options.ts'
import { type LocalSession, openFolder } from '../tke/session.ts'

interface AddOptions extends FolderOptions, OutputOptions {
  readonly random?: boolean
  readonly value?: boolean
  readonly valueFile?: string
  readonly description?: string
}

interface RemoveOptions extends FolderOptions {
  readonly part?: number
}

/** Descriptions stand in the clear. */
const descriptionCharactersMax = 64

export function addTkeKeyParts(tke: Command, io: Surroundings): void {
  const list = withOutput(tke.command('mks'))
    .description('the master key parts on this machine: descriptions and verification patterns, never values')
    .action(async (options: FolderOptions & OutputOptions) => printParts(await openFolder(io, options), options))
  examples(list, 'tke mks', 'tke mks --output json')

  const add = withOutput(withPasswords(tke.command('mk-add')))
    .description('make a master key part, kept in a file under a password')
    .option('--random', 'of random bytes')
    .option('--value', 'of a value: 64 hexadecimal digits, asked for and not shown')
    .option('--value-file <file>', 'of the value in a file (- is the standard input)')
    .option('--description <text>', 'what it is called, in the clear')
    .action((options: AddOptions) => addPart(io, options))
  examples(
    add,
    'tke mk-add --random --description "part of Ana"',
    'tke mk-add --value',
    'tke mk-add --value-file part.hex --description "part of Ben" --password-file ben.password',
  )

  const remove = tke
    .command('mk-rm')
    .description('delete a master key part; without all parts the master key cannot be loaded again')
    .option('--part <number>', 'its number', wholeNumber(1, 9_999))
    .option('--yes', 'do it without asking')
    .action((options: RemoveOptions) => removePart(io, options))
  examples(remove, 'tke mk-rm --part 2 --yes')
}

async function printParts({ io, folder }: LocalSession, options: OutputOptions): Promise<void> {
  const parts = (await listKeyParts(folder)).map(({ number, description, pattern }) => ({
    part: number,
    description,
    verificationPattern: pattern,
  }))
  printList(io, isJson(options), 'parts', parts, [
    { title: 'part' },
    { title: 'description', isWide: true },
    { title: 'verification pattern', of: (part) => part.verificationPattern },
  ])
}

async function addPart(io: Surroundings, options: AddOptions): Promise<void> {
  const session = await openFolder(io, options)
  const ways = [options.random === true, options.value === true, options.valueFile !== undefined]
  if (ways.filter(Boolean).length !== 1) {
    throw new CliError('BAD_INPUT', 'give one of --random, --value and --value-file')
  }
  const part = await partBytes(io, options)
  try {
    const description = await given(io, options.description, 'Description', '--description')
    if (description.length > descriptionCharactersMax) {
      throw new CliError('BAD_INPUT', `a description has at most ${descriptionCharactersMax} characters`)
    }
    const password = await session.passwords.ofNew('the key part')
    const { number, pattern } = await createKeyPart(session.folder, part, description, password)
    if (isJson(options)) {
      io.out.write(`${printableJson({ part: number, description, verificationPattern: pattern }, 2)}\n`)
    } else {
      io.out.write(`${number}  ${printable(description)}  ${pattern}\n`)
    }
  } finally {
    part.fill(0)
  }
}

/** 32 bytes; the caller zeroes them. */
async function partBytes(io: Surroundings, { random, valueFile }: AddOptions): Promise<Buffer> {
  if (random === true) return randomBytes(KEY_PART_BYTES)
  if (valueFile === undefined && io.ask === undefined) {
    throw new CliError('BAD_INPUT', 'nobody can be asked for the value', 'give --value-file')
  }
  const text =
    valueFile === undefined
      ? ((await io.ask?.('Value of the key part, 64 hexadecimal digits: ')) ?? '')
      : (await readInput(valueFile)).toString('latin1')
  const digits = text.trim()
  if (!/^[0-9a-f]{64}$/i.test(digits)) throw new CliError('BAD_INPUT', 'a key part is 64 hexadecimal digits')
  const part = Buffer.from(digits, 'hex')
  if (part.every((byte) => byte === part[0])) {
    part.fill(0)
    throw new CliError('BAD_INPUT', 'all bytes of the key part are the same, which is no secret', 'use --random')
  }
  return part
}

async function removePart(io: Surroundings, options: RemoveOptions): Promise<void> {
  const session = await openFolder(io, options)
  if (options.part === undefined && io.askText !== undefined) await printParts(session, {})
  const number = await given(io, options.part?.toString(), 'Number of the key part to delete', '--part')
  const { folder } = session
  const { name, description, pattern } = await readKeyPart(folder, Number(number))
  await consent(io, options, 'Deletes the key part, which cannot be brought back:', [
    `${name}  ${description}  ${pattern}`,
  ])
  await folder.remove(name)
  io.out.write(`deleted ${name}\n`)
}
