/** Files of master key parts, `<n>.mkpart`: the part under a password, its description and verification pattern in clear. */
import { verificationPattern } from '@keywitness/crypto-unit/tke/verification-pattern'
import { CliError } from '../cli-error.ts'
import { isHex, SCRYPT_COST, seal, unseal } from './password-sealing.ts'
import type { StateFolder } from './state-folder.ts'

const KEY_PART_FILE = 'mkpart'
export const KEY_PART_BYTES = 32
const FORM = 'keywitness-mkpart-1'

export interface KeyPartFile {
  readonly number: number
  /** `<n>.mkpart`. */
  readonly name: string
  readonly description: string
  /** 64 hex digits. */
  readonly pattern: string
  readonly members: Readonly<Record<string, unknown>>
}

export async function listKeyParts(folder: StateFolder): Promise<KeyPartFile[]> {
  const numbers = await folder.numbers(KEY_PART_FILE)
  return Promise.all(numbers.map((number) => readKeyPart(folder, number)))
}

/** What the file says in clear. @throws CliError `BAD_INPUT` when there is none, or it is damaged */
export async function readKeyPart(folder: StateFolder, number: number): Promise<KeyPartFile> {
  const name = `${number}.${KEY_PART_FILE}`
  const members = await folder.readJson(name)
  if (members === undefined) {
    throw new CliError('BAD_INPUT', `there is no key part ${number}`, 'keywitness tke mks lists them')
  }
  if (typeof members !== 'object' || members === null) throw folder.damaged(name)
  const { form, description, verificationPattern: pattern } = members as Record<string, unknown>
  if (form !== FORM || !isHex(pattern, 32, 32)) throw folder.damaged(name)
  return {
    number,
    name,
    description: typeof description === 'string' ? description : '',
    pattern,
    members: members as Record<string, unknown>,
  }
}

/** @param part 32 bytes; the caller zeroes them */
export async function createKeyPart(
  folder: StateFolder,
  part: Uint8Array,
  description: string,
  password: string,
  cost: number = SCRYPT_COST,
): Promise<KeyPartFile> {
  const open = { form: FORM, description, verificationPattern: verificationPattern(part) }
  const sealed = await seal(part, password, contextOf(open), cost)
  return readKeyPart(folder, await folder.add(KEY_PART_FILE, { ...open, ...sealed }))
}

/** The part, 32 bytes; the caller zeroes them. @throws CliError `BAD_INPUT` when the password is wrong */
export async function openKeyPart(folder: StateFolder, file: KeyPartFile, password: string): Promise<Buffer> {
  const part = await unseal(file.members, password, contextOf(file.members), folder.fileOf(file.name))
  if (part.length === KEY_PART_BYTES && verificationPattern(part) === file.pattern) return part
  part.fill(0)
  throw folder.damaged(file.name)
}

function contextOf(members: Readonly<Record<string, unknown>>): string {
  return JSON.stringify([members['form'], members['description'], members['verificationPattern']])
}
