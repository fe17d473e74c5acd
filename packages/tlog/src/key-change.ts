/** A log's change of key: the old key's word for the new one, so that who trusts the old one need trust nobody else. */
import { toBase64 } from './bytes.ts'
import { NoteError } from './errors.ts'
import { type NoteSigner, openNote, parseNote, signNote } from './note.ts'
import { type NoteVerifier, parseVerifierKey } from './verifier-key.ts'

/** Its second line is no number: no such text is ever taken for a checkpoint, nor a checkpoint for one. */
function textOf(newKey: string): string {
  return `keywitness-log-key/1\n${newKey}\n`
}

/**
 * The old key's signature over the new key's text, as the base64 part of a signature line of a signed note.
 *
 * @throws NoteError `KEY_FORMAT`, `KEY_TYPE` when the new key is none, `ORIGIN` when it is the key of another log
 */
export function vouchForKey(newKey: string, signer: NoteSigner): string {
  if (parseVerifierKey(newKey).name !== signer.name) {
    throw new NoteError('ORIGIN', `a key of ${signer.name} cannot vouch for one of another log`)
  }
  const { signatures } = parseNote(signNote(textOf(newKey), [signer]))
  const { keyId, signature } = signatures[0]!
  const blob = new Uint8Array(4 + signature.length)
  new DataView(blob.buffer).setUint32(0, keyId)
  blob.set(signature, 4)
  return toBase64(blob)
}

/**
 * The new key, when one of the trusted keys of the same log vouches for it.
 *
 * @throws NoteError `KEY_FORMAT`, `KEY_TYPE`, `NOTE_FORMAT`, `BAD_SIGNATURE`, `NO_KNOWN_SIGNATURE`, `AMBIGUOUS_KEY`
 */
export async function openKeyChange(
  newKey: string,
  voucher: string,
  trusted: readonly NoteVerifier[],
): Promise<ReturnType<typeof parseVerifierKey>> {
  const key = parseVerifierKey(newKey)
  // Neither may bring lines of its own into the text that is verified.
  if (/\s/.test(newKey) || /\s/.test(voucher)) throw new NoteError('NOTE_FORMAT', 'a key or signature of several lines')
  const ofLog = trusted.filter(({ name }) => name === key.name)
  await openNote(`${textOf(newKey)}\n— ${key.name} ${voucher}\n`, ofLog)
  return key
}
