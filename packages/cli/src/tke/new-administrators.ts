/** Administrators of an initialisation: signature keys there are, or new ones made on the spot. */
import { CliError } from '../cli-error.ts'
import { given, givenNumber } from './consent.ts'
import type { TkeSession } from './session.ts'
import { createSignatureKey } from './signature-keys.ts'
import type { Signer } from './signers.ts'
import { ADMINISTRATORS_MAX } from './unit-state.ts'

/** An administrator to be, with the key opened. */
export interface NamedKey {
  readonly name: string
  /** 64 hex digits. */
  readonly ski: string
  readonly certificate: Buffer
  readonly signer: Signer
}

/**
 * The keys that are named; where none are, a person says how many there will be and which, by number or by the name
 * of one that is made now.
 *
 * @throws CliError `BAD_INPUT` when one is named twice
 */
export async function namedKeys(session: TkeSession, named: readonly string[] | undefined): Promise<NamedKey[]> {
  const ids = named ?? (await askIds(session))
  const keys: NamedKey[] = []
  for (const id of ids) {
    const { ski, description, open } = await session.keys.find(id)
    if (keys.some((key) => key.ski === ski)) throw new CliError('BAD_INPUT', `signature key ${id} is named twice`)
    const signer = await open()
    const name = description.slice(0, 30) || `key ${id}`
    keys.push({ name, ski, certificate: await signer.certificate(name), signer })
  }
  return keys
}

async function askIds(session: TkeSession): Promise<string[]> {
  const { io, folder, passwords } = session
  const bounds = { low: 1, high: ADMINISTRATORS_MAX }
  const count = await givenNumber(io, undefined, 'Number of administrators', '--admin for each', bounds)
  const ids: string[] = []
  for (let at = 1; at <= count; at++) {
    const question = `Administrator ${at}: number of a signature key, or the name of a new one`
    const answer = await given(io, undefined, question, '--admin')
    if (/^\d{1,4}$/.test(answer)) {
      ids.push(answer)
      continue
    }
    if (!/^[\x20-\x7e]{1,30}$/.test(answer)) {
      throw new CliError('BAD_INPUT', 'the name of an administrator is 1 to 30 printable ASCII characters')
    }
    const password = await passwords.ofNew(`the signature key of ${answer}`)
    ids.push(String((await createSignatureKey(folder, answer, password)).number))
  }
  return ids
}
