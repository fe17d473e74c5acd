/** Signatures and MACs, made and verified: one shot, and in parts where the mechanism hashes its data itself. */
import { timingSafeEqual } from 'node:crypto'
import {
  demandMechanism,
  demandPrivate,
  demandPublic,
  demandSecret,
  demandUsage,
  mechanismInvalid,
  openObject,
  type Call,
} from '../call.ts'
import type { CallAnswer, CallRequest, MechanismUse } from '../calls.ts'
import { digestMechanisms } from '../digests/digest-mechanisms.ts'
import { Ep11Error } from '../ep11-error.ts'
import { signatureMechanisms } from '../families.ts'
import { macMechanisms } from '../macs/mac-mechanisms.ts'
import type { RunningDigest } from '../mechanism-parts.ts'
import { mechanisms } from '../mechanisms.ts'
import { begin, demandFresh, goOn, keyOf, withOperation, type OpenOperation } from '../multi-part.ts'
import type { OpenedKey } from '../opened-key.ts'

type Purpose = 'sign' | 'verify'
const usages = { sign: 'SIGN', verify: 'VERIFY' } as const

/** Signs and verifies with a key that was held against what is asked. */
interface Signer {
  readonly sign: (data: Buffer) => Buffer
  /** Returns when it verifies. */
  readonly verify: (data: Buffer, signature: Buffer) => void
  /** In parts; undefined for a mechanism that takes its data at once. */
  readonly parts: SignerInParts | undefined
}

interface SignerInParts {
  readonly start: () => RunningDigest
  readonly restore: (saved: Buffer) => RunningDigest
  readonly sign: (running: RunningDigest) => Buffer
  readonly verify: (running: RunningDigest, signature: Buffer) => void
}

/** @throws Ep11Error for a key of another kind or without the usage, and whatever the mechanism checks */
function signerOf(purpose: Purpose, use: MechanismUse, key: OpenedKey): Signer {
  const signer = macMechanisms.has(use.value) ? macSigner(use, key) : asymmetricSigner(purpose, use, key)
  const isRaw = key.class === 'public' && !key.isMaced
  if (!isRaw) demandUsage(key, usages[purpose])
  return signer
}

function macSigner({ value, parameter }: MechanismUse, key: OpenedKey): Signer {
  const mechanism = macMechanisms.get(value)
  if (mechanism === undefined) throw mechanismInvalid()
  const secret = demandSecret(key)
  mechanism.check(secret, parameter)
  return {
    sign: (data) => mechanism.mac(secret, data),
    verify: (data, signature) => demandSame(mechanism.mac(secret, data), signature),
    parts: {
      start: () => mechanism.start(secret),
      restore: (saved) => mechanism.restore(secret, saved),
      sign: (running) => running.finish(),
      verify: (running, signature) => demandSame(running.finish(), signature),
    },
  }
}

function asymmetricSigner(purpose: Purpose, { value, parameter }: MechanismUse, key: OpenedKey): Signer {
  const mechanism = signatureMechanisms.get(value)
  if (mechanism === undefined) throw mechanismInvalid()
  const usable = purpose === 'sign' ? demandPrivate(key) : demandPublic(key)
  mechanism.check(usable, parameter)
  const { digested } = mechanism
  const digests = digested && digestMechanisms.get(digested.digest)
  return {
    sign: (data) => mechanism.sign(usable, parameter, data),
    verify: (data, signature) => mechanism.verify(usable, parameter, data, signature),
    parts: digests && {
      start: () => digests.start(),
      restore: (saved) => digests.restore(saved),
      sign: (running) => digested.sign(usable, parameter, running.finish()),
      verify: (running, signature) => digested.verify(usable, parameter, running.finish(), signature),
    },
  }
}

/** @throws Ep11Error `CKR_SIGNATURE_LEN_RANGE`, `CKR_SIGNATURE_INVALID` */
function demandSame(mac: Buffer, signature: Buffer): void {
  if (mac.length !== signature.length) {
    throw new Ep11Error('CKR_SIGNATURE_LEN_RANGE', `A MAC of this mechanism has ${mac.length} bytes.`)
  }
  if (timingSafeEqual(mac, signature)) return
  throw new Ep11Error('CKR_SIGNATURE_INVALID', 'The MAC is not one of these data with this key.')
}

