/** DeriveKey: from a key another one, by agreement, by a hash, by encryption, or along a wallet's tree (section 12). */
import { kindOf } from '../asymmetric-forms.ts'
import { bitsOf, demandSettable, type KeyClass } from '../attribute-rules.ts'
import { attributeBits, attributeTypes, keyTypes } from '../attributes.ts'
import {
  demandMaced,
  demandMechanism,
  demandPrivate,
  demandPublic,
  demandSecret,
  demandUsage,
  mechanismInvalid,
  newPublicObject,
  openObject,
  sealNew,
  tellKey,
  type Call,
} from '../call.ts'
import type { CallAnswer, CallRequest, MechanismUse, Template } from '../calls.ts'
import { cipherMechanisms } from '../ciphers/cipher-mechanisms.ts'
import { dhDerive } from '../dh/derive.ts'
import { digestMechanisms } from '../digests/digest-mechanisms.ts'
import { HARDENED, btcDerive } from '../ec/btc-derive.ts'
import { curveOfParameters } from '../ec/curves.ts'
import { ecdhDerive } from '../ec/ecdh.ts'
import { Ep11Error } from '../ep11-error.ts'
import { mechanisms, type MechanismName } from '../mechanisms.ts'
import { demandNoParameter } from '../parameter-rules.ts'
import type { OpenedKey } from '../opened-key.ts'
import type { MechanismParameter } from '../parameter.ts'
import { mlKemDerive } from '../pqc/ml-kem.ts'
import { checkSum, inForm, isSecretLength, isSecretType, onlyLength } from '../secret-key.ts'
import { bytesOf, countOf, demanded } from '../template.ts'
import { demandCurve } from './generate-key-pair.ts'

type Request = CallRequest<'DeriveKey'>
type Answer = CallAnswer<'DeriveKey'>

const DERIVED_BYTES_MIN = 16

/** What a new secret is taken from. The bytes are as many as were asked for where they are taken from one end only. */
interface Derived {
  readonly bytes: Buffer
  /** Goes out behind the check sum. */
  readonly beside?: Buffer
}

/** @param wanted bytes of the new key; undefined for whatever the derivation gives */
type Derivation = (use: MechanismUse, base: OpenedKey, data: Buffer, wanted: number | undefined) => Derived

const hashes = {
  CKM_SHA1_KEY_DERIVATION: 'CKM_SHA_1',
  CKM_SHA224_KEY_DERIVATION: 'CKM_SHA224',
  CKM_SHA256_KEY_DERIVATION: 'CKM_SHA256',
  CKM_SHA384_KEY_DERIVATION: 'CKM_SHA384',
  CKM_SHA512_KEY_DERIVATION: 'CKM_SHA512',
} as const satisfies Partial<Record<MechanismName, MechanismName>>

const agreement: Derivation = ({ value, parameter }, base, _data, wanted) => ({
  bytes: ecdhDerive(value, demandPrivate(base), parameter, wanted),
})

const derivations: Partial<Record<MechanismName, Derivation>> = {
  CKM_ECDH1_DERIVE: agreement,
  CKM_IBM_EC_X25519: agreement,
  CKM_IBM_EC_X448: agreement,
  CKM_DH_PKCS_DERIVE: ({ parameter }, base, _data, wanted) => {
    if (parameter.kind !== 'bytes') throw parameterInvalid('The mechanism takes the public value of the peer.')
    const secret = dhDerive(demandPrivate(base), parameter.bytes)
    return { bytes: trailing(secret, wanted) }
  },
  CKM_DES3_ECB_ENCRYPT_DATA: ({ parameter }, base, data, wanted) => {
    // Whoever may encrypt with the base has the values of all its keys.
    if ((base.bits & attributeBits.ATTRBOUND) !== 0) {
      throw new Ep11Error('CKR_KEY_FUNCTION_NOT_PERMITTED', 'Of a bound key nothing is derived by encrypting.')
    }
    const secret = demandSecret(base)
    const ecb = cipherMechanisms.get(mechanisms.CKM_DES3_ECB.value)
    if (ecb === undefined) throw mechanismInvalid()
    ecb.check(secret, { kind: 'none' })
    return { bytes: leading(ecb.run('encrypt', secret, { kind: 'none' }, derivationData(parameter, data)), wanted) }
  },
  CKM_ML_KEM: ({ parameter }, base, _data, wanted) => {
    const usable = base.class === 'public' ? demandPublic(base) : demandPrivate(base)
    if (usable.class === 'public') demandMaced(usable)
    const { secret, ciphertext } = mlKemDerive(usable, parameter, wanted)
    return { bytes: secret, ...(ciphertext && { beside: ciphertext }) }
  },
  ...Object.fromEntries(Object.entries(hashes).map(([name, digest]) => [name, hashDerivation(digest)])),
}

