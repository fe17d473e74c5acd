/** ML-DSA (FIPS 204), an addition of ours under the values of PKCS #11 3.2: HPCS has Dilithium's drafts instead. */
import { generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto'
import { keyTypes } from '../attributes.ts'
import { Ep11Error } from '../ep11-error.ts'
import type { KeyPair } from '../key-pair.ts'
import type { SignatureMechanism } from '../mechanism-parts.ts'
import { mechanisms } from '../mechanisms.ts'
import { demandNoParameter } from '../parameter-rules.ts'
import type { AsymmetricKey } from '../usable-key.ts'

/** What FIPS 204 calls them, and the bytes of a signature (table 2), by `CKA_PARAMETER_SET`. */
const parameterSets = [
  { parameterSet: 1, node: 'ml-dsa-44', signatureBytes: 2420 },
  { parameterSet: 2, node: 'ml-dsa-65', signatureBytes: 3309 },
  { parameterSet: 3, node: 'ml-dsa-87', signatureBytes: 4627 },
] as const

/** CKM_ML_DSA_KEY_PAIR_GEN. @throws Ep11Error `CKR_IBM_PQC_PARAMS_NOT_SUPPORTED` */
export function generateMlDsa(parameterSet: number): KeyPair {
  switch (parameterSets.find((set) => set.parameterSet === parameterSet)?.node) {
    case 'ml-dsa-44':
      return generateKeyPairSync('ml-dsa-44')
    case 'ml-dsa-65':
      return generateKeyPairSync('ml-dsa-65')
    case 'ml-dsa-87':
      return generateKeyPairSync('ml-dsa-87')
    case undefined:
      throw new Ep11Error('CKR_IBM_PQC_PARAMS_NOT_SUPPORTED', 'ML-DSA has the parameter sets 1, 2 and 3.')
  }
}

/** `CKA_PARAMETER_SET` of a key. @throws Ep11Error `CKR_KEY_TYPE_INCONSISTENT` */
export function mlDsaParameterSet(key: KeyObject): number {
  return setOf(key).parameterSet
}

/** CKM_ML_DSA: pure, hedged, with an empty context. */
const mlDsa: SignatureMechanism = {
  check(key, parameter) {
    setOfUsable(key)
    demandNoParameter(parameter)
  },
  sign: ({ key }, _parameter, data) => sign(null, data, key),
  verify(key, _parameter, data, signature) {
    const { signatureBytes } = setOfUsable(key)
    if (signature.length !== signatureBytes) {
      throw new Ep11Error('CKR_SIGNATURE_LEN_RANGE', `A signature with this key has ${signatureBytes} bytes.`)
    }
    if (verify(null, data, key.key, signature)) return
    throw new Ep11Error('CKR_SIGNATURE_INVALID', 'The signature is not one of these data with this key.')
  },
}

/** By CKM_ value. */
export const mlDsaSignatures: ReadonlyMap<number, SignatureMechanism> = new Map([[mechanisms.CKM_ML_DSA.value, mlDsa]])

function setOfUsable({ keyType, key }: AsymmetricKey): (typeof parameterSets)[number] {
  if (keyType !== keyTypes.CKK_ML_DSA) throw keyTypeInconsistent()
  return setOf(key)
}

function setOf(key: KeyObject): (typeof parameterSets)[number] {
  const set = parameterSets.find(({ node }) => node === key.asymmetricKeyType)
  if (set === undefined) throw keyTypeInconsistent()
  return set
}

function keyTypeInconsistent(): Ep11Error {
  return new Ep11Error('CKR_KEY_TYPE_INCONSISTENT', 'The key is not one of ML-DSA.')
}
