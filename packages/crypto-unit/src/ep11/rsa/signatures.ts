/** Signatures with RSA keys: PKCS #1 v1.5, PSS and X9.31, over data and over a finished digest (reference grep11, section 9). */
import { createHash, createPublicKey } from 'node:crypto'
import { hashOf, type HashName as Hash } from '../digests/hash-names.ts'
import { Ep11Error } from '../ep11-error.ts'
import { integerOf } from '../integers.ts'
import type { SignatureMechanism } from '../mechanism-parts.ts'
import { mechanisms, type MechanismName } from '../mechanisms.ts'
import { demandNoParameter } from '../parameter-rules.ts'
import type { MechanismParameter } from '../parameter.ts'
import type { AsymmetricKey } from '../usable-key.ts'
import { pssSchemeOf } from './padding-parameters.ts'
import { contentBytesMax, digestInfo, signatureBlock } from './pkcs1.ts'
import { isPssBlock, pssBlock } from './pss.ts'
import { modulusSizeOf, signedBlock, signedData, withPublicExponent, type ModulusSize } from './rsa-key.ts'
import { TRAILER_BYTES, openedBlock, smallerRoot, trailed, trailedAsGiven, x931Block } from './x931.ts'

/** How what is signed becomes a block, and how an opened signature is held against it. */
interface Encoding {
  /** @throws Ep11Error for a parameter or a key that does not fit, whatever the data are */
  check(modulus: ModulusSize, parameter: MechanismParameter): void
  /** @throws Ep11Error `CKR_DATA_LEN_RANGE`, `CKR_DATA_INVALID` for what cannot be signed */
  checkData?(modulus: ModulusSize, parameter: MechanismParameter, data: Uint8Array): void
  sign(key: AsymmetricKey, modulus: ModulusSize, parameter: MechanismParameter, data: Uint8Array): Buffer
  /** In place of hashing and `sign`, once key and parameter were checked. */
  signData?(key: AsymmetricKey, data: Uint8Array): Buffer
  isSignature(
    key: AsymmetricKey,
    modulus: ModulusSize,
    parameter: MechanismParameter,
    data: Uint8Array,
    opened: Buffer,
  ): boolean
}

/** Over data as they come: a caller's digest, or the one that a mechanism made itself. */
function signatureWith(encoding: Encoding): Pick<SignatureMechanism, 'check' | 'sign' | 'verify'> {
  const fitting = (key: AsymmetricKey, parameter: MechanismParameter): ModulusSize => {
    const modulus = modulusSizeOf(key)
    encoding.check(modulus, parameter)
    return modulus
  }
  return {
    check: (key, parameter) => void fitting(key, parameter),
    sign(key, parameter, data) {
      const modulus = fitting(key, parameter)
      encoding.checkData?.(modulus, parameter, data)
      return encoding.sign(key, modulus, parameter, data)
    },
    verify(key, parameter, data, signature) {
      const modulus = fitting(key, parameter)
      encoding.checkData?.(modulus, parameter, data)
      if (signature.length !== modulus.bytes) {
        throw new Ep11Error('CKR_SIGNATURE_LEN_RANGE', 'A signature is as long as the modulus.')
      }
      const opened = withPublicExponent(key, signature)
      if (opened === undefined || !encoding.isSignature(key, modulus, parameter, data, opened)) {
        throw new Ep11Error('CKR_SIGNATURE_INVALID', 'The signature does not verify.')
      }
    },
  }
}

function hashingSignature(
  digest: MechanismName,
  encodingOf: (hash: Hash, ckm: number) => Encoding,
): SignatureMechanism {
  const ckm = mechanisms[digest].value
  const hash = hashOf(ckm)
  if (hash === undefined) throw new Error(`${digest} is no digest.`)
  const encoding = encodingOf(hash, ckm)
  const checkData = (_modulus: ModulusSize, _parameter: MechanismParameter, data: Uint8Array): void => {
    if (data.length !== hash.bytes) throw new Ep11Error('CKR_DATA_LEN_RANGE', 'The digest has another length.')
  }
  const over = signatureWith({ ...encoding, checkData })
  const digestOf = (data: Uint8Array): Buffer => createHash(hash.name).update(data).digest()
  return {
    check: over.check,
    sign(key, parameter, data) {
      if (encoding.signData === undefined) return over.sign(key, parameter, digestOf(data))
      over.check(key, parameter)
      return encoding.signData(key, data)
    },
    verify: (key, parameter, data, signature) => over.verify(key, parameter, digestOf(data), signature),
    digested: { digest: ckm, sign: over.sign, verify: over.verify },
  }
}

/** Whatever the caller gives, without a DigestInfo of ours. */
const pkcs1AsGiven: Encoding = {
  check: (_modulus, parameter) => demandNoParameter(parameter),
  checkData(modulus, _parameter, data) {
    if (data.length > contentBytesMax(modulus.bytes)) {
      throw new Ep11Error('CKR_DATA_LEN_RANGE', 'Data must be at least 11 bytes shorter than the modulus.')
    }
  },
  sign: (key, modulus, _parameter, data) => signedBlock(key, signatureBlock(modulus.bytes, data)),
  // The whole block is built and compared: there is nothing to parse, so that nothing can hide in it.
  isSignature: (_key, modulus, _parameter, data, opened) => opened.equals(signatureBlock(modulus.bytes, data)),
}

