/** One call of EP11 inside the unit: whom it is for, what it has to work with, and what its event will tell. */
import type { FrameBatch } from '../frames.ts'
import type { IvPool } from '../iv-pool.ts'
import { controlPoints, hasControlPoint } from '../tke/attributes.ts'
import type { UnitSet, Workplace } from '../unit-set.ts'
import { attributeBits, keyTypes } from './attributes.ts'
import type { CallFacts, MechanismUse } from './calls.ts'
import { Ep11Error } from './ep11-error.ts'
import type { Generations } from './generations.ts'
import { sealKey } from './key-blob.ts'
import { mechanismFlags, mechanismName, mechanisms, type Mechanism, type MechanismName } from './mechanisms.ts'
import { demandObject, demandSession, fingerprintOf, type OpenedObjects } from './object-opener.ts'
import type { BlobKey, OpenedKey, PrivateBlobKey, PublicObjectKey, SecretBlobKey } from './opened-key.ts'
import { makePublicObject } from './public-object.ts'
import type { ReturnValue } from './return-values.ts'
import { nonceOf } from './sealed-object.ts'
import { openPinBlob } from './session-id.ts'
import type { SpentSet } from './spent-set.ts'

/** What the calls of a process share. */
export interface Ep11Holdings {
  readonly units: UnitSet
  readonly opened: OpenedObjects
  /** States that were used, and sessions that ended. */
  readonly spentStates: SpentSet
  readonly endedSessions: SpentSet
  readonly generations: Generations
  readonly ivs: IvPool
  /** What is sealed is put together here. */
  readonly scratch: FrameBatch
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

type Told<Facts> = { -readonly [Name in keyof Facts]: Facts[Name] }

export interface Call {
  readonly instance: string
  /** The session that the caller shows, as it was shown, and what binds keys to it. */
  readonly session: { readonly shown: Buffer; readonly binding: Buffer } | undefined
  readonly facts: { readonly [Part in keyof CallFacts]: Told<CallFacts[Part]> }
  readonly holdings: Ep11Holdings
}

/** As it is now: while a call waits for a prime number, the master key may change. @throws UnitError `NOT_READY` */
export function workplaceOf({ holdings, instance }: Call): Workplace {
  return holdings.units.workplace(instance)
}

/**
 * The session that a caller shows.
 * @throws Ep11Error `CKR_SESSION_CLOSED` for one that ended, and as `openPinBlob`
 */
export function openSession(call: Call, shown: Buffer): NonNullable<Call['session']> {
  const { instance, holdings } = call
  const binding = openPinBlob(shown, instance, workplaceOf(call).active)
  if (!holdings.endedSessions.has(instance, sessionName(shown))) return { shown, binding }
  throw new Ep11Error('CKR_SESSION_CLOSED', 'The session has ended.')
}

/** What a session is known by once it has ended. */
export function sessionName(shown: Buffer): string {
  return nonceOf(shown).toString('latin1')
}

/** Names under which events tell a key that a call uses. */
type KeyFact = 'keyFingerprint' | 'baseKeyFingerprint' | 'kekFingerprint' | 'macKeyFingerprint' | 'newKeyFingerprint'

/**
 * The key or public key object that a caller gave, with its session held against the call's.
 * @throws Ep11Error `missing` for none, and as `OpenedObjects.open` and `demandSession`
 */
export function openObject(call: Call, object: Buffer, fact: KeyFact, missing?: ReturnValue): OpenedKey {
  const key = openOfAny(call, object, fact, missing)
  demandSession(key, call.session?.binding)
  return key
}

/** The same of whatever session, for an operation whose state says what it needs of one. */
export function openOfAny(call: Call, object: Buffer, fact: KeyFact, missing?: ReturnValue): OpenedKey {
  demandObject(object, missing)
  const tell = (fingerprint: string): void => {
    call.facts.request[fact] = fingerprint
  }
  return call.holdings.opened.open(object, call.instance, workplaceOf(call).active, tell)
}

/** @throws Ep11Error `CKR_KEY_FUNCTION_NOT_PERMITTED` */
export function demandUsage({ bits }: OpenedKey, usage: keyof typeof attributeBits): void {
  if ((bits & attributeBits[usage]) !== 0) return
  throw new Ep11Error('CKR_KEY_FUNCTION_NOT_PERMITTED', `The key's attributes do not permit this: ${usage} is not set.`)
}

/** @throws Ep11Error `refused` */
export function demandSecret(
  key: OpenedKey,
  refused: ReturnValue = 'CKR_KEY_TYPE_INCONSISTENT',
): OpenedKey<SecretBlobKey> {
  if (key.class === 'secret') return key
  throw new Ep11Error(refused, 'This needs a secret key.')
}

/** @throws Ep11Error `refused` */
export function demandPrivate(
  key: OpenedKey,
  refused: ReturnValue = 'CKR_KEY_TYPE_INCONSISTENT',
): OpenedKey<PrivateBlobKey> {
  if (key.class === 'private') return key
  throw new Ep11Error(refused, 'This needs a private key.')
}

/** @throws Ep11Error `refused` */
export function demandPublic(
  key: OpenedKey,
  refused: ReturnValue = 'CKR_KEY_TYPE_INCONSISTENT',
): OpenedKey<PublicObjectKey> {
  if (key.class === 'public') return key
  throw new Ep11Error(refused, 'This needs a public key.')
}

/** Nobody vouches for a raw SPKI, so nothing is entrusted to it. @throws Ep11Error `CKR_KEY_FUNCTION_NOT_PERMITTED` */
export function demandMaced({ isMaced }: OpenedKey<PublicObjectKey>): void {
  if (isMaced) return
  throw new Ep11Error(
    'CKR_KEY_FUNCTION_NOT_PERMITTED',
    'A bare SPKI only verifies: CKM_IBM_TRANSPORTKEY makes a public key object of it.',
  )
}

/** How an event names a mechanism. */
export function mechanismText(value: number): string {
  return mechanismName(value) ?? `CKM_0x${value.toString(16)}`
}

type MechanismFact = 'mechanism' | 'decMechanism' | 'encMechanism'

/** @throws Ep11Error `CKR_MECHANISM_INVALID` when it is not offered to this instance, or not for this */
export function demandMechanism(
  call: Call,
  { value }: MechanismUse,
  flag: keyof typeof mechanismFlags,
  fact: MechanismFact = 'mechanism',
): MechanismName {
  call.facts.request[fact] = mechanismText(value)
  const name = mechanismName(value)
  if (name !== undefined && isOffered(call, name) && (mechanisms[name].flags & mechanismFlags[flag]) !== 0) return name
  throw mechanismInvalid()
}

export function mechanismInvalid(): Ep11Error {
  return new Ep11Error('CKR_MECHANISM_INVALID', 'The mechanism is not offered, or does not do this.')
}

/** Whether the control points of the unit that works let a mechanism be. */
export function isOffered(call: Call, name: MechanismName): boolean {
  const { controlPoint }: Mechanism = mechanisms[name]
  return controlPoint === undefined || isControlPointOn(call, controlPoint)
}

export function isControlPointOn(call: Call, point: keyof typeof controlPoints): boolean {
  return hasControlPoint(workplaceOf(call).controlPoints, controlPoints[point])
}

/** What an event says of a key that is to be made. */
export function tellKey(
  { facts }: Call,
  key: { readonly keyType: number; readonly size: number; readonly curve: string; readonly bits: number },
): void {
  facts.request.keyType = keyTypeText(key.keyType)
  facts.request.keySize = key.size
  if (key.curve !== '') facts.request.curve = key.curve
  facts.request.extractable = (key.bits & attributeBits.EXTRACTABLE) !== 0
}

/** How an event names a type of key. */
export function keyTypeText(keyType: number): string {
  const name = Object.entries(keyTypes).find(([, value]) => value === keyType)?.[0]
  return name ?? `CKK_0x${keyType.toString(16)}`
}

/** A key as it came to be, without what the call adds to it. */
type NewKey = Omit<SecretBlobKey, 'createdAt' | 'binding'> | Omit<PrivateBlobKey, 'createdAt' | 'binding'>

/** The blob of a new key, bound to the session that the call shows. */
export function sealNew(call: Call, key: NewKey, fact: 'keyFingerprint' = 'keyFingerprint'): Buffer {
  const whole: BlobKey = { ...key, createdAt: call.holdings.now(), binding: call.session?.binding }
  const blob = sealAgain(call, whole)
  call.facts.response[fact] = fingerprintOf(blob)
  return blob
}

/** The blob of a key under the master key in force, with whatever binds it already. */
export function sealAgain(call: Call, key: BlobKey): Buffer {
  const { ivs, scratch } = call.holdings
  return sealKey(key, { instance: call.instance, master: workplaceOf(call).master, ivs, scratch })
}

/** The object of a new public key, bound to the session that the call shows. */
export function newPublicObject(
  call: Call,
  key: PublicObjectKey['key'],
  bits: number,
  fact: 'keyFingerprint' | 'publicKeyFingerprint',
): Buffer {
  const binding = call.session?.binding
  const object = makePublicObject({ key, bits, binding }, call.instance, workplaceOf(call).master)
  call.facts.response[fact] = fingerprintOf(object)
  return object
}