function hashDerivation(digest: MechanismName): Derivation {
  return ({ parameter }, base, _data, wanted) => {
    demandNoParameter(parameter)
    const hash = digestMechanisms.get(mechanisms[digest].value)
    if (hash === undefined) throw mechanismInvalid()
    return { bytes: leading(hash.digest(demandSecret(base).value), wanted) }
  }
}

export function deriveKey(request: Request, call: Call): Answer {
  const { mechanism, baseKey, data, template } = request
  const name = demandMechanism(call, mechanism, 'DERIVE')
  const base = openObject(call, baseKey, 'baseKeyFingerprint')
  if (name === 'CKM_IBM_BTC_DERIVE') return walletKey(request, base, call)
  const derivation = derivations[name]
  if (derivation === undefined) throw mechanismInvalid()
  demandUsage(base, 'DERIVE')
  const keyType = demanded(countOf(template, 'CKA_KEY_TYPE'), 'CKA_KEY_TYPE')
  if (!isSecretType(keyType)) throw new Ep11Error('CKR_TEMPLATE_INCONSISTENT', 'What is derived is a secret key.')
  const bits = bitsOf(template, 'secret', keyType, 'derived')
  demandAsBound(bits, 'secret', base)
  const wanted = onlyLength(keyType) ?? valueLength(template)
  if (wanted !== undefined) demandDerivedLength(wanted)
  tellKey(call, { keyType, size: (wanted ?? 0) * 8, curve: '', bits })
  if (wanted === undefined) delete call.facts.request.keySize
  const { bytes, beside } = derivation(mechanism, base, data, wanted)
  try {
    if (!isSecretLength(keyType, bytes.length)) throw wrongLength(wanted)
    demandDerivedLength(bytes.length)
    const value = inForm(keyType, bytes)
    const facts = { keyType, size: value.length * 8, curve: '', bits }
    call.facts.request.keySize = facts.size
    const key = sealNew(call, { class: 'secret', ...facts, generatedBy: undefined, value })
    return { key, checkSum: Buffer.concat([checkSum({ keyType, value }), beside ?? Buffer.alloc(0)]) }
  } finally {
    bytes.fill(0)
  }
}

/**
 * Of what is bound, no value is known outside. That of another base may be; and one derivation, made twice, would give the
 * same value to a key that leaves in the clear. Public keys have nothing to hide.
 * @throws Ep11Error `CKR_TEMPLATE_INCONSISTENT`
 */
function demandAsBound(bits: number, keyClass: KeyClass, base: OpenedKey): void {
  const isBound = (bits & attributeBits.ATTRBOUND) !== 0
  const isBaseBound = (base.bits & attributeBits.ATTRBOUND) !== 0
  if (isBound && !isBaseBound) {
    throw new Ep11Error('CKR_TEMPLATE_INCONSISTENT', 'A bound key is derived from a bound key.')
  }
  if (isBaseBound && !isBound && keyClass !== 'public') {
    throw new Ep11Error('CKR_TEMPLATE_INCONSISTENT', 'What is derived from a bound key is bound.')
  }
}

/** Keys of one derivation begin or end alike: from the check sums of short ones the longer could be read byte by byte. */
function demandDerivedLength(bytes: number): void {
  if (bytes >= DERIVED_BYTES_MIN) return
  throw new Ep11Error('CKR_KEY_SIZE_RANGE', `A derived key has at least ${DERIVED_BYTES_MIN} bytes.`)
}

/** Zero is what clients write that have none to say. */
function valueLength(template: Template): number | undefined {
  const bytes = countOf(template, 'CKA_VALUE_LEN')
  return bytes === 0 ? undefined : bytes
}

function wrongLength(wanted: number | undefined): Ep11Error {
  return wanted === undefined
    ? new Ep11Error('CKR_TEMPLATE_INCOMPLETE', 'The template needs CKA_VALUE_LEN.')
    : new Ep11Error('CKR_KEY_SIZE_RANGE', 'No key of this type has so many bytes.')
}

