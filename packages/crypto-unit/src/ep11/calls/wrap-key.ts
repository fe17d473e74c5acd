/** WrapKey: a key leaves encrypted under another one, as its attributes permit. */
import { pkcs8Of } from '../asymmetric-forms.ts'
import { attributeBits } from '../attributes.ts'
import { packKey } from '../bound-package.ts'
import {
  demandMaced,
  demandMechanism,
  demandPublic,
  demandSecret,
  demandUsage,
  mechanismInvalid,
  openObject,
  type Call,
} from '../call.ts'
import type { CallAnswer, CallRequest, MechanismUse } from '../calls.ts'
import { cipherMechanisms } from '../ciphers/cipher-mechanisms.ts'
import { Ep11Error } from '../ep11-error.ts'
import { asymmetricCiphers } from '../families.ts'
import { mechanisms } from '../mechanisms.ts'
import { demandNoParameter } from '../parameter-rules.ts'
import type { BlobKey, OpenedKey } from '../opened-key.ts'
import type { ReturnValue } from '../return-values.ts'

export function wrapKey({ mechanism, key, kek, macKey }: CallRequest<'WrapKey'>, call: Call): CallAnswer<'WrapKey'> {
  demandMechanism(call, mechanism, 'WRAP')
  const leaving = demandBlob(openObject(call, key, 'keyFingerprint'))
  const wrapping = openObject(call, kek, 'kekFingerprint', 'CKR_WRAPPING_KEY_HANDLE_INVALID')
  demandUsage(wrapping, 'WRAP')
  demandLeaving(leaving, wrapping)
  const isBound = mechanism.value === mechanisms.CKM_IBM_ATTRIBUTEBOUND_WRAP.value
  demandBinding(isBound, leaving, wrapping)
  if (isBound) return { wrapped: boundWrap(call, mechanism, leaving, wrapping, macKey) }
  const payload = leaving.class === 'secret' ? Buffer.from(leaving.value) : pkcs8Of(leaving.key)
  try {
    return { wrapped: asWrapping(() => encrypted(mechanism, wrapping, payload)) }
  } finally {
    payload.fill(0)
  }
}

function demandBlob(key: OpenedKey): OpenedKey<BlobKey> {
  if (key.class !== 'public') return key
  throw new Ep11Error('CKR_KEY_NOT_WRAPPABLE', 'A public key is not wrapped.')
}

function demandLeaving({ bits }: OpenedKey<BlobKey>, wrapping: OpenedKey): void {
  if ((bits & attributeBits.EXTRACTABLE) === 0) {
    throw new Ep11Error('CKR_KEY_UNEXTRACTABLE', 'The key is not extractable.')
  }
  if ((bits & attributeBits.WRAP_WITH_TRUSTED) !== 0 && (wrapping.bits & attributeBits.TRUSTED) === 0) {
    throw new Ep11Error('CKR_KEY_NOT_WRAPPABLE', 'The key is wrapped by trusted keys only.')
  }
}

/** Bound keys leave with their attributes, under bound keys; others without them (section 4.3). */
function demandBinding(isBound: boolean, leaving: OpenedKey, wrapping: OpenedKey): void {
  if (isBinding(leaving) !== isBound) {
    throw new Ep11Error('CKR_KEY_NOT_WRAPPABLE', 'The mechanism is not for this key: CKA_IBM_ATTRBOUND decides.')
  }
  if (isBound && !isBinding(wrapping)) throw notBound()
}

export function isBinding({ bits }: OpenedKey): boolean {
  return (bits & attributeBits.ATTRBOUND) !== 0
}

export function notBound(): Ep11Error {
  return new Ep11Error('CKR_KEY_FUNCTION_NOT_PERMITTED', 'This takes keys with CKA_IBM_ATTRBOUND.')
}

function boundWrap(
  call: Call,
  { parameter }: MechanismUse,
  leaving: OpenedKey<BlobKey>,
  wrapping: OpenedKey,
  macKey: Buffer,
): Buffer {
  demandNoParameter(parameter)
  const signing = demandSecret(openObject(call, macKey, 'macKeyFingerprint'))
  demandUsage(signing, 'SIGN')
  if (!isBinding(signing)) throw notBound()
  if (wrapping.class === 'private')
    throw new Ep11Error('CKR_WRAPPING_KEY_TYPE_INCONSISTENT', 'A private key wraps nothing.')
  if (wrapping.class === 'public') demandMaced(wrapping)
  return packKey(leaving, wrapping, signing, call.holdings.scratch)
}

function encrypted({ value, parameter }: MechanismUse, wrapping: OpenedKey, payload: Buffer): Buffer {
  const symmetric = cipherMechanisms.get(value)
  if (symmetric !== undefined) {
    const secret = demandSecret(wrapping)
    symmetric.check(secret, parameter)
    return symmetric.run('encrypt', secret, parameter, payload)
  }
  const asymmetric = asymmetricCiphers.get(value)
  if (asymmetric === undefined) throw mechanismInvalid()
  const given = demandPublic(wrapping)
  demandMaced(given)
  asymmetric.check(given, parameter)
  return asymmetric.encrypt(given, parameter, payload)
}

const wrappingErrors: Partial<Record<ReturnValue, ReturnValue>> = {
  CKR_KEY_TYPE_INCONSISTENT: 'CKR_WRAPPING_KEY_TYPE_INCONSISTENT',
  CKR_KEY_SIZE_RANGE: 'CKR_WRAPPING_KEY_SIZE_RANGE',
  CKR_DATA_LEN_RANGE: 'CKR_KEY_SIZE_RANGE',
}

/** What mechanisms say of a key is of the wrapping key here, and what they say of data is of the key that leaves. */
function asWrapping<Result>(run: () => Result): Result {
  return renamed(wrappingErrors, run)
}

export function renamed<Result>(names: Partial<Record<ReturnValue, ReturnValue>>, run: () => Result): Result {
  try {
    return run()
  } catch (error) {
    const name = error instanceof Ep11Error ? names[error.returnValue] : undefined
    throw name === undefined ? error : new Ep11Error(name, (error as Ep11Error).message)
  }
}
