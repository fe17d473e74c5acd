/** The seal: what opens unit states and other secrets that lie in the server store. */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import {
  openSeal,
  protectSeal,
  readSealFile,
  SEAL_BYTES,
  SEAL_FILE_BYTES_MAX,
  SealEnvelopeError,
} from '@keywitness/crypto-unit/seal-envelope'
import { writeDurably } from './data-folder.ts'
import { StartError } from './start-error.ts'
import type { Reader } from './store/store.ts'

/** Seals small secrets under a name; a sealed value opens under that name only. */
export interface Sealer {
  seal(name: string, secret: Uint8Array): Uint8Array
  /** @throws Error when the value was sealed under another name or seal, or was altered */
  open(name: string, sealed: Uint8Array): Uint8Array
}

const ivBytes = 12
const tagBytes = 16

/** Whether the store holds anything that only the seal opens: from then on a missing seal must never be replaced. */
export function holdsSealed(store: Reader): boolean {
  const row = store.get<{ found: number }>(
    `SELECT EXISTS (SELECT 1 FROM signing_keys) OR EXISTS (SELECT 1 FROM unit_states)
       OR EXISTS (SELECT 1 FROM secrets) AS found`,
  )
  return row?.found === 1
}

/** A person at the terminal that the server was started at. */
export interface PassphraseTerminal {
  /** @throws when no answer comes */
  ask(question: string): Promise<string>
  /** Why the question comes again. */
  tell(text: string): void
}

/** Where the passphrase of a protected seal comes from. */
export interface PassphraseSource {
  /** From the settings. */
  readonly configured: string | undefined
  readonly terminal: PassphraseTerminal | undefined
}

const setting = 'KEYWITNESS_SEAL_PASSPHRASE (or KEYWITNESS_SEAL_PASSPHRASE_FILE)'

/** How often a person may type the passphrase before the start fails. */
const attemptsMax = 3

/**
 * Reads the seal, and opens it where it is under a passphrase. Changes nothing.
 * @returns undefined when there is no such file yet
 * @throws StartError SEAL when it cannot be read, is readable by others, is no seal, or does not open
 */
export async function unlockSeal(
  file: string,
  { configured, terminal }: PassphraseSource,
): Promise<Uint8Array | undefined> {
  if (!existsSync(file)) return undefined
  const bytes = readBytes(file)
  const held = guarded(file, () => readSealFile(bytes))
  if (held.kind === 'plain') {
    // Whoever sets one believes the seal is protected: a start in silence would let them go on believing it.
    if (configured === undefined) return held.seal
    throw new StartError(
      'SEAL',
      `${setting} is set, but the seal ${file} is not under a passphrase. Put it under one with keywitness seal protect, or leave the setting out.`,
    )
  }
  if (configured !== undefined) return guarded(file, () => openSeal(bytes, configured))
  return await askFor(file, bytes, terminal)
}

/**
 * Makes the seal while nothing was sealed yet; under the passphrase when one is configured.
 * @throws StartError SEAL when it is missing though needed, cannot be made, or the passphrase is not accepted
 */
export function makeSeal(file: string, isNeeded: boolean, passphrase: string | undefined): Uint8Array {
  if (isNeeded) {
    throw new StartError(
      'SEAL',
      `The seal ${file} is missing. Without it the sealed state cannot be opened; restore it.`,
    )
  }
  const seal = new Uint8Array(randomBytes(SEAL_BYTES))
  const content = passphrase === undefined ? seal : guarded(file, () => protectSeal(seal, passphrase))
  try {
    writeDurably(file, content)
  } catch (error) {
    throw new StartError('SEAL', `The seal ${file} cannot be made: ${(error as Error).message}.`, error)
  }
  return seal
}

async function askFor(file: string, bytes: Uint8Array, terminal: PassphraseSource['terminal']): Promise<Uint8Array> {
  if (terminal === undefined) {
    throw new StartError(
      'SEAL',
      `The seal ${file} is under a passphrase. Set ${setting}, or start at a terminal, which asks for it.`,
    )
  }
  for (let left = attemptsMax - 1; ; left--) {
    const passphrase = await terminal.ask(`Passphrase of the seal ${file}: `).catch((error: unknown) => {
      throw new StartError('SEAL', `The seal ${file} is under a passphrase, and none was typed.`, error)
    })
    try {
      return openSeal(bytes, passphrase)
    } catch (error) {
      const isWrong = error instanceof SealEnvelopeError && error.code === 'DOES_NOT_OPEN'
      if (!isWrong || left === 0) throw startErrorOf(file, error)
      terminal.tell(`It does not open the seal. ${left === 1 ? 'One more attempt.' : `${left} more attempts.`}\n`)
    }
  }
}

function readBytes(file: string): Uint8Array {
  let handle: number | undefined
  try {
    handle = openSync(file, 'r')
    if (process.platform !== 'win32' && (fstatSync(handle).mode & 0o077) !== 0) {
      throw new StartError('SEAL', `The seal ${file} can be read by others. Make it 0600 and start again.`)
    }
    // One byte more than any seal has, so that a longer file is seen without being read.
    const bytes = Buffer.alloc(SEAL_FILE_BYTES_MAX + 1)
    return bytes.subarray(0, readSync(handle, bytes))
  } catch (error) {
    if (error instanceof StartError) throw error
    throw new StartError('SEAL', `The seal ${file} cannot be read: ${(error as Error).message}.`, error)
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}

function guarded<T>(file: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw startErrorOf(file, error)
  }
}

function startErrorOf(file: string, error: unknown): unknown {
  if (!(error instanceof SealEnvelopeError)) return error
  return new StartError('SEAL', `The seal ${file} cannot be used. ${error.message}`, error)
}

/** AES-256-GCM under a key derived for this purpose; the name is associated data. */
export function createSealer(seal: Uint8Array): Sealer {
  const key: KeyObject = createSecretKey(Buffer.from(hkdfSync('sha256', seal, '', 'keywitness/secrets/1', 32)))
  return {
    seal: (name, secret) => {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(name))
      return Buffer.concat([iv, cipher.update(secret), cipher.final(), cipher.getAuthTag()])
    },
    open: (name, sealed) => {
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivBytes)).setAAD(Buffer.from(name))
      decipher.setAuthTag(sealed.subarray(-tagBytes))
      return Buffer.concat([decipher.update(sealed.subarray(ivBytes, -tagBytes)), decipher.final()])
    },
  }
}
