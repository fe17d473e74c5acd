/** Which cipher a key and its parameters mean, in the words of the crypto unit; reading of Encrypt's and Decrypt's payload. */
import type { CipherAlgorithm, CipherMode } from '@keywitness/crypto-unit/key-use'
import { Refusal } from '../../errors.ts'
import { atLeast, type Version } from '../message/version.ts'
import { enumerations } from '../ttlv/enumerations.ts'
import { tags } from '../ttlv/tags.ts'
import { parameterOf, type Parameters, type UsableObject } from './key-use.ts'

const { CryptographicAlgorithm: algorithms, BlockCipherMode: modes, PaddingMethod: paddings } = enumerations

const served: ReadonlyMap<number, CipherMode> = new Map([
  [modes.ECB, 'ECB'],
  [modes.CBC, 'CBC'],
  [modes.CFB, 'CFB'],
  [modes.OFB, 'OFB'],
  [modes.CTR, 'CTR'],
  [modes.GCM, 'GCM'],
  [modes.XTS, 'XTS'],
  [modes.NISTKeyWrap, 'NISTKeyWrap'],
  [modes.AESKeyWrapPadding, 'AESKeyWrapPadding'],
  [modes.AEAD, 'AEAD'],
])

/** Modes in which data are padded to whole blocks. */
const padded: ReadonlySet<CipherMode> = new Set(['ECB', 'CBC'])

export interface Cipher {
  readonly algorithm: CipherAlgorithm
  readonly mode: CipherMode
  readonly padding: 'None' | 'PKCS5'
  /** As the event tells it: AES-GCM. */
  readonly mechanism: string
}

/** @throws Refusal `KMIP_FEATURE_NOT_SUPPORTED`, `KMIP_MISSING_DATA` when nobody says which mode */
export function cipherOf({ algorithm, parameters }: UsableObject, version: Version): Cipher {
  const name = algorithmOf(algorithm, parameters)
  const mode = modeOf(name, parameters)
  if ((mode === 'GCM' || mode === 'AEAD') && !atLeast(version, 4)) {
    throw unsupported('Before KMIP 1.4 there is no field for the tag of authenticated encryption.')
  }
  const padding = paddingOf(mode, parameters)
  return { algorithm: name, mode, padding, mechanism: `${name}-${mode}` }
}

function algorithmOf(algorithm: number, parameters: Parameters): CipherAlgorithm {
  const asked = parameterOf(parameters, tags.CryptographicAlgorithm) ?? algorithm
  if (algorithm === algorithms.AES && asked === algorithm) return 'AES'
  if (algorithm === algorithms.DES3 && asked === algorithm) return '3DES'
  const isChaCha = algorithm === algorithms.ChaCha20Poly1305 || algorithm === algorithms.ChaCha20
  if (isChaCha && asked === algorithms.ChaCha20Poly1305) return 'ChaCha20Poly1305'
  throw unsupported('The algorithm of the key does not encrypt here.')
}

function modeOf(algorithm: CipherAlgorithm, parameters: Parameters): CipherMode {
  if (algorithm === 'ChaCha20Poly1305') return 'AEAD'
  const mode = parameterOf(parameters, tags.BlockCipherMode)
  if (mode === undefined) {
    throw new Refusal('KMIP_MISSING_DATA', { message: 'Neither the request nor the key says which block cipher mode.' })
  }
  const name = served.get(mode)
  if (name === undefined || name === 'AEAD') throw unsupported('The block cipher mode is not supported.')
  return name
}

function paddingOf(mode: CipherMode, parameters: Parameters): Cipher['padding'] {
  const padding = parameterOf(parameters, tags.PaddingMethod)
  if (padding === undefined || padding === paddings.None) return 'None'
  if (padding === paddings.PKCS5 && padded.has(mode)) return 'PKCS5'
  throw unsupported('The padding method is not supported in this mode.')
}

/**
 * Bytes of the authentication tag that is asked for, in a mode that makes one. KMIP counts them in bytes (KMIP 1.4, section
 * 3.6).
 */
export function tagBytesOf({ mode }: Pick<Cipher, 'mode'>, parameters: Parameters): number | undefined {
  if (mode !== 'GCM' && mode !== 'AEAD') return undefined
  return parameterOf(parameters, tags.TagLength)
}

function unsupported(message: string): Refusal {
  return new Refusal('KMIP_FEATURE_NOT_SUPPORTED', { message })
}