function pkcs1Hashing(hash: Hash): Encoding {
  return {
    check(modulus, parameter) {
      demandNoParameter(parameter)
      if (digestInfo(hash, Buffer.alloc(hash.bytes)).length > contentBytesMax(modulus.bytes)) throw tooSmall()
    },
    sign: (key, modulus, _parameter, digest) =>
      signedBlock(key, signatureBlock(modulus.bytes, digestInfo(hash, digest))),
    signData: (key, data) => signedData(key, hash.name, data),
    isSignature: (_key, modulus, _parameter, digest, opened) =>
      opened.equals(signatureBlock(modulus.bytes, digestInfo(hash, digest))),
  }
}

function pss(required?: number): Encoding {
  return {
    check: (modulus, parameter) => void pssSchemeOf(parameter, modulus, required),
    checkData(modulus, parameter, data) {
      if (data.length !== pssSchemeOf(parameter, modulus, required).hash.bytes) {
        throw new Ep11Error('CKR_DATA_LEN_RANGE', 'Data must be a digest of HashMech.')
      }
    },
    sign: (key, modulus, parameter, digest) =>
      signedBlock(key, pssBlock(modulus.bits, pssSchemeOf(parameter, modulus, required), digest)),
    isSignature: (_key, modulus, parameter, digest, opened) =>
      isPssBlock(modulus.bits, pssSchemeOf(parameter, modulus, required), digest, opened),
  }
}

function x931(trailedOf: (data: Uint8Array) => Buffer | undefined): Encoding {
  const blockOf = (modulus: ModulusSize, data: Uint8Array): Buffer => {
    const trailedDigest = trailedOf(data)
    if (trailedDigest === undefined) {
      throw new Ep11Error('CKR_DATA_INVALID', 'Data must be a digest of SHA-1 or SHA-2, with or without its trailer.')
    }
    const block = x931Block(modulus.bytes, trailedDigest)
    if (block === undefined) throw new Ep11Error('CKR_DATA_LEN_RANGE', 'The digest does not fit the modulus.')
    return block
  }
  return {
    check(modulus, parameter) {
      demandNoParameter(parameter)
      // The nibbles that begin a block need a modulus of whole bytes.
      if (modulus.bits % 8 !== 0) throw new Ep11Error('CKR_KEY_SIZE_RANGE', 'The modulus must have whole bytes.')
    },
    checkData: (modulus, _parameter, data) => void blockOf(modulus, data),
    sign: (key, modulus, _parameter, data) => smallerRoot(signedBlock(key, blockOf(modulus, data)), modulusOf(key)),
    isSignature: (key, modulus, _parameter, data, opened) =>
      openedBlock(opened, modulusOf(key)).equals(blockOf(modulus, data)),
  }
}

function x931Hashing(hash: Hash): Encoding {
  const encoding = x931(trailed)
  return {
    ...encoding,
    check(modulus, parameter) {
      encoding.check(modulus, parameter)
      if (x931Block(modulus.bytes, Buffer.alloc(hash.bytes + TRAILER_BYTES)) === undefined) throw tooSmall()
    },
  }
}

function modulusOf({ key }: AsymmetricKey): bigint {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  return integerOf(Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url'))
}

function tooSmall(): Ep11Error {
  return new Ep11Error('CKR_KEY_SIZE_RANGE', 'The modulus is too small for this digest.')
}

/** By CKM_ value. */
export const rsaSignatures: ReadonlyMap<number, SignatureMechanism> = new Map<number, SignatureMechanism>([
  [mechanisms.CKM_RSA_PKCS.value, signatureWith(pkcs1AsGiven)],
  [mechanisms.CKM_RSA_X9_31.value, signatureWith(x931(trailedAsGiven))],
  [mechanisms.CKM_RSA_PKCS_PSS.value, signatureWith(pss())],
  [mechanisms.CKM_SHA1_RSA_X9_31.value, hashingSignature('CKM_SHA_1', x931Hashing)],
  [mechanisms.CKM_SHA1_RSA_PKCS.value, hashingSignature('CKM_SHA_1', pkcs1Hashing)],
  [mechanisms.CKM_SHA224_RSA_PKCS.value, hashingSignature('CKM_SHA224', pkcs1Hashing)],
  [mechanisms.CKM_SHA256_RSA_PKCS.value, hashingSignature('CKM_SHA256', pkcs1Hashing)],
  [mechanisms.CKM_SHA384_RSA_PKCS.value, hashingSignature('CKM_SHA384', pkcs1Hashing)],
  [mechanisms.CKM_SHA512_RSA_PKCS.value, hashingSignature('CKM_SHA512', pkcs1Hashing)],
  [mechanisms.CKM_SHA1_RSA_PKCS_PSS.value, hashingSignature('CKM_SHA_1', (_hash, ckm) => pss(ckm))],
  [mechanisms.CKM_SHA224_RSA_PKCS_PSS.value, hashingSignature('CKM_SHA224', (_hash, ckm) => pss(ckm))],
  [mechanisms.CKM_SHA256_RSA_PKCS_PSS.value, hashingSignature('CKM_SHA256', (_hash, ckm) => pss(ckm))],
  [mechanisms.CKM_SHA384_RSA_PKCS_PSS.value, hashingSignature('CKM_SHA384', (_hash, ckm) => pss(ckm))],
  [mechanisms.CKM_SHA512_RSA_PKCS_PSS.value, hashingSignature('CKM_SHA512', (_hash, ckm) => pss(ckm))],
])
