/** The MAC mechanisms: HMAC over each hash function, CMAC over AES and triple DES (reference grep11, sections 7 and 9). */
import { createHmac } from 'node:crypto'
import { keyTypes } from '../attributes.ts'
import { blockCipherOf, type BlockCipherFamily } from '../ciphers/block-cipher.ts'
import { hashOf, type DigestName, type HashName } from '../digests/hash-names.ts'
import { Ep11Error } from '../ep11-error.ts'
import type { MacMechanism } from '../mechanism-parts.ts'
import { mechanisms, type MechanismName } from '../mechanisms.ts'
import { demandNoParameter } from '../parameter-rules.ts'
import { keyObjectOf, type SecretKey } from '../usable-key.ts'
import { RunningCmac } from './running-cmac.ts'
import { RunningHmac } from './running-hmac.ts'

/** By CKM_ value. What they save is to be sealed: see `RunningHmac` and `RunningCmac`. */
export const macMechanisms: ReadonlyMap<number, MacMechanism> = new Map([
  hmac('CKM_SHA_1_HMAC', 'CKM_SHA_1'),
  hmac('CKM_SHA224_HMAC', 'CKM_SHA224'),
  hmac('CKM_SHA256_HMAC', 'CKM_SHA256'),
  hmac('CKM_SHA384_HMAC', 'CKM_SHA384'),
  hmac('CKM_SHA512_HMAC', 'CKM_SHA512'),
  hmac('CKM_SHA512_224_HMAC', 'CKM_SHA512_224'),
  hmac('CKM_IBM_SHA512_224_HMAC', 'CKM_IBM_SHA512_224'),
  hmac('CKM_SHA512_256_HMAC', 'CKM_SHA512_256'),
  hmac('CKM_IBM_SHA512_256_HMAC', 'CKM_IBM_SHA512_256'),
  hmac('CKM_IBM_SHA3_224_HMAC', 'CKM_IBM_SHA3_224'),
  hmac('CKM_IBM_SHA3_256_HMAC', 'CKM_IBM_SHA3_256'),
  hmac('CKM_IBM_SHA3_384_HMAC', 'CKM_IBM_SHA3_384'),
  hmac('CKM_IBM_SHA3_512_HMAC', 'CKM_IBM_SHA3_512'),
  cmac('CKM_AES_CMAC', ['AES']),
  cmac('CKM_DES3_CMAC', ['DES3']),
  cmac('CKM_IBM_CMAC', ['AES', 'DES3']),
])

function hmac(name: MechanismName, digestName: DigestName): [number, MacMechanism] {
  const { value, sizeMin } = mechanisms[name]
  const digest = mechanisms[digestName].value
  const hash = hashOf(digest) as HashName
  const start = (key: SecretKey): RunningHmac => {
    demandHmacKey(key, sizeMin)
    return new RunningHmac(value, digest, key.value)
  }
  return [
    value,
    {
      check(key, parameter) {
        demandHmacKey(key, sizeMin)
        demandNoParameter(parameter)
      },
      start,
      restore: (key, saved) => resumed(start(key), saved),
      mac(key, data) {
        demandHmacKey(key, sizeMin)
        return createHmac(hash.name, keyObjectOf(key)).update(data).digest()
      },
    },
  ]
}

function cmac(name: MechanismName, families: readonly BlockCipherFamily[]): [number, MacMechanism] {
  const { value } = mechanisms[name]
  const start = (key: SecretKey): RunningCmac => new RunningCmac(value, blockCipherOf(key, families))
  return [
    value,
    {
      check(key, parameter) {
        blockCipherOf(key, families)
        demandNoParameter(parameter)
      },
      start,
      restore: (key, saved) => resumed(start(key), saved),
      mac(key, data) {
        const running = start(key)
        running.update(data)
        return running.finish()
      },
    },
  ]
}

function resumed<T extends { resume(saved: Buffer): void }>(running: T, saved: Buffer): T {
  running.resume(saved)
  return running
}

/**
 * At least half of the digest's length. Longer ones than the largest that is listed are taken, for the device has that limit
 * from its generic secrets, and ours may be longer.
 * @throws Ep11Error `CKR_KEY_TYPE_INCONSISTENT`, `CKR_KEY_SIZE_RANGE`
 */
function demandHmacKey({ keyType, value }: SecretKey, bytesMin: number): void {
  if (keyType !== keyTypes.CKK_GENERIC_SECRET && keyType !== keyTypes.CKK_AES) {
    throw new Ep11Error('CKR_KEY_TYPE_INCONSISTENT', 'The mechanism takes generic secrets and AES keys.')
  }
  if (value.length < bytesMin) {
    throw new Ep11Error('CKR_KEY_SIZE_RANGE', `The mechanism takes keys of ${bytesMin} bytes and more.`)
  }
}
