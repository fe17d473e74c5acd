/**
 * CKM_IBM_BTC_DERIVE: keys of hierarchical wallets by BIP32 and SLIP-10 (reference grep11, section 12): a master key from
 * a seed, and children from their parent and its chain code.
 */
import { createHmac, createPublicKey, type KeyObject } from 'node:crypto'
import { keyTypes } from '../attributes.ts'
import { Ep11Error } from '../ep11-error.ts'
import { integerOf, unsignedBytes } from '../integers.ts'
import type { BtcParameter, MechanismParameter } from '../parameter.ts'
import type { AsymmetricKey, SecretKey } from '../usable-key.ts'
import { curveNotSupported, curveOf, type Curve, type WeierstrassCurve } from './curves.ts'
import { pointOf, privateKeyOfSecret, publicKeyOfPoint, secretOf } from './ec-keys.ts'
import { bytesOfPoint, compressedBytes, plusBaseMultiple, pointOfBytes, type Point } from './points.ts'
import { blinded, modulo } from './scalars.ts'

export interface DerivedWalletKey {
  readonly key: KeyObject
  /** 32 bytes, with which children are derived. */
  readonly chainCode: Buffer
}

/** Indices of hardened children, from here on. */
export const HARDENED = 0x8000_0000
const INDEX_MAX = 0xffff_ffff
const CHAIN_CODE_BYTES = 32
const KEY_BYTES = 32
const SEED_BYTES_MIN = 16
const SEED_BYTES_MAX = 64
const VERSION = 1

type Step = 'private' | 'privateToPublic' | 'public' | 'master'

/** Values of BTCDeriveParm's type. */
const steps: readonly Step[] = ['private', 'privateToPublic', 'public', 'master']

/** Keys of the master's HMAC, by the name of the curve (SLIP-10, "Master key generation"). */
const masterKeys = new Map([
  ['SECP256K1', 'Bitcoin seed'],
  ['P-256', 'Nist256p1 seed'],
  ['ed25519', 'ed25519 seed'],
])

/**
 * @param base a seed for a master, else the parent: a private key, or for PUB→PUB a public one
 * @param curve that the new key is to be on, as its template says
 * @throws Ep11Error `CKR_MECHANISM_PARAM_INVALID`, `CKR_KEY_TYPE_INCONSISTENT`, `CKR_KEY_SIZE_RANGE` for a seed,
 * `CKR_CURVE_NOT_SUPPORTED`, `CKR_TEMPLATE_INCONSISTENT` when the parent is on another curve; `CKR_FUNCTION_FAILED` when
 * BIP32 has no key at this index
 */
export function btcDerive(
  base: SecretKey | AsymmetricKey,
  curve: Curve,
  parameter: MechanismParameter,
): DerivedWalletKey {
  const { step, isSlip10, index, chainCode } = stepOf(parameter)
  const masterKey = masterKeys.get(curve.name)
  if (masterKey === undefined || (!isSlip10 && curve.name !== 'SECP256K1')) throw curveNotSupported()
  if (step === 'master') return masterOf(seedOf(base), curve, masterKey, isSlip10)
  const parent = parentOf(base, step === 'public' ? 'public' : 'private', curve)
  if (chainCode.length !== CHAIN_CODE_BYTES) throw parameterInvalid(`A chain code has ${CHAIN_CODE_BYTES} bytes.`)
  if (step === 'public') return publicChild(parent, curve, chainCode, index, isSlip10)
  const child = privateChild(parent, curve, chainCode, index, isSlip10)
  return step === 'private' ? child : { ...child, key: createPublicKey(child.key) }
}

interface Wanted {
  readonly step: Step
  readonly isSlip10: boolean
  readonly index: number
  readonly chainCode: Buffer
}

function stepOf(parameter: MechanismParameter): Wanted {
  if (parameter.kind !== 'btc') throw parameterInvalid('The mechanism takes BTCDeriveParm.')
  const { type, childIndex: index, chainCode, version }: BtcParameter = parameter
  const isSlip10 = type > steps.length
  const step = steps[isSlip10 ? type - 1 - steps.length : type - 1]
  if (step === undefined) throw parameterInvalid('The type of derivation is unknown.')
  if (version !== VERSION) throw parameterInvalid('The version of the parameter is unknown.')
  if (!Number.isInteger(index) || index < 0 || index > INDEX_MAX) throw parameterInvalid('An index has 32 bits.')
  return { step, isSlip10, index, chainCode }
}

function seedOf(base: SecretKey | AsymmetricKey): Buffer {
  if (!('value' in base) || base.keyType !== keyTypes.CKK_GENERIC_SECRET) {
    throw new Ep11Error('CKR_KEY_TYPE_INCONSISTENT', 'A master key is derived from a generic secret.')
  }
  if (base.value.length < SEED_BYTES_MIN || base.value.length > SEED_BYTES_MAX) {
    throw new Ep11Error('CKR_KEY_SIZE_RANGE', `A seed has ${SEED_BYTES_MIN} to ${SEED_BYTES_MAX} bytes.`)
  }
  return base.value
}

