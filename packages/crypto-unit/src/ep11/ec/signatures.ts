/** The mechanisms that sign with keys on elliptic curves: ECDSA, EdDSA (RFC 8032, pure) and Schnorr. */
import { sign, verify } from 'node:crypto'
import { Ep11Error } from '../ep11-error.ts'
import type { SignatureMechanism } from '../mechanism-parts.ts'
import { mechanisms } from '../mechanisms.ts'
import { demandNoParameter } from '../parameter-rules.ts'
import { curveNotSupported, curveOfUsable } from './curves.ts'
import { ecdsaMechanisms } from './ecdsa.ts'
import { schnorr } from './schnorr.ts'

/** By CKM_ value. */
export const ecSignatures: ReadonlyMap<number, SignatureMechanism> = new Map([
  ...ecdsaMechanisms,
  [mechanisms.CKM_IBM_ED25519_SHA512.value, eddsa('ed25519', 64)],
  [mechanisms.CKM_IBM_ED448_SHA3.value, eddsa('ed448', 114)],
  [mechanisms.CKM_IBM_ECDSA_OTHER.value, schnorr],
])

function eddsa(name: 'ed25519' | 'ed448', signatureBytes: number): SignatureMechanism {
  return {
    check(key, parameter) {
      if (curveOfUsable(key, 'edwards').name !== name) throw curveNotSupported()
      demandNoParameter(parameter)
    },
    sign: ({ key }, _parameter, data) => sign(null, data, key),
    verify({ key }, _parameter, data, signature) {
      if (signature.length !== signatureBytes) {
        throw new Ep11Error('CKR_SIGNATURE_LEN_RANGE', `A signature with this key has ${signatureBytes} bytes.`)
      }
      if (verify(null, data, key, signature)) return
      throw new Ep11Error('CKR_SIGNATURE_INVALID', 'The signature is not one of these data with this key.')
    },
  }
}
