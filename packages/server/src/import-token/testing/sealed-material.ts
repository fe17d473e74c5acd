/** Encrypts material for an import token, in the forms of both published services, with `node:crypto`. */
import { constants, createCipheriv, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto'

/** `hpcs`: AES-CBC and SHA-1. `key-protect`: AES-GCM and SHA-256. */
export type Form = 'hpcs' | 'key-protect'

/** The members of a key or rotation that bring encrypted material. */
export interface SealedMaterial {
  readonly payload: string
  readonly encryptedNonce: string
  readonly iv: string
  readonly encryptionAlgorithm: string
}

/** `token`: as `GET /import_token` answers it. */
export function sealMaterial(
  form: Form,
  token: { payload: string; nonce: string },
  material: Uint8Array,
): SealedMaterial {
  const isHpcs = form === 'hpcs'
  const iv = randomBytes(isHpcs ? 16 : 12)
  const nonce = Buffer.from(token.nonce, 'base64')
  return {
    payload: encryptMaterial(form, token, material).toString('base64'),
    encryptedNonce: encryptNonce(form, material, iv, nonce).toString('base64'),
    iv: iv.toString('base64'),
    encryptionAlgorithm: isHpcs ? 'RSAES_OAEP_SHA_1' : 'RSAES_OAEP_SHA_256',
  }
}

export function encryptMaterial(form: Form, token: { payload: string }, material: Uint8Array): Buffer {
  const key = createPublicKey(Buffer.from(token.payload, 'base64'))
  const oaepHash = form === 'hpcs' ? 'sha1' : 'sha256'
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, material)
}

function encryptNonce(form: Form, material: Uint8Array, iv: Uint8Array, nonce: Uint8Array): Buffer {
  const bits = 8 * material.length
  if (form === 'hpcs') {
    const cipher = createCipheriv(`aes-${bits}-cbc`, material, iv)
    return Buffer.concat([cipher.update(nonce), cipher.final()])
  }
  const cipher = createCipheriv(`aes-${bits}-gcm` as 'aes-256-gcm', material, iv)
  return Buffer.concat([cipher.update(nonce), cipher.final(), cipher.getAuthTag()])
}
