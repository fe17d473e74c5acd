/** Key material encrypted for one service instance by its import token, in the form of HPCS or of Key Protect. */
import { constants, createCipheriv, createPublicKey, type KeyObject, publicEncrypt, randomBytes } from 'node:crypto'
import { CliError } from './cli-error.ts'
import type { ImportForm, ImportOptions } from './command-options.ts'
import { readInput } from './input-file.ts'
import type { KmsApi, KmsRequest, Resource } from './kms-api.ts'
import { advised } from './refusal-advice.ts'

/** Members of a request that brings material in. */
interface ImportMembers {
  /** Base64: the material under RSA-OAEP, or as it is. */
  readonly payload: string
  /** Base64: the token's nonce under the material. */
  readonly encryptedNonce?: string
  readonly iv?: string
  readonly encryptionAlgorithm?: string
}

/** In bytes. */
const materialSizes: readonly number[] = [16, 24, 32]

const noToken = 'make one with: keywitness import-token create'

/**
 * What a request says to bring in the material of a key; undefined when none is given.
 *
 * @param headers of the request for the token
 */
export async function importMembers(
  kms: KmsApi,
  { material: file, importToken: form }: ImportOptions,
  headers: NonNullable<KmsRequest['headers']> = {},
): Promise<ImportMembers | undefined> {
  if (file === undefined) {
    if (form === undefined) return undefined
    throw new CliError('BAD_INPUT', 'which material comes by the import token?', 'name its file with --material')
  }
  const material = await readInput(file)
  if (form === undefined) return { payload: material.toString('base64') }
  // Before the token is retrieved: each time counts.
  if (!materialSizes.includes(material.length)) {
    throw new CliError(
      'BAD_INPUT',
      `${file} has ${material.length} bytes, and material of a root key 16, 24 or 32`,
      'give the raw bytes, without a line end, not in base64',
    )
  }
  const token = await advised(
    { NOT_FOUND: noToken, IMPORT_TOKEN_EXPIRED_ERR: noToken },
    kms.object('GET', '/import_token', { headers }),
  )
  return encryptMaterial(material, token, form)
}

function encryptMaterial(material: Uint8Array, token: Resource, form: ImportForm): ImportMembers {
  const isHpcs = form === 'hpcs'
  const key = { key: publicKeyOf(token), padding: constants.RSA_PKCS1_OAEP_PADDING }
  const payload = publicEncrypt({ ...key, oaepHash: isHpcs ? 'sha1' : 'sha256' }, material)
  const { iv, encryptedNonce } = (isHpcs ? underCbc : underGcm)(material, bytesOf(token, 'nonce'))
  return {
    payload: payload.toString('base64'),
    encryptedNonce: encryptedNonce.toString('base64'),
    iv: iv.toString('base64'),
    encryptionAlgorithm: isHpcs ? 'RSAES_OAEP_SHA_1' : 'RSAES_OAEP_SHA_256',
  }
}

interface EncryptedNonce {
  readonly iv: Buffer
  readonly encryptedNonce: Buffer
}

function underCbc(material: Uint8Array, nonce: Uint8Array): EncryptedNonce {
  const iv = randomBytes(16)
  const cipher = createCipheriv(`aes-${8 * material.length}-cbc`, material, iv)
  return { iv, encryptedNonce: Buffer.concat([cipher.update(nonce), cipher.final()]) }
}

/** The tag follows the ciphertext. */
function underGcm(material: Uint8Array, nonce: Uint8Array): EncryptedNonce {
  const iv = randomBytes(12)
  const name = `aes-${8 * material.length}-gcm` as 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm'
  const cipher = createCipheriv(name, material, iv)
  return { iv, encryptedNonce: Buffer.concat([cipher.update(nonce), cipher.final(), cipher.getAuthTag()]) }
}

function publicKeyOf(token: Resource): KeyObject {
  try {
    const key = createPublicKey(bytesOf(token, 'payload'))
    if (key.asymmetricKeyType === 'rsa') return key
  } catch {
    // Said below.
  }
  throw noImportToken()
}

function bytesOf(token: Resource, name: string): Buffer {
  const text = token[name]
  const bytes = Buffer.from(typeof text === 'string' ? text : '', 'base64')
  if (bytes.length === 0) throw noImportToken()
  return bytes
}

function noImportToken(): CliError {
  return new CliError('BAD_ANSWER', 'the server gave no import token that material can be encrypted with')
}
