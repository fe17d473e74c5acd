/** Secure import: key material under the import token's public key, proved by its nonce (reference section 8.6). */
import { createDecipheriv, timingSafeEqual, webcrypto } from 'node:crypto'
import { Refusal } from '../errors.ts'
import type { JsonObject } from '../http/json.ts'
import { fromBase64 } from '../keys/base64.ts'
import { textOf } from '../keys/members.ts'
import { badField } from '../keys/refusals.ts'
import type { Sealer } from '../seal.ts'
import type { Condition, Reader } from '../store/store.ts'
import { findImportToken, nonceBytes, openNonce, openPrivateKey, stillValid } from './token.ts'

/** The hash of RSA-OAEP and of its mask generation. */
type OaepHash = 'SHA-1' | 'SHA-256'

/** Encrypted material as it came. */
export interface SecurePayload {
  /** Material under RSA-OAEP. */
  readonly payload: Uint8Array
  /** The token's nonce under the material. */
  readonly encryptedNonce: Uint8Array
  /** 16 bytes: AES-CBC with PKCS #7 padding. 12 bytes: AES-GCM, the tag after the ciphertext, no additional data. */
  readonly iv: Uint8Array
  readonly hash: OaepHash
}

/** Opened material. */
interface OpenedMaterial {
  /** 16, 24 or 32 bytes; the caller zeroes them once the unit has them. */
  readonly bytes: Uint8Array
  /** What must still hold when the import is recorded: the token it came by was neither replaced nor expired. */
  readonly conditions: readonly Condition[]
}

export interface SecureImports {
  /**
   * Opens encrypted material with the instance's import token.
   * @throws Refusal `IMPORT_TOKEN_EXPIRED_ERR`, `INCORRECT_NONCE_ERR`, `INCORRECT_NONCE_IV_ERR`, `INVALID_FIELD_ERR`
   */
  openSecurePayload(instance: string, fields: SecurePayload, now: number): Promise<OpenedMaterial>
}

const hashes: Readonly<Record<string, OaepHash>> = { RSAES_OAEP_SHA_1: 'SHA-1', RSAES_OAEP_SHA_256: 'SHA-256' }
/** An RSA-4096 ciphertext. */
const payloadBytes = 512
const tagBytes = 16
/**
 * The two published forms: length of the initialisation vector and of the nonce it belongs to, once encrypted, and the
 * hash that is meant when the client names none. CBC is HPCS', GCM is Key Protect's.
 */
const forms = {
  cbc: { iv: 16, nonce: 16, hash: 'SHA-1' },
  gcm: { iv: 12, nonce: nonceBytes + tagBytes, hash: 'SHA-256' },
} as const

/**
 * The members of a secure import in a key or a rotation; undefined when the material is plain, or there is none.
 * @throws Refusal `INCORRECT_NONCE_IV_ERR`, `INVALID_FIELD_ERR`
 */
export function secureImportOf(members: JsonObject): SecurePayload | undefined {
  const [nonce, vector, algorithm] = ['encryptedNonce', 'iv', 'encryptionAlgorithm'].map((name) => {
    const text = textOf(members, name) ?? ''
    return text === '' ? undefined : text
  })
  if (nonce === undefined && vector === undefined && algorithm === undefined) return undefined
  if (nonce === undefined || vector === undefined) {
    throw wrongIv('Encrypted material needs both encryptedNonce and iv.', nonce === undefined ? 'encryptedNonce' : 'iv')
  }
  const named = algorithm === undefined ? undefined : hashes[algorithm]
  if (algorithm !== undefined && named === undefined) {
    throw badField('encryptionAlgorithm', 'The algorithm is RSAES_OAEP_SHA_1 or RSAES_OAEP_SHA_256.')
  }
  const iv = fromBase64(vector)
  const encryptedNonce = fromBase64(nonce)
  if (iv?.length !== forms.cbc.iv && iv?.length !== forms.gcm.iv) {
    throw wrongIv('The iv is base64 of 16 bytes (AES-CBC) or of 12 bytes (AES-GCM).', 'iv')
  }
  const form = iv.length === forms.cbc.iv ? forms.cbc : forms.gcm
  if (encryptedNonce?.length !== form.nonce) {
    throw new Refusal('INCORRECT_NONCE_ERR', { at: { type: 'field', name: 'encryptedNonce' } })
  }
  const text = textOf(members, 'payload') ?? ''
  const payload = text.length > 2 * payloadBytes ? undefined : fromBase64(text)
  if (payload?.length !== payloadBytes) {
    throw badField('payload', `Encrypted material is base64 of ${payloadBytes} bytes.`)
  }
  return { payload, encryptedNonce, iv, hash: named ?? form.hash }
}