function init(purpose: Purpose, mechanism: MechanismUse, object: Buffer, call: Call): Buffer {
  demandMechanism(call, mechanism, usages[purpose])
  // One call only, as the device has it (section 7).
  if (mechanism.value === mechanisms.CKM_IBM_ECDSA_OTHER.value) throw mechanismInvalid()
  const key = openObject(call, object, 'keyFingerprint')
  signerOf(purpose, mechanism, key)
  return begin(call, purpose, mechanism, key, object)
}

function shoot<Result>(
  purpose: Purpose,
  state: Buffer,
  data: Buffer,
  call: Call,
  run: (signer: Signer) => Result,
): Result {
  call.facts.request.dataLength = data.length
  return withOperation(call, purpose, state, (operation) => {
    demandFresh(operation)
    return run(signerOf(purpose, operation.mechanism, keyOf(operation)))
  })
}

function update(purpose: Purpose, state: Buffer, data: Buffer, call: Call): { state: Buffer } {
  call.facts.request.dataLength = data.length
  return withOperation(call, purpose, state, (operation) => {
    const { running } = runningOf(purpose, operation)
    running.update(data)
    return { state: goOn(call, operation, running.save()) }
  })
}

/** @throws Ep11Error `CKR_MECHANISM_INVALID` for a mechanism that takes its data at once */
function runningOf(purpose: Purpose, operation: OpenOperation): { parts: SignerInParts; running: RunningDigest } {
  const { parts } = signerOf(purpose, operation.mechanism, keyOf(operation))
  if (parts === undefined) throw mechanismInvalid()
  return { parts, running: operation.saved === undefined ? parts.start() : parts.restore(operation.saved) }
}

function single<Result>(
  purpose: Purpose,
  { mechanism, key, data }: { readonly mechanism: MechanismUse; readonly key: Buffer; readonly data: Buffer },
  call: Call,
  run: (signer: Signer) => Result,
): Result {
  call.facts.request.dataLength = data.length
  demandMechanism(call, mechanism, usages[purpose])
  return run(signerOf(purpose, mechanism, openObject(call, key, 'keyFingerprint')))
}

export function signInit({ mechanism, key }: CallRequest<'SignInit'>, call: Call): CallAnswer<'SignInit'> {
  return { state: init('sign', mechanism, key, call) }
}

export function verifyInit({ mechanism, key }: CallRequest<'VerifyInit'>, call: Call): CallAnswer<'VerifyInit'> {
  return { state: init('verify', mechanism, key, call) }
}

export function signUpdate({ state, data }: CallRequest<'SignUpdate'>, call: Call): CallAnswer<'SignUpdate'> {
  return update('sign', state, data, call)
}

export function verifyUpdate({ state, data }: CallRequest<'VerifyUpdate'>, call: Call): CallAnswer<'VerifyUpdate'> {
  return update('verify', state, data, call)
}

export function signFinal({ state }: CallRequest<'SignFinal'>, call: Call): CallAnswer<'SignFinal'> {
  return withOperation(call, 'sign', state, (operation) => {
    const { parts, running } = runningOf('sign', operation)
    return { signature: parts.sign(running) }
  })
}

export function verifyFinal({ state, signature }: CallRequest<'VerifyFinal'>, call: Call): CallAnswer<'VerifyFinal'> {
  return withOperation(call, 'verify', state, (operation) => {
    const { parts, running } = runningOf('verify', operation)
    parts.verify(running, signature)
    return {}
  })
}

export function sign({ state, data }: CallRequest<'Sign'>, call: Call): CallAnswer<'Sign'> {
  return shoot('sign', state, data, call, (signer) => ({ signature: signer.sign(data) }))
}

export function verify({ state, data, signature }: CallRequest<'Verify'>, call: Call): CallAnswer<'Verify'> {
  return shoot('verify', state, data, call, (signer) => {
    signer.verify(data, signature)
    return {}
  })
}

export function signSingle(request: CallRequest<'SignSingle'>, call: Call): CallAnswer<'SignSingle'> {
  return single('sign', request, call, (signer) => ({ signature: signer.sign(request.data) }))
}

export function verifySingle(request: CallRequest<'VerifySingle'>, call: Call): CallAnswer<'VerifySingle'> {
  return single('verify', request, call, (signer) => {
    signer.verify(request.data, request.signature)
    return {}
  })
}
