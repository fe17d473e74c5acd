/** One use of a sealed asymmetric key, by the mechanisms of EP11. */
import { openAsymmetric } from './asymmetric-key.ts'
import type { AsymmetricUse, SignatureVerifyUse } from './asymmetric-use.ts'
import { Ep11Error } from './ep11/ep11-error.ts'
import { asymmetricCiphers, signatureMechanisms } from './ep11/families.ts'
import type { AsymmetricKey } from './ep11/usable-key.ts'
import { UnitError } from './unit-error.ts'

/**
 * Does what is asked with opened material. The caller zeroes the material, and the result's data once they are answered.
 * @throws UnitError `INVALID` when what is asked does not fit the key or the mechanism; `TAMPERED` when data do not decrypt,
 *   with one text for whatever is wrong with them
 */
export function applyAsymmetric(
  material: Uint8Array,
  use: AsymmetricUse,
): { readonly data: Buffer } | { readonly ok: boolean } {
  const key = openAsymmetric(material, use.encoding)
  const { value, parameter } = use.mechanism
  switch (use.what) {
    case 'sign': {
      const mechanism = demanded(signatureMechanisms.get(value))
      demandPrivate(key)
      fitting(() => mechanism.check(key, parameter))
      return { data: fitting(() => mechanism.sign(key, parameter, use.data)) }
    }
    case 'signature-verify':
      return { ok: isVerified(key, use) }
    case 'public-encrypt': {
      const mechanism = demanded(asymmetricCiphers.get(value))
      fitting(() => mechanism.check(key, parameter))
      return { data: fitting(() => mechanism.encrypt(key, parameter, use.data)) }
    }
    case 'private-decrypt': {
      const mechanism = demanded(asymmetricCiphers.get(value))
      demandPrivate(key)
      // What does not fit is found out before anything is decrypted: then nothing is told of the data by it.
      fitting(() => mechanism.check(key, parameter))
      return { data: decrypted(() => mechanism.decrypt(key, parameter, use.data)) }
    }
  }
}

function isVerified(key: AsymmetricKey, { mechanism, data, signature }: SignatureVerifyUse): boolean {
  const verifying = demanded(signatureMechanisms.get(mechanism.value))
  return fitting(() => {
    verifying.check(key, mechanism.parameter)
    try {
      verifying.verify(key, mechanism.parameter, data, signature)
      return true
    } catch (error) {
      if (!(error instanceof Ep11Error)) throw error
      if (error.returnValue === 'CKR_SIGNATURE_INVALID' || error.returnValue === 'CKR_SIGNATURE_LEN_RANGE') return false
      throw error
    }
  })
}

function decrypted(decrypt: () => Buffer): Buffer {
  try {
    return decrypt()
  } catch (error) {
    if (!(error instanceof Ep11Error)) throw error
    throw new UnitError('TAMPERED', 'The data do not decrypt with this key and these parameters.')
  }
}

/** What EP11 refuses for the key, the parameter or the length of the data. */
function fitting<Result>(run: () => Result): Result {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof Ep11Error)) throw error
    throw new UnitError('INVALID', error.message)
  }
}

function demanded<Mechanism>(mechanism: Mechanism | undefined): Mechanism {
  if (mechanism === undefined) throw new UnitError('INVALID', 'The mechanism does not do this.')
  return mechanism
}

function demandPrivate({ key }: AsymmetricKey): void {
  if (key.type !== 'private') throw new UnitError('INVALID', 'This needs a private key.')
}