export function secureImports(reader: Reader, sealer: Sealer): SecureImports {
  return {
    async openSecurePayload(instance, fields, now) {
      const token = findImportToken(reader, instance)
      if (token === undefined || token.expiresAt <= now) throw new Refusal('IMPORT_TOKEN_EXPIRED_ERR')
      const material = await decryptMaterial(openPrivateKey(token, sealer), fields)
      const expected = openNonce(token, sealer)
      try {
        const nonce = decryptNonce(material, fields)
        const isRight = nonce.length === expected.length && timingSafeEqual(nonce, expected)
        if (!isRight) throw new Refusal('INCORRECT_NONCE_ERR', { at: { type: 'field', name: 'encryptedNonce' } })
      } catch (refusal) {
        material.fill(0)
        throw refusal
      } finally {
        expected.fill(0)
      }
      return { bytes: material, conditions: [stillValid(token)] }
    },
  }
}

/** Off the serving thread. The private key is zeroed, and one answer covers whatever does not open. */
async function decryptMaterial(privateKey: Uint8Array<ArrayBuffer>, fields: SecurePayload): Promise<Uint8Array> {
  const { subtle } = webcrypto
  try {
    const algorithm = { name: 'RSA-OAEP', hash: fields.hash }
    const key = await subtle.importKey('pkcs8', privateKey, algorithm, false, ['decrypt'])
    const material = new Uint8Array(await subtle.decrypt({ name: 'RSA-OAEP' }, key, fields.payload))
    if ([16, 24, 32].includes(material.length)) return material
    material.fill(0)
  } catch (cause) {
    // Only what WebCrypto says of the ciphertext; a broken private key is no fault of the caller.
    if ((cause as Error).name !== 'OperationError') throw cause
  } finally {
    privateKey.fill(0)
  }
  throw badField('payload', 'The payload does not open with the import token to 16, 24 or 32 bytes.')
}

/** @throws Refusal `INCORRECT_NONCE_IV_ERR` when it does not open */
function decryptNonce(material: Uint8Array, { encryptedNonce, iv }: SecurePayload): Uint8Array {
  const bits = 8 * material.length
  try {
    if (iv.length === forms.cbc.iv) {
      const cipher = createDecipheriv(`aes-${bits}-cbc`, material, iv)
      return Buffer.concat([cipher.update(encryptedNonce), cipher.final()])
    }
    const name = bits === 128 ? 'aes-128-gcm' : bits === 192 ? 'aes-192-gcm' : 'aes-256-gcm'
    const cipher = createDecipheriv(name, material, iv, { authTagLength: tagBytes })
    cipher.setAuthTag(encryptedNonce.subarray(-tagBytes))
    return Buffer.concat([cipher.update(encryptedNonce.subarray(0, -tagBytes)), cipher.final()])
  } catch {
    throw wrongIv('The nonce does not open with this iv and the material of the payload.', 'iv')
  }
}

function wrongIv(message: string, name: string): Refusal {
  return new Refusal('INCORRECT_NONCE_IV_ERR', { message, at: { type: 'field', name } })
}
