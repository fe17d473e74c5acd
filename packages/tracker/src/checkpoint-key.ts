/** The keys that sign checkpoints: private halves in files outside the tracker's store, the current public one beside. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { formatVerifierKey, type NoteSigner, parseNote, parseVerifierKey } from '@keywitness/tlog'
import { TrackerError } from './errors.ts'
import { type Disk, readText } from './store/disk.ts'

/** The first key of a log; later ones bear their id in their name. */
const firstFile = 'checkpoint.key'
export const publicFile = 'checkpoint.pub'
const laterFiles = /^checkpoint-[0-9a-f]{8}\.key$/
/** What a crash in the middle of writing a private half leaves. */
const drafts = /^checkpoint(?:-[0-9a-f]{8})?\.key\.new$/

/** A key that can sign. */
export interface CheckpointKey {
  readonly signer: NoteSigner
  /** Verifier key, one line. */
  readonly vkey: string
}

/** Makes the first key pair unless there is one. Never replaces a key: what it signed could no longer be verified. */
export function createCheckpointKey(disk: Disk, keyFolder: string): void {
  const file = join(keyFolder, firstFile)
  if (readText(file) !== undefined) return
  disk.makeFolder(keyFolder, 0o700)
  disk.replaceFile(file, newPrivateKey().pem)
}

/** Makes a further key pair, which nothing uses yet. */
export function createLaterKey(disk: Disk, keyFolder: string, origin: string): string {
  const { key, pem } = newPrivateKey()
  const vkey = verifierKeyOf(key, origin)
  disk.replaceFile(join(keyFolder, laterFile(vkey)), pem)
  return vkey
}

/**
 * Opens the private half of the log's first key.
 *
 * @throws TrackerError MISSING, CORRUPT, BAD_INPUT when the origin cannot name a key
 */
export function openFirstKey(keyFolder: string, origin: string): CheckpointKey {
  const key = openPrivateKey(join(keyFolder, firstFile), origin)
  if (key === undefined) {
    const file = join(keyFolder, firstFile)
    throw new TrackerError('MISSING', `the checkpoint key is not in ${keyFolder}`, { file })
  }
  return key
}

/** Opens the private half of a key, whichever file it is in. @throws TrackerError MISSING, CORRUPT */
export function openKey(keyFolder: string, vkey: string): CheckpointKey {
  const { name } = parseVerifierKey(vkey)
  for (const file of [laterFile(vkey), firstFile]) {
    const key = openPrivateKey(join(keyFolder, file), name)
    if (key?.vkey === vkey) return key
  }
  throw new TrackerError('MISSING', `the private half of ${vkey} is not in ${keyFolder}`, { file: keyFolder })
}

/** What is wrong with the file of a key's private half, which must be as it was written; undefined when nothing is. */
export function privateKeyFault(keyFolder: string, vkey: string): string | undefined {
  const { name } = parseVerifierKey(vkey)
  for (const file of [laterFile(vkey), firstFile].map((each) => join(keyFolder, each))) {
    const pem = readText(file)
    if (pem === undefined || openPrivateKey(file, name)?.vkey !== vkey) continue
    return pem === createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem' }).toString()
      ? undefined
      : `${file} is not as it was written`
  }
  return `the private half of ${vkey} is not in ${keyFolder}`
}

/** Destroys every private half but those of these keys. */
export function destroyOtherKeys(disk: Disk, keyFolder: string, kept: readonly string[]): void {
  const keptFiles = new Set(kept.map(laterFile))
  const { name } = parseVerifierKey(kept[0]!)
  for (const file of readdirSync(keyFolder)) {
    if (drafts.test(file) || (laterFiles.test(file) && !keptFiles.has(file))) disk.removeFile(join(keyFolder, file))
  }
  const first = openPrivateKey(join(keyFolder, firstFile), name)
  if (first !== undefined && !kept.includes(first.vkey)) disk.removeFile(join(keyFolder, firstFile))
}

/** Makes the file with the current public key say this one. */
export function keepPublicKey(disk: Disk, keyFolder: string, vkey: string): void {
  const file = join(keyFolder, publicFile)
  if (readText(file) !== `${vkey}\n`) disk.replaceFile(file, `${vkey}\n`)
}

/** The current public half as its writer left it. @throws TrackerError MISSING, CORRUPT */
export function readVerifierKey(keyFolder: string): string {
  const file = join(keyFolder, publicFile)
  const text = readText(file)
  if (text === undefined) throw new TrackerError('MISSING', `the verifier key is not in ${keyFolder}`, { file })
  try {
    parseVerifierKey(text)
  } catch (error) {
    throw new TrackerError('CORRUPT', `${file} is not a verifier key`, { file, cause: error })
  }
  if (text !== `${text.trimEnd()}\n`) throw new TrackerError('CORRUPT', `${file} is not as it was written`, { file })
  return text.trimEnd()
}

/** Which of the keys have signed a note, each with a signature that holds. */
export function signedBy(note: string, vkeys: readonly string[]): string[] {
  const { text, signatures } = parseNote(note)
  return vkeys.filter((vkey) => {
    const { name, keyId, publicKey } = parseVerifierKey(vkey)
    // An Ed25519 SubjectPublicKeyInfo is this prefix and the 32 key bytes (RFC 8410 section 4).
    const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey])
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    return signatures.some(
      ({ name: of, keyId: id, signature }) =>
        of === name && id === keyId && verify(null, Buffer.from(text), key, signature),
    )
  })
}

function newPrivateKey(): { key: KeyObject; pem: string } {
  const { privateKey } = generateKeyPairSync('ed25519')
  return { key: privateKey, pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

function laterFile(vkey: string): string {
  return `checkpoint-${parseVerifierKey(vkey).keyId.toString(16).padStart(8, '0')}.key`
}

function openPrivateKey(file: string, origin: string): CheckpointKey | undefined {
  const pem = readText(file)
  if (pem === undefined) return undefined
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
  return { vkey, signer: { name, keyId, sign: (message) => sign(null, message, key) } }
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
