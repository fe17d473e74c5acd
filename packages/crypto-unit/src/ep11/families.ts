/** All mechanisms that sign or encrypt, whatever family they are of, by CKM_ value. */
import { dsaSignatures } from './dsa/signatures.ts'
import { ecSignatures } from './ec/signatures.ts'
import type { AsymmetricCipherMechanism, SignatureMechanism } from './mechanism-parts.ts'
import { mlDsaSignatures } from './pqc/ml-dsa.ts'
import { rsaCiphers } from './rsa/ciphers.ts'
import { rsaSignatures } from './rsa/signatures.ts'

export const signatureMechanisms: ReadonlyMap<number, SignatureMechanism> = new Map([
  ...rsaSignatures,
  ...dsaSignatures,
  ...ecSignatures,
  ...mlDsaSignatures,
])

export const asymmetricCiphers: ReadonlyMap<number, AsymmetricCipherMechanism> = rsaCiphers