function parentOf(base: SecretKey | AsymmetricKey, type: 'private' | 'public', curve: Curve): KeyObject {
  if (!('key' in base) || base.keyType !== keyTypes.CKK_EC || base.key.type !== type) {
    throw new Ep11Error('CKR_KEY_TYPE_INCONSISTENT', `This child is derived from a ${type} key.`)
  }
  if (curveOf(base.key) !== curve) {
    throw new Ep11Error('CKR_TEMPLATE_INCONSISTENT', 'A child is on the curve of its parent.')
  }
  return base.key
}

/** SLIP-10 hashes on until the left half is a key; BIP32 gives up. */
function masterOf(seed: Buffer, curve: Curve, masterKey: string, isSlip10: boolean): DerivedWalletKey {
  let output = hmac(Buffer.from(masterKey), seed)
  while (curve.kind === 'weierstrass' && !isScalar(output.left, curve)) {
    if (!isSlip10) throw noKey()
    output = hmac(Buffer.from(masterKey), output.left, output.right)
  }
  return finished(curve, output.left, output.right)
}

function privateChild(
  parent: KeyObject,
  curve: Curve,
  chainCode: Buffer,
  index: number,
  isSlip10: boolean,
): DerivedWalletKey {
  const isHardened = index >= HARDENED
  const secret = secretOf(parent)
  try {
    const ofParent = isHardened ? hmac(chainCode, Buffer.from([0]), secret, indexBytes(index)) : undefined
    if (curve.kind === 'weierstrass') {
      const first = ofParent ?? hmac(chainCode, compressedBytes(curve, publicPoint(curve, parent)), indexBytes(index))
      return privateSum(curve, secret, chainCode, first, index, isSlip10)
    }
    if (ofParent === undefined) throw parameterInvalid('On this curve all children are hardened.')
    return finished(curve, ofParent.left, ofParent.right)
  } finally {
    secret.fill(0)
  }
}

function privateSum(
  curve: WeierstrassCurve,
  secret: Buffer,
  chainCode: Buffer,
  first: Halves,
  index: number,
  isSlip10: boolean,
): DerivedWalletKey {
  for (let output = first; ; output = retried(chainCode, output, index, isSlip10)) {
    const left = integerOf(output.left)
    if (left >= curve.order) continue
    const child = modulo(left + blinded(integerOf(secret), curve.order), curve.order)
    if (child !== 0n) return finished(curve, unsignedBytes(child, KEY_BYTES), output.right, output.left)
  }
}

function publicChild(
  parent: KeyObject,
  curve: Curve,
  chainCode: Buffer,
  index: number,
  isSlip10: boolean,
): DerivedWalletKey {
  if (curve.kind !== 'weierstrass') throw parameterInvalid('On this curve a public key has no children.')
  if (index >= HARDENED) throw parameterInvalid('A public key has no hardened children.')
  const point = publicPoint(curve, parent)
  let output = hmac(chainCode, compressedBytes(curve, point), indexBytes(index))
  for (; ; output = retried(chainCode, output, index, isSlip10)) {
    const left = integerOf(output.left)
    const child = left < curve.order ? plusBaseMultiple(curve, point, left) : undefined
    if (child === undefined) continue
    return { key: publicKeyOfPoint(curve, bytesOfPoint(curve, child)), chainCode: output.right }
  }
}

/** SLIP-10, "Private parent key → private child key", step 5. */
function retried(chainCode: Buffer, { left, right }: Halves, index: number, isSlip10: boolean): Halves {
  left.fill(0)
  if (!isSlip10) throw noKey()
  return hmac(chainCode, Buffer.from([1]), right, indexBytes(index))
}

interface Halves {
  readonly left: Buffer
  readonly right: Buffer
}

function hmac(key: Buffer, ...pieces: readonly Uint8Array[]): Halves {
  const mac = createHmac('sha512', key)
  for (const piece of pieces) mac.update(piece)
  const bytes = mac.digest()
  return { left: bytes.subarray(0, KEY_BYTES), right: bytes.subarray(KEY_BYTES) }
}

/** Zeroes what the key was made of. */
function finished(curve: Curve, secret: Buffer, chainCode: Buffer, ...spent: readonly Buffer[]): DerivedWalletKey {
  const key = privateKeyOfSecret(curve, secret)
  for (const bytes of [secret, ...spent]) bytes.fill(0)
  return { key, chainCode }
}

function isScalar(bytes: Buffer, { order }: WeierstrassCurve): boolean {
  const number = integerOf(bytes)
  return number > 0n && number < order
}

function publicPoint(curve: WeierstrassCurve, key: KeyObject): Point {
  return pointOfBytes(curve, pointOf(key))
}

function indexBytes(index: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(index)
  return bytes
}

function noKey(): Ep11Error {
  return new Ep11Error('CKR_FUNCTION_FAILED', 'BIP32 has no key here; the next index has one.')
}

function parameterInvalid(message: string): Ep11Error {
  return new Ep11Error('CKR_MECHANISM_PARAM_INVALID', message)
}
