/** UnwrapKey: a key comes in encrypted under another one, or a public key as it is. */
import { kindOf, privateKeyOf, publicKeyOf, spkiOf } from '../asymmetric-forms.ts'
import { bitsOf, demandConsistent, demandSettable } from '../attribute-rules.ts'
import { unpackKey } from '../bound-package.ts'
import {
  demandMechanism,
  demandPrivate,
  demandSecret,
  demandUsage,
  mechanismInvalid,
  newPublicObject,
  openObject,
  sealNew,
  tellKey,
  type Call,
} from '../call.ts'
import { attributeBits, keyTypes } from '../attributes.ts'
import type { CallAnswer, CallRequest, MechanismUse, Template } from '../calls.ts'
import { cipherMechanisms } from '../ciphers/cipher-mechanisms.ts'
import { curveOf } from '../ec/curves.ts'
import { Ep11Error } from '../ep11-error.ts'
import { asymmetricCiphers } from '../families.ts'
import { mechanisms } from '../mechanisms.ts'
import { demandNoParameter } from '../parameter-rules.ts'
import { demandObject } from '../object-opener.ts'
import type { OpenedKey } from '../opened-key.ts'
import { spkiPart } from '../public-object.ts'
import type { ReturnValue } from '../return-values.ts'
import { checkSum, isSecretLength, isSecretType, withBits } from '../secret-key.ts'
import { countOf, demanded } from '../template.ts'
import { demandCurve } from './generate-key-pair.ts'
import { isBinding, notBound, renamed } from './wrap-key.ts'

type Request = CallRequest<'UnwrapKey'>
type Answer = CallAnswer<'UnwrapKey'>

export function unwrapKey(request: Request, call: Call): Answer {
  const { mechanism, kek, template } = request
  demandMechanism(call, mechanism, 'UNWRAP')
  demandSettable(template)
  if (mechanism.value === mechanisms.CKM_IBM_TRANSPORTKEY.value) return transport(request, call)
  const unwrapping = openObject(call, kek, 'kekFingerprint', 'CKR_UNWRAPPING_KEY_HANDLE_INVALID')
  demandUsage(unwrapping, 'UNWRAP')
  if (mechanism.value === mechanisms.CKM_IBM_ATTRIBUTEBOUND_WRAP.value) return bound(request, unwrapping, call)
  const keyType = demanded(countOf(template, 'CKA_KEY_TYPE'), 'CKA_KEY_TYPE')
  const keyClass = classOf(template, keyType)
  const bits = bitsOf(template, keyClass, keyType, 'unwrapped')
  if ((bits & attributeBits.ATTRBOUND) !== 0) throw notBound()
  tellKey(call, { keyType, size: 0, curve: '', bits })
  delete call.facts.request.keySize
  const payload = asUnwrapping(() => decrypted(mechanism, unwrapping, request.wrapped))
  try {
    return keyClass === 'secret'
      ? secretKey(payload, keyType, bits, template, call)
      : privateKey(payload, keyType, bits, call)
  } finally {
    payload.fill(0)
  }
}

/** By the library's rule when the template does not say (section 4.3). */
function classOf(template: Template, keyType: number): 'secret' | 'private' {
  const isSecret = isSecretType(keyType)
  const keyClass = isSecret ? 'secret' : 'private'
  demandConsistent(template, keyClass, keyType)
  if (isSecret || privateTypes.has(keyType)) return keyClass
  throw new Ep11Error('CKR_TEMPLATE_INCONSISTENT', 'No key of this CKA_KEY_TYPE can be unwrapped.')
}

const privateTypes = new Set<number>([
  keyTypes.CKK_RSA,
  keyTypes.CKK_DSA,
  keyTypes.CKK_DH,
  keyTypes.CKK_EC,
  keyTypes.CKK_ML_KEM,
  keyTypes.CKK_ML_DSA,
])

function secretKey(payload: Buffer, keyType: number, bits: number, template: Template, call: Call): Answer {
  const wanted = countOf(template, 'CKA_VALUE_LEN')
  // DES3 keys are asked for with lengths that mean nothing (section 4.3).
  const isWanted = wanted === undefined || wanted === payload.length || wanted === 0 || isDes(keyType)
  if (!isWanted || !isSecretLength(keyType, payload.length)) throw invalid()
  const value = Buffer.from(payload)
  try {
    const facts = { keyType, size: value.length * 8, curve: '', bits }
    const key = sealNew(call, { class: 'secret', ...facts, generatedBy: undefined, value })
    call.facts.request.keySize = facts.size
    return { key, checkSum: checkSum({ keyType, value }) }
  } finally {
    value.fill(0)
  }
}

function isDes(keyType: number): boolean {
  return keyType === keyTypes.CKK_DES2 || keyType === keyTypes.CKK_DES3
}

function privateKey(payload: Buffer, keyType: number, bits: number, call: Call): Answer {
  return sealedPrivate(call, privateKeyOf(payload, keyType), bits)
}

