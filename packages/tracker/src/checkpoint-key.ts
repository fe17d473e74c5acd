/** The key that signs checkpoints: one file outside the tracker's store, and its public half beside it. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { join } from 'node:path'
import { formatVerifierKey, type NoteSigner, parseNote, parseVerifierKey } from '@keywitness/tlog'
import { TrackerError } from './errors.ts'
import { type Disk, readText } from './store/disk.ts'

const privateFile = 'checkpoint.key'
const publicFile = 'checkpoint.pub'

export interface CheckpointKey {
  readonly signer: NoteSigner
  /** Verifier key, one line. */
  readonly vkey: string
}

/** Makes the key pair unless there is one. Never replaces a key: what it signed could no longer be verified. */
export function createCheckpointKey(disk: Disk, keyFolder: string): void {
  const file = join(keyFolder, privateFile)
  if (readText(file) !== undefined) return
  disk.makeFolder(keyFolder, 0o700)
  const { privateKey } = generateKeyPairSync('ed25519')
  disk.replaceFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
}

/**
 * Opens the signing key, and writes its public half when that is not there.
 *
 * @throws TrackerError MISSING, CORRUPT, BAD_INPUT when the origin cannot name a key
 */
export function openCheckpointKey(disk: Disk, keyFolder: string, origin: string): CheckpointKey {
  const file = join(keyFolder, privateFile)
  const pem = readText(file)
  if (pem === undefined) throw new TrackerError('MISSING', `the checkpoint key is not in ${keyFolder}`, { file })
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    // The cause may quote the key.
    throw new TrackerError('CORRUPT', `${file} is not a private key`, { file })
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new TrackerError('CORRUPT', `${file} is not an Ed25519 key`, { file })
  const vkey = verifierKeyOf(key, origin)
  const { name, keyId } = parseVerifierKey(vkey)
  if (readText(join(keyFolder, publicFile)) !== `${vkey}\n`) disk.replaceFile(join(keyFolder, publicFile), `${vkey}\n`)
  return { vkey, signer: { name, keyId, sign: (message) => sign(null, message, key) } }
}

/** The public half as its writer left it: what readers and checkers go by. @throws TrackerError MISSING, CORRUPT */
export function readVerifierKey(keyFolder: string): string {
  const file = join(keyFolder, publicFile)
  const text = readText(file)
  if (text === undefined) throw new TrackerError('MISSING', `the verifier key is not in ${keyFolder}`, { file })
  try {
    parseVerifierKey(text)
  } catch (error) {
    throw new TrackerError('CORRUPT', `${file} is not a verifier key`, { file, cause: error })
  }
  return text.trimEnd()
}

/** Whether a note bears a signature of the key that holds. */
export function isSignedBy(note: string, vkey: string): boolean {
  const { name, keyId, publicKey } = parseVerifierKey(vkey)
  const { text, signatures } = parseNote(note)
  // An Ed25519 SubjectPublicKeyInfo is this prefix and the 32 key bytes (RFC 8410 section 4).
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey])
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
  return signatures.some(
    ({ name: of, keyId: id, signature }) =>
      of === name && id === keyId && verify(null, Buffer.from(text), key, signature),
  )
}

function verifierKeyOf(key: KeyObject, origin: string): string {
  const der = createPublicKey(key).export({ type: 'spki', format: 'der' })
  try {
    return formatVerifierKey(origin, der.subarray(der.length - 32))
  } catch (error) {
    throw new TrackerError('BAD_INPUT', `the origin ${JSON.stringify(origin.slice(0, 100))} cannot name a key`, {
      cause: error,
    })
  }
}