/** The template may say what a base key is for by no more than what it is: a seed, or a key of the tree. */
function walletKey({ mechanism, template }: Request, base: OpenedKey, call: Call): Answer {
  const { parameter } = mechanism
  if (parameter.kind === 'btc') call.facts.request.deriveType = walletStep(parameter.type)
  demandSettable(template)
  if (base.class === 'public') demandMaced(base)
  else {
    demandUsage(base, 'DERIVE')
    if (base.class === 'secret') demandUsage(base, 'USE_AS_DATA')
  }
  const curve = curveOfParameters(demanded(bytesOf(template, 'CKA_EC_PARAMS'), 'CKA_EC_PARAMS'))
  demandCurve(call, curve)
  const derived = btcDerive(base, curve, parameter)
  const kind = kindOf(derived.key)
  const keyClass = derived.key.type === 'private' ? 'private' : 'public'
  const asked = bitsOf(withoutClass(template), keyClass, keyTypes.CKK_EC, 'derived')
  const bits = keyClass === 'private' && isRevealing(base, parameter) ? asParent(asked, base) : asked
  demandAsBound(bits, keyClass, base)
  tellKey(call, { ...kind, bits })
  const key =
    keyClass === 'public'
      ? newPublicObject(call, derived.key, bits, 'keyFingerprint')
      : sealNew(call, { class: 'private', ...kind, bits, generatedBy: undefined, key: derived.key })
  return { key, checkSum: derived.chainCode }
}

/** Of a child that is not hardened, whoever has its parent's public key and chain code takes its parent. */
function isRevealing(base: OpenedKey, parameter: MechanismParameter): boolean {
  return base.class === 'private' && parameter.kind === 'btc' && parameter.childIndex < HARDENED
}

/** The bits of a child that leaves no other way than its parent. @throws Ep11Error `CKR_TEMPLATE_INCONSISTENT` */
function asParent(bits: number, parent: OpenedKey): number {
  if ((bits & attributeBits.EXTRACTABLE & ~parent.bits) !== 0) {
    throw new Ep11Error('CKR_TEMPLATE_INCONSISTENT', 'The child would give away its parent, which is not extractable.')
  }
  return bits | (parent.bits & attributeBits.WRAP_WITH_TRUSTED)
}

/** Whether a private or a public key comes out, the mechanism's parameter says. */
function withoutClass(template: Template): Template {
  return new Map([...template].filter(([type]) => type !== attributeTypes.CKA_CLASS))
}

const walletSteps = ['PRV2PRV', 'PRV2PUB', 'PUB2PUB', 'MASTERK'] as const

/** As the headers of EP11 name them. */
function walletStep(type: number): string {
  const step = walletSteps[(type - 1) % walletSteps.length]
  if (step === undefined || type > 2 * walletSteps.length) return `${type}`
  return `${type > walletSteps.length ? 'SLIP0010' : 'BIP0032'}_${step}`
}

function derivationData(parameter: MechanismParameter, data: Buffer): Buffer {
  if (parameter.kind === 'bytes' && parameter.bytes.length > 0) return parameter.bytes
  if (parameter.kind !== 'none' && parameter.kind !== 'bytes') throw parameterInvalid('The mechanism takes data.')
  if (data.length === 0) throw parameterInvalid('There are no data to derive from.')
  return data
}

function leading(bytes: Buffer, wanted: number | undefined): Buffer {
  return part(bytes, 0, wanted)
}

/** PKCS #11: of an agreement the leading bytes are removed. */
function trailing(bytes: Buffer, wanted: number | undefined): Buffer {
  return part(bytes, bytes.length - (wanted ?? bytes.length), wanted)
}

/** A copy; the whole is zeroed. */
function part(bytes: Buffer, from: number, wanted: number | undefined): Buffer {
  const count = wanted ?? bytes.length
  const isThere = count <= bytes.length
  const copy = Buffer.from(isThere ? bytes.subarray(from, from + count) : '')
  bytes.fill(0)
  if (isThere) return copy
  throw new Ep11Error('CKR_KEY_SIZE_RANGE', `The derivation gives ${bytes.length} bytes.`)
}

function parameterInvalid(message: string): Ep11Error {
  return new Ep11Error('CKR_MECHANISM_PARAM_INVALID', message)
}
