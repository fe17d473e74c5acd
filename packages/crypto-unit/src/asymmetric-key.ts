/** Asymmetric keys as sealed material: the DER forms that they lie in, opened to a key that OpenSSL holds, and back. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { keyTypes } from './ep11/attributes.ts'
import { algorithmIdentifier, publicKeyInfo } from './ep11/der.ts'
import {
  demandEcPrivateKey,
  demandPrivateKeyInfo,
  demandPublicKeyInfo,
  demandRsaPrivateKey,
  demandRsaPublicKey,
} from './ep11/key-bounds.ts'
import type { AsymmetricKey } from './ep11/usable-key.ts'
import { UnitError } from './unit-error.ts'

/**
 * RSAPrivateKey and RSAPublicKey (RFC 8017, appendix A.1), PrivateKeyInfo (RFC 5208, section 5), ECPrivateKey with its
 * curve (RFC 5915, section 3), SubjectPublicKeyInfo (RFC 5280, section 4.1).
 */
export const keyEncodings = ['pkcs1-private', 'pkcs8', 'sec1', 'pkcs1-public', 'spki'] as const
export type KeyEncoding = (typeof keyEncodings)[number]

type PrivateEncoding = 'pkcs1-private' | 'pkcs8' | 'sec1'

const nodeTypes = { 'pkcs1-private': 'pkcs1', pkcs8: 'pkcs8', sec1: 'sec1' } as const

/** OpenSSL looks for other kinds of keys too, whatever the encoding that it is told: what is to be read is looked at before. */
const demands: Readonly<Record<KeyEncoding, (der: Uint8Array) => void>> = {
  'pkcs1-private': demandRsaPrivateKey,
  pkcs8: (der) => demandPrivateKeyInfo(der, [keyTypes.CKK_RSA, keyTypes.CKK_EC]),
  sec1: (der) => demandEcPrivateKey(der),
  'pkcs1-public': demandRsaPublicKey,
  spki: demandPublicKeyInfo,
}

/** RFC 8017, appendix A.1. */
const rsaEncryption = algorithmIdentifier(Buffer.from('2a864886f70d010101', 'hex'), Buffer.from('0500', 'hex'))

/** OpenSSL's names of the kinds that are sealed. */
const keyTypesByName: Readonly<Record<string, number | undefined>> = { rsa: keyTypes.CKK_RSA, ec: keyTypes.CKK_EC }

export function isPrivateEncoding(encoding: KeyEncoding): encoding is PrivateEncoding {
  return encoding in nodeTypes
}

/**
 * One text for whatever is wrong with it: it may be a private key.
 * @throws UnitError `INVALID` for what is no RSA or EC key in this encoding, has longer numbers than any here, or is
 *   followed by anything
 */
export function openAsymmetric(der: Uint8Array, encoding: KeyEncoding): AsymmetricKey {
  const key = opened(der, encoding)
  const keyType = keyTypesByName[key?.asymmetricKeyType ?? '']
  if (key === undefined || keyType === undefined) {
    throw new UnitError('INVALID', 'The key is no RSA or EC key of its encoding.')
  }
  return { keyType, key }
}

function opened(der: Uint8Array, encoding: KeyEncoding): KeyObject | undefined {
  const key = Buffer.from(der.buffer, der.byteOffset, der.length)
  try {
    demands[encoding](key)
    if (isPrivateEncoding(encoding)) return createPrivateKey({ key, format: 'der', type: nodeTypes[encoding] })
    // A key that comes in as PKCS #1 is one that OpenSSL does not write as such again.
    const spki = encoding === 'spki' ? key : publicKeyInfo(rsaEncryption, key)
    return createPublicKey({ key: spki, format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}

/** The caller zeroes a private one. @throws UnitError `INVALID` when keys of this kind do not have the encoding */
export function exportAsymmetric(key: KeyObject, encoding: KeyEncoding): Buffer {
  try {
    if (!isPrivateEncoding(encoding)) {
      const publicKey = key.type === 'private' ? createPublicKey(key) : key
      return publicKey.export({ format: 'der', type: encoding === 'spki' ? 'spki' : 'pkcs1' })
    }
    if (key.type === 'private') return key.export({ format: 'der', type: nodeTypes[encoding] })
  } catch {
    // Answered below.
  }
  throw new UnitError('INVALID', 'Keys of this kind do not have the encoding.')
}
