/** The seal: what opens unit states and other secrets that lie in the server store. */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { writeDurably } from './data-folder.ts'
import { StartError } from './start-error.ts'
import type { Reader } from './store/store.ts'

/** Seals small secrets under a name; a sealed value opens under that name only. */
export interface Sealer {
  seal(name: string, secret: Uint8Array): Uint8Array
  /** @throws Error when the value was sealed under another name or seal, or was altered */
  open(name: string, sealed: Uint8Array): Uint8Array
}

const sealBytes = 32
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

/**
 * Reads the seal, or makes it while nothing was sealed yet.
 * @throws StartError SEAL when it is missing, cannot be made, is readable by others, or not 32 bytes
 */
export function loadSeal(file: string, isNeeded: boolean): Uint8Array {
  if (!existsSync(file)) {
    if (isNeeded) {
      throw new StartError(
        'SEAL',
        `The seal ${file} is missing. Without it the sealed state cannot be opened; restore it.`,
      )
    }
    try {
      writeDurably(file, randomBytes(sealBytes))
    } catch (error) {
      throw new StartError('SEAL', `The seal ${file} cannot be made: ${(error as Error).message}.`, error)
    }
  }
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
    throw new StartError('SEAL', `The seal ${file} can be read by others. Make it 0600 and start again.`)
  }
  const seal = readFileSync(file)
  if (seal.length !== sealBytes) throw new StartError('SEAL', `The seal ${file} must hold exactly ${sealBytes} bytes.`)
  return new Uint8Array(seal)
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
