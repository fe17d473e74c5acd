/** Encryption and decryption: one shot, in parts, and from one key to another without the plaintext leaving. */
import {
  demandMaced,
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
import { cipherMechanisms } from '../ciphers/cipher-mechanisms.ts'
import { asymmetricCiphers } from '../families.ts'
import type { Direction, RunningCipher } from '../mechanism-parts.ts'
import { begin, demandFresh, goOn, keyOf, withOperation, type OpenOperation } from '../multi-part.ts'
import type { OpenedKey } from '../opened-key.ts'
import type { AsymmetricKey, SecretKey } from '../usable-key.ts'

const usages = { encrypt: 'ENCRYPT', decrypt: 'DECRYPT' } as const

/** Runs data through a key whose usage was held against what is asked. */
type OneShot = (data: Buffer) => Buffer

/** @throws Ep11Error for a key of another kind or without the usage, and whatever the mechanism checks */
function oneShot(direction: Direction, use: MechanismUse, key: OpenedKey): OneShot {
  const { value, parameter } = use
  const symmetric = cipherMechanisms.get(value)
  if (symmetric !== undefined) {
    const secret: SecretKey = demandSecret(key)
    symmetric.check(secret, parameter)
    demandUsage(key, usages[direction])
    return (data) => symmetric.run(direction, secret, parameter, data)
  }
  const asymmetric = asymmetricCiphers.get(value)
  if (asymmetric === undefined) throw mechanismInvalid()
  const usable = asymmetricKey(direction, key)
  asymmetric.check(usable, parameter)
  demandUsage(key, usages[direction])
  return (data) => asymmetric[direction](usable, parameter, data)
}

function asymmetricKey(direction: Direction, key: OpenedKey): AsymmetricKey {
  if (direction === 'decrypt') return demandPrivate(key)
  const given = demandPublic(key)
  demandMaced(given)
  return given
}

function init(direction: Direction, mechanism: MechanismUse, object: Buffer, call: Call): Buffer {
  demandMechanism(call, mechanism, usages[direction])
  const key = openObject(call, object, 'keyFingerprint')
  oneShot(direction, mechanism, key)
  return begin(call, direction, mechanism, key, object)
}

function shoot(direction: Direction, state: Buffer, data: Buffer, call: Call): Buffer {
  call.facts.request.dataLength = data.length
  return withOperation(call, direction, state, (operation) => {
    demandFresh(operation)
    return oneShot(direction, operation.mechanism, keyOf(operation))(data)
  })
}

function update(direction: Direction, state: Buffer, data: Buffer, call: Call): { state: Buffer; piece: Buffer } {
  call.facts.request.dataLength = data.length
  return withOperation(call, direction, state, (operation) => {
    const running = runningOf(direction, operation)
    const piece = running.update(data)
    return { state: goOn(call, operation, running.save()), piece }
  })
}

function finish(direction: Direction, state: Buffer, call: Call): Buffer {
  return withOperation(call, direction, state, (operation) => runningOf(direction, operation).finish())
}

/** @throws Ep11Error `CKR_MECHANISM_INVALID` for a mechanism that takes its data at once */
function runningOf(direction: Direction, operation: OpenOperation): RunningCipher {
  const { mechanism, saved } = operation
  const symmetric = cipherMechanisms.get(mechanism.value)
  if (symmetric === undefined) throw mechanismInvalid()
  const secret = demandSecret(keyOf(operation))
  if (saved !== undefined) return symmetric.restore(direction, secret, saved)
  return symmetric.start(direction, secret, mechanism.parameter)
}

function single(direction: Direction, mechanism: MechanismUse, object: Buffer, data: Buffer, call: Call): Buffer {
  call.facts.request.dataLength = data.length
  demandMechanism(call, mechanism, usages[direction])
  return oneShot(direction, mechanism, openObject(call, object, 'keyFingerprint'))(data)
}

export function encryptInit({ mechanism, key }: CallRequest<'EncryptInit'>, call: Call): CallAnswer<'EncryptInit'> {
  return { state: init('encrypt', mechanism, key, call) }
}

export function decryptInit({ mechanism, key }: CallRequest<'DecryptInit'>, call: Call): CallAnswer<'DecryptInit'> {
  return { state: init('decrypt', mechanism, key, call) }
}

export function encryptUpdate({ state, plain }: CallRequest<'EncryptUpdate'>, call: Call): CallAnswer<'EncryptUpdate'> {
  const { piece, ...next } = update('encrypt', state, plain, call)
  return { ...next, ciphered: piece }
}

export function decryptUpdate(
  { state, ciphered }: CallRequest<'DecryptUpdate'>,
  call: Call,
): CallAnswer<'DecryptUpdate'> {
  const { piece, ...next } = update('decrypt', state, ciphered, call)
  return { ...next, plain: piece }
}

export function encrypt({ state, plain }: CallRequest<'Encrypt'>, call: Call): CallAnswer<'Encrypt'> {
  return { ciphered: shoot('encrypt', state, plain, call) }
}

export function decrypt({ state, ciphered }: CallRequest<'Decrypt'>, call: Call): CallAnswer<'Decrypt'> {
  return { plain: shoot('decrypt', state, ciphered, call) }
}

export function encryptFinal({ state }: CallRequest<'EncryptFinal'>, call: Call): CallAnswer<'EncryptFinal'> {
  return { ciphered: finish('encrypt', state, call) }
}

export function decryptFinal({ state }: CallRequest<'DecryptFinal'>, call: Call): CallAnswer<'DecryptFinal'> {
  return { plain: finish('decrypt', state, call) }
}

export function encryptSingle(
  { mechanism, key, plain }: CallRequest<'EncryptSingle'>,
  call: Call,
): CallAnswer<'EncryptSingle'> {
  return { ciphered: single('encrypt', mechanism, key, plain, call) }
}

export function decryptSingle(
  { mechanism, key, ciphered }: CallRequest<'DecryptSingle'>,
  call: Call,
): CallAnswer<'DecryptSingle'> {
  return { plain: single('decrypt', mechanism, key, ciphered, call) }
}

export function reencryptSingle(
  { decMechanism, encMechanism, decKey, encKey, ciphered }: CallRequest<'ReencryptSingle'>,
  call: Call,
): CallAnswer<'ReencryptSingle'> {
  call.facts.request.dataLength = ciphered.length
  demandMechanism(call, decMechanism, 'DECRYPT', 'decMechanism')
  demandMechanism(call, encMechanism, 'ENCRYPT', 'encMechanism')
  const from = oneShot('decrypt', decMechanism, openObject(call, decKey, 'keyFingerprint'))
  const to = oneShot('encrypt', encMechanism, openObject(call, encKey, 'newKeyFingerprint'))
  const plain = from(ciphered)
  try {
    return { reciphered: to(plain) }
  } finally {
    plain.fill(0)
  }
}
