/** The methods that sign and verify (reference grep11, sections 2 and 14.5). */
import type { Ep11Client } from '../../units/ep11-client.ts'
import type { Ep11Method } from '../method.ts'
import { Crypto } from '../schema/grep11_pb.ts'
import { bytesOf, keyOf } from './keys.ts'
import { mechanismOf } from './mechanisms.ts'
import { cryptoUse } from './use.ts'

const { method } = Crypto

export function signatureMethods(unit: Pick<Ep11Client, 'call'>): Ep11Method[] {
  return [...signing(unit), ...verifying(unit)]
}

function signing(unit: Pick<Ep11Client, 'call'>): Ep11Method[] {
  return [
    cryptoUse(unit, {
      method: method.signInit,
      name: 'SignInit',
      permissions: ['sign'],
      read: ({ mech, privKey, privKeyBytes }) => ({ mechanism: mechanismOf(mech), key: keyOf(privKey, privKeyBytes) }),
      write: ({ state }) => ({ state }),
    }),
    cryptoUse(unit, {
      method: method.signUpdate,
      name: 'SignUpdate',
      permissions: ['sign'],
      read: ({ state, data }) => ({ state: bytesOf(state), data: bytesOf(data) }),
      write: ({ state }) => ({ state }),
    }),
    cryptoUse(unit, {
      method: method.sign,
      name: 'Sign',
      permissions: ['sign'],
      read: ({ state, data }) => ({ state: bytesOf(state), data: bytesOf(data) }),
      write: ({ signature }) => ({ signature }),
    }),
    cryptoUse(unit, {
      method: method.signFinal,
      name: 'SignFinal',
      permissions: ['sign'],
      read: ({ state }) => ({ state: bytesOf(state) }),
      write: ({ signature }) => ({ signature }),
    }),
    cryptoUse(unit, {
      method: method.signSingle,
      name: 'SignSingle',
      permissions: ['sign'],
      read: ({ mech, privKey, privKeyBytes, data }) => ({
        mechanism: mechanismOf(mech),
        key: keyOf(privKey, privKeyBytes),
        data: bytesOf(data),
      }),
      write: ({ signature }) => ({ signature }),
    }),
  ]
}

function verifying(unit: Pick<Ep11Client, 'call'>): Ep11Method[] {
  return [
    cryptoUse(unit, {
      method: method.verifyInit,
      name: 'VerifyInit',
      permissions: ['verify'],
      read: ({ mech, pubKey, pubKeyBytes }) => ({ mechanism: mechanismOf(mech), key: keyOf(pubKey, pubKeyBytes) }),
      write: ({ state }) => ({ state }),
    }),
    cryptoUse(unit, {
      method: method.verifyUpdate,
      name: 'VerifyUpdate',
      permissions: ['verify'],
      read: ({ state, data }) => ({ state: bytesOf(state), data: bytesOf(data) }),
      write: ({ state }) => ({ state }),
    }),
    cryptoUse(unit, {
      method: method.verify,
      name: 'Verify',
      permissions: ['verify'],
      read: ({ state, data, signature }) => ({
        state: bytesOf(state),
        data: bytesOf(data),
        signature: bytesOf(signature),
      }),
      write: () => ({}),
    }),
    cryptoUse(unit, {
      method: method.verifyFinal,
      name: 'VerifyFinal',
      permissions: ['verify'],
      read: ({ state, signature }) => ({ state: bytesOf(state), signature: bytesOf(signature) }),
      write: () => ({}),
    }),
    cryptoUse(unit, {
      method: method.verifySingle,
      name: 'VerifySingle',
      permissions: ['verify'],
      read: ({ mech, pubKey, pubKeyBytes, data, signature }) => ({
        mechanism: mechanismOf(mech),
        key: keyOf(pubKey, pubKeyBytes),
        data: bytesOf(data),
        signature: bytesOf(signature),
      }),
      write: () => ({}),
    }),
  ]
}
