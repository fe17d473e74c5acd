/** The seal: what opens unit states and other secrets that lie in the server store. */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { writeDurably } from './data-folder.ts'
import { StartError } from './start-error.ts'

/** Seals small secrets under a name; a sealed value opens under that name only. */
export interface Sealer {
  seal(name: string, secret: Uint8Array): Uint8Array
  /** @throws Error when the value was sealed under another name or seal, or was altered */
  open(name: string, sealed: Uint8Array): Uint8Array
}

const sealBytes = 32
const ivBytes = 12
const tagBytes = 16

/**
 * Reads the seal, or makes it when the data folder is new.
 * @throws StartError SEAL when it is missing, readable by others, or not 32 bytes
 */
export function loadSeal(file: string, isFirstStart: boolean): Uint8Array {
  if (!existsSync(file)) {
    if (!isFirstStart) {
      throw new StartError(
        'SEAL',
        `The seal ${file} is missing. Without it the sealed state cannot be opened; restore it.`,
      )
    }
    writeDurably(file, randomBytes(sealBytes))
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
