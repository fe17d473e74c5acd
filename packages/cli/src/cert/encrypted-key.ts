/** Private keys as files: PKCS #8 in PEM, under a passphrase in the form that every program reads (RFC 8018, PBES2). */
import { createCipheriv, createPrivateKey, type KeyObject, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { element, octets, sequence, tags } from '@keywitness/crypto-unit/tke/der'
import { pemOf } from '../tls/certificate-facts.ts'

/** Of PBKDF2 with HMAC-SHA-256: OpenSSL's own 2,048 are guessed through in no time. */
const iterations = 600_000

const oid = (hex: string): Buffer => element(tags.OBJECT_IDENTIFIER, Buffer.from(hex, 'hex'))
const pbes2 = oid('2a864886f70d01050d')
const pbkdf2Oid = oid('2a864886f70d01050c')
const hmacWithSha256 = sequence(oid('2a864886f70d0209'), element(tags.NULL))
const aes256Cbc = oid('60864801650304012a')

/** @param passphrase undefined: not encrypted */
export async function privateKeyPem(key: KeyObject, passphrase: string | undefined): Promise<string> {
  const plain = key.export({ format: 'der', type: 'pkcs8' })
  try {
    return passphrase === undefined ? pemOf('PRIVATE KEY', plain) : await encrypted(plain, passphrase)
  } finally {
    plain.fill(0)
  }
}

async function encrypted(plain: Buffer, passphrase: string): Promise<string> {
  const salt = randomBytes(16)
  const iv = randomBytes(16)
  const key = await promisify(pbkdf2)(passphrase, salt, iterations, 32, 'sha256')
  const cipher = createCipheriv('aes-256-cbc', key, iv)
  const data = Buffer.concat([cipher.update(plain), cipher.final()])
  key.fill(0)
  const count = element(tags.INTEGER, Buffer.from(iterations.toString(16).padStart(6, '0'), 'hex'))
  const derivation = sequence(pbkdf2Oid, sequence(octets(salt), count, hmacWithSha256))
  const algorithm = sequence(pbes2, sequence(derivation, sequence(aes256Cbc, octets(iv))))
  return pemOf('ENCRYPTED PRIVATE KEY', sequence(algorithm, octets(data)))
}

/** Whether a passphrase is needed to open it: PKCS #8's own form, or the older one in which OpenSSL writes SEC 1. */
export function isEncrypted(pem: string): boolean {
  return pem.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----') || /^Proc-Type: 4,ENCRYPTED/m.test(pem)
}

/** The key; undefined when the passphrase is wrong or the text is none. */
export function openPrivateKey(pem: string, passphrase: string | undefined): KeyObject | undefined {
  try {
    return createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) })
  } catch {
    return undefined
  }
}
