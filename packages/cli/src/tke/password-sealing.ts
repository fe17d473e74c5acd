/** Secrets at rest under a password: scrypt (RFC 7914) and AES-256-GCM, with what the file says in clear bound to it. */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { CliError } from '../cli-error.ts'

/** Cost of a new file: 128 MiB and about half a second for each guess. A power of two. */
export const SCRYPT_COST = 131_072
const SCRYPT_BLOCK = 8
/** What a file may ask of the machine that reads it. */
const costMin = 1_024
const costMax = 1_048_576

const SALT_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** No key and no part is longer. */
const ciphertextBytesMax = 8_192

/** Members of a file, all of them strings. */
export type Sealed = Readonly<Record<'kdf' | 'kdfCost' | 'salt' | 'nonce' | 'ciphertext', string>>

/** @param context what else stands in the file and must not be exchanged */
export async function seal(secret: Uint8Array, password: string, context: string, cost: number): Promise<Sealed> {
  const salt = randomBytes(SALT_BYTES)
  const nonce = randomBytes(NONCE_BYTES)
  const key = await derive(password, salt, cost)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(context, 'utf8'))
  const ciphertext = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()])
  key.fill(0)
  return {
    kdf: 'scrypt',
    kdfCost: String(cost),
    salt: salt.toString('hex'),
    nonce: nonce.toString('hex'),
    ciphertext: ciphertext.toString('hex'),
  }
}

/**
 * The secret; the caller zeroes it.
 *
 * @param file named when it does not open
 * @throws CliError `BAD_INPUT`: wrong password and altered file look the same
 */
export async function unseal(sealed: unknown, password: string, context: string, file: string): Promise<Buffer> {
  const { kdf, kdfCost, salt, nonce, ciphertext } = sealed as Partial<Sealed>
  const cost = /^\d{4,7}$/.test(String(kdfCost)) ? Number(kdfCost) : 0
  const isKnown =
    kdf === 'scrypt' &&
    cost >= costMin &&
    cost <= costMax &&
    (cost & (cost - 1)) === 0 &&
    isHex(salt, SALT_BYTES, SALT_BYTES) &&
    isHex(nonce, NONCE_BYTES, NONCE_BYTES) &&
    isHex(ciphertext, TAG_BYTES + 1, ciphertextBytesMax)
  if (!isKnown) throw new CliError('BAD_INPUT', `${file} is damaged`, 'restore it from a copy')
  const key = await derive(password, Buffer.from(salt, 'hex'), cost)
  try {
    return openGcm(key, Buffer.from(nonce, 'hex'), Buffer.from(ciphertext, 'hex'), Buffer.from(context, 'utf8'))
  } catch {
    throw wrongPassword(file)
  } finally {
    key.fill(0)
  }
}

/** Ciphertext with its tag behind it. @throws when it does not open */
export function openGcm(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, context?: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  if (context !== undefined) decipher.setAAD(context)
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
  return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), decipher.final()])
}

export function wrongPassword(file: string): CliError {
  return new CliError('BAD_INPUT', `${file} does not open: the password is wrong, or the file was altered`)
}

export function isHex(value: unknown, low: number, high: number): value is string {
  return typeof value === 'string' && value.length >= 2 * low && value.length <= 2 * high && isHexPairs(value)
}

function isHexPairs(text: string): boolean {
  return /^(?:[0-9a-f]{2})*$/i.test(text)
}

function derive(password: string, salt: Uint8Array, cost: number): Promise<Buffer> {
  // Twice what scrypt needs: the default bound is below it.
  const maxmem = 256 * cost * SCRYPT_BLOCK
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, 32, { N: cost, r: SCRYPT_BLOCK, p: 1, maxmem }, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}
