/** Encryption with RSA keys: RSAES-PKCS1-v1_5 and RSAES-OAEP (RFC 8017, section 7). */
import { constants, privateDecrypt, publicEncrypt } from 'node:crypto'
import { Ep11Error } from '../ep11-error.ts'
import type { AsymmetricCipherMechanism } from '../mechanism-parts.ts'
import { mechanisms } from '../mechanisms.ts'
import { demandNoParameter } from '../parameter-rules.ts'
import type { AsymmetricKey } from '../usable-key.ts'
import { oaepSchemeOf } from './padding-parameters.ts'
import { contentBytesMax, contentOf } from './pkcs1.ts'
import { modulusSizeOf, withPrivateExponent } from './rsa-key.ts'

/**
 * Node's own decryption gives invented data where the padding is wrong (OpenSSL's implicit rejection): no caller could tell
 * a damaged ciphertext, and an unwrapped key could be one that nobody has. EP11 says that it failed, so the block is opened
 * here, with one answer for whatever is wrong with it. That answer is one bit about the block, which PKCS #11 cannot do
 * without: it goes only to who may decrypt or unwrap with the key, and each question leaves an event. Whoever wants no such
 * bit has OAEP.
 */
const pkcs1: AsymmetricCipherMechanism = {
  check(key, parameter) {
    modulusSizeOf(key)
    demandNoParameter(parameter)
  },
  encrypt(key, parameter, data) {
    demandNoParameter(parameter)
    if (data.length > contentBytesMax(modulusSizeOf(key).bytes)) throw tooLong()
    return encrypted(() => publicEncrypt({ key: key.key, padding: constants.RSA_PKCS1_PADDING }, data))
  },
  decrypt(key, parameter, data) {
    demandNoParameter(parameter)
    demandLength(key, data)
    const block = withPrivateExponent(key, data)
    if (block === undefined) throw undecryptable()
    try {
      const content = contentOf(block)
      if (content === undefined) throw undecryptable()
      return content
    } finally {
      block.fill(0)
    }
  },
}

const oaep: AsymmetricCipherMechanism = {
  check: (key, parameter) => void oaepSchemeOf(parameter, modulusSizeOf(key)),
  encrypt(key, parameter, data) {
    const scheme = oaepSchemeOf(parameter, modulusSizeOf(key))
    if (data.length > scheme.contentBytesMax) throw tooLong()
    return encrypted(() => publicEncrypt({ key: key.key, ...oaepOptions(scheme) }, data))
  },
  decrypt(key, parameter, data) {
    const scheme = oaepSchemeOf(parameter, modulusSizeOf(key))
    demandLength(key, data)
    if (key.key.type !== 'private') throw new Ep11Error('CKR_KEY_TYPE_INCONSISTENT', 'This needs a private key.')
    try {
      return privateDecrypt({ key: key.key, ...oaepOptions(scheme) }, data)
    } catch {
      throw undecryptable()
    }
  },
}

function oaepOptions({ hash, label }: ReturnType<typeof oaepSchemeOf>) {
  return {
    padding: constants.RSA_PKCS1_OAEP_PADDING,
    oaepHash: hash.name,
    ...(label !== undefined && label.length > 0 && { oaepLabel: label }),
  }
}

function demandLength(key: AsymmetricKey, data: Uint8Array): void {
  if (data.length !== modulusSizeOf(key).bytes) {
    throw new Ep11Error('CKR_ENCRYPTED_DATA_LEN_RANGE', 'Encrypted data are as long as the modulus.')
  }
}

/** @throws Ep11Error `CKR_FUNCTION_FAILED` for a public key whose numbers cannot be one */
function encrypted(encrypt: () => Buffer): Buffer {
  try {
    return encrypt()
  } catch {
    throw new Ep11Error('CKR_FUNCTION_FAILED', 'The key cannot encrypt.')
  }
}

function tooLong(): Ep11Error {
  return new Ep11Error('CKR_DATA_LEN_RANGE', 'Data are too long for the modulus.')
}

function undecryptable(): Ep11Error {
  return new Ep11Error('CKR_ENCRYPTED_DATA_INVALID', 'The data cannot be decrypted.')
}

/** By CKM_ value. */
export const rsaCiphers: ReadonlyMap<number, AsymmetricCipherMechanism> = new Map([
  [mechanisms.CKM_RSA_PKCS.value, pkcs1],
  [mechanisms.CKM_RSA_PKCS_OAEP.value, oaep],
])