function sealedPrivate(call: Call, key: ReturnType<typeof privateKeyOf>, bits: number): Answer {
  const kind = kindOf(key)
  if (kind.keyType === keyTypes.CKK_EC) demandCurve(call, curveOf(key))
  tellKey(call, { ...kind, bits })
  const blob = sealNew(call, { class: 'private', ...kind, bits, generatedBy: undefined, key })
  return { key: blob, checkSum: withBits(spkiOf(key), kind.size) }
}

function decrypted({ value, parameter }: MechanismUse, unwrapping: OpenedKey, wrapped: Buffer): Buffer {
  const symmetric = cipherMechanisms.get(value)
  if (symmetric !== undefined) {
    const secret = demandSecret(unwrapping)
    symmetric.check(secret, parameter)
    return symmetric.run('decrypt', secret, parameter, wrapped)
  }
  const asymmetric = asymmetricCiphers.get(value)
  if (asymmetric === undefined) throw mechanismInvalid()
  const usable = demandPrivate(unwrapping)
  asymmetric.check(usable, parameter)
  return asymmetric.decrypt(usable, parameter, wrapped)
}

const unwrappingErrors: Partial<Record<ReturnValue, ReturnValue>> = {
  CKR_KEY_TYPE_INCONSISTENT: 'CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT',
  CKR_KEY_SIZE_RANGE: 'CKR_UNWRAPPING_KEY_SIZE_RANGE',
  CKR_ENCRYPTED_DATA_LEN_RANGE: 'CKR_WRAPPED_KEY_LEN_RANGE',
}

/** Padding that is wrong and a key that is none are answered in the same words. */
function asUnwrapping<Result>(run: () => Result): Result {
  return renamed(unwrappingErrors, () => {
    try {
      return run()
    } catch (error) {
      if (error instanceof Ep11Error && error.returnValue === 'CKR_ENCRYPTED_DATA_INVALID') throw invalid()
      throw error
    }
  })
}

function invalid(): Ep11Error {
  return new Ep11Error('CKR_WRAPPED_KEY_INVALID', 'What was unwrapped is no private key of this kind.')
}

/** The package's attributes count, whatever the template asks; it must not say that the key is another (section 4.3). */
function bound({ mechanism, wrapped, macKey, template }: Request, unwrapping: OpenedKey, call: Call): Answer {
  demandNoParameter(mechanism.parameter)
  if (!isBinding(unwrapping)) throw notBound()
  const verifying = demandSecret(openObject(call, macKey, 'macKeyFingerprint'))
  demandUsage(verifying, 'VERIFY')
  if (!isBinding(verifying)) throw notBound()
  if (unwrapping.class === 'public') {
    throw new Ep11Error('CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT', 'A public key unwraps nothing.')
  }
  const key = unpackKey(wrapped, unwrapping, verifying)
  try {
    const bits = key.bits & ~(attributeBits.LOCAL | attributeBits.NEVER_EXTRACTABLE | attributeBits.TRUSTED)
    tellKey(call, { ...key, bits })
    demandConsistent(template, key.class, key.keyType)
    if (key.class === 'private') return sealedPrivate(call, key.key, bits)
    const blob = sealNew(call, { ...key, bits, generatedBy: undefined })
    return { key: blob, checkSum: checkSum(key) }
  } finally {
    if (key.class === 'secret') key.value.fill(0)
  }
}

/**
 * A public key from elsewhere becomes an object that the unit vouches for. The KEK must be there and means nothing. It is
 * never bound: whoever has the private key would read what bound keys are wrapped under it.
 */
function transport({ mechanism, wrapped, kek, template }: Request, call: Call): Answer {
  demandNoParameter(mechanism.parameter)
  demandObject(kek, 'CKR_UNWRAPPING_KEY_HANDLE_INVALID')
  const key = publicKeyOf(publicPart(wrapped))
  const kind = kindOf(key)
  if (kind.keyType === keyTypes.CKK_EC) demandCurve(call, curveOf(key))
  demandConsistent(template, 'public', kind.keyType)
  const bits = bitsOf(template, 'public', kind.keyType, 'unwrapped')
  if ((bits & attributeBits.ATTRBOUND) !== 0) {
    throw new Ep11Error('CKR_TEMPLATE_INCONSISTENT', 'A public key from elsewhere cannot be bound.')
  }
  tellKey(call, { ...kind, bits })
  const object = newPublicObject(call, key, bits, 'keyFingerprint')
  return { key: object, checkSum: withBits(spkiOf(key), kind.size) }
}

/** Of an object under a master key that is gone, the SPKI is as good as ever (section 15). */
function publicPart(wrapped: Buffer): Buffer {
  return renamed(
    { CKR_IBM_BLOB_ERROR: 'CKR_WRAPPED_KEY_INVALID', CKR_PUBLIC_KEY_INVALID: 'CKR_WRAPPED_KEY_INVALID' },
    () => spkiPart(wrapped),
  )
}
