/** The methods that take data: random numbers, digests, encryption and decryption (reference grep11, sections 2 and 14.5). */
import type { Ep11Client } from '../../units/ep11-client.ts'
import type { Ep11Method } from '../method.ts'
import { Ep11Error } from '@keywitness/crypto-unit/ep11/ep11-error'
import { Crypto } from '../schema/grep11_pb.ts'
import { bytesOf, keyOf } from './keys.ts'
import { mechanismOf } from './mechanisms.ts'
import { cryptoUse } from './use.ts'

const { method } = Crypto

export function dataMethods(unit: Pick<Ep11Client, 'call'>): Ep11Method[] {
  return [...randomAndDigests(unit), ...encryption(unit), ...decryption(unit)]
}

function randomAndDigests(unit: Pick<Ep11Client, 'call'>): Ep11Method[] {
  return [
    cryptoUse(unit, {
      method: method.generateRandom,
      name: 'GenerateRandom',
      permissions: ['generaterandom'],
      read: ({ len }) => ({ length: lengthOf(len) }),
      write: ({ random }) => ({ rnd: random }),
    }),
    cryptoUse(unit, {
      method: method.digestInit,
      name: 'DigestInit',
      permissions: ['digest'],
      read: ({ mech }) => ({ mechanism: mechanismOf(mech) }),
      write: ({ state }) => ({ state }),
    }),
    cryptoUse(unit, {
      method: method.digest,
      name: 'Digest',
      permissions: ['digest'],
      read: ({ state, data }) => ({ state: bytesOf(state), data: bytesOf(data) }),
      write: ({ digest }) => ({ digest }),
    }),
    cryptoUse(unit, {
      method: method.digestUpdate,
      name: 'DigestUpdate',
      permissions: ['digest'],
      read: ({ state, data }) => ({ state: bytesOf(state), data: bytesOf(data) }),
      write: ({ state }) => ({ state }),
    }),
    cryptoUse(unit, {
      method: method.digestKey,
      name: 'DigestKey',
      permissions: ['digestkey'],
      read: ({ state, key, keyBytes }) => ({ state: bytesOf(state), key: keyOf(key, keyBytes) }),
      write: ({ state }) => ({ state }),
    }),
    cryptoUse(unit, {
      method: method.digestFinal,
      name: 'DigestFinal',
      permissions: ['digest'],
      read: ({ state }) => ({ state: bytesOf(state) }),
      write: ({ digest }) => ({ digest }),
    }),
    cryptoUse(unit, {
      method: method.digestSingle,
      name: 'DigestSingle',
      permissions: ['digest'],
      read: ({ mech, data }) => ({ mechanism: mechanismOf(mech), data: bytesOf(data) }),
      write: ({ digest }) => ({ digest }),
    }),
  ]
}

function encryption(unit: Pick<Ep11Client, 'call'>): Ep11Method[] {
  return [
    cryptoUse(unit, {
      method: method.encryptInit,
      name: 'EncryptInit',
      permissions: ['encrypt'],
      read: ({ mech, key, keyBytes }) => ({ mechanism: mechanismOf(mech), key: keyOf(key, keyBytes) }),
      write: ({ state }) => ({ state }),
    }),
    cryptoUse(unit, {
      method: method.encryptUpdate,
      name: 'EncryptUpdate',
      permissions: ['encrypt'],
      read: ({ state, plain }) => ({ state: bytesOf(state), plain: bytesOf(plain) }),
      write: ({ state, ciphered }) => ({ state, ciphered }),
    }),
    cryptoUse(unit, {
      method: method.encrypt,
      name: 'Encrypt',
      permissions: ['encrypt'],
      read: ({ state, plain }) => ({ state: bytesOf(state), plain: bytesOf(plain) }),
      write: ({ ciphered }) => ({ ciphered }),
    }),
    cryptoUse(unit, {
      method: method.encryptFinal,
      name: 'EncryptFinal',
      permissions: ['encrypt'],
      read: ({ state }) => ({ state: bytesOf(state) }),
      write: ({ ciphered }) => ({ ciphered }),
    }),
    cryptoUse(unit, {
      method: method.encryptSingle,
      name: 'EncryptSingle',
      permissions: ['encrypt'],
      read: ({ mech, key, keyBytes, plain }) => ({
        mechanism: mechanismOf(mech),
        key: keyOf(key, keyBytes),
        plain: bytesOf(plain),
      }),
      write: ({ ciphered }) => ({ ciphered }),
    }),
  ]
}

function decryption(unit: Pick<Ep11Client, 'call'>): Ep11Method[] {
  return [
    cryptoUse(unit, {
      method: method.decryptInit,
      name: 'DecryptInit',
      permissions: ['decrypt'],
      read: ({ mech, key, keyBytes }) => ({ mechanism: mechanismOf(mech), key: keyOf(key, keyBytes) }),
      write: ({ state }) => ({ state }),
    }),
    cryptoUse(unit, {
      method: method.decryptUpdate,
      name: 'DecryptUpdate',
      permissions: ['decrypt'],
      read: ({ state, ciphered }) => ({ state: bytesOf(state), ciphered: bytesOf(ciphered) }),
      write: ({ state, plain }) => ({ state, plain }),
    }),
    cryptoUse(unit, {
      method: method.decrypt,
      name: 'Decrypt',
      permissions: ['decrypt'],
      read: ({ state, ciphered }) => ({ state: bytesOf(state), ciphered: bytesOf(ciphered) }),
      write: ({ plain }) => ({ plain }),
    }),
    cryptoUse(unit, {
      method: method.decryptFinal,
      name: 'DecryptFinal',
      permissions: ['decrypt'],
      read: ({ state }) => ({ state: bytesOf(state) }),
      write: ({ plain }) => ({ plain }),
    }),
    cryptoUse(unit, {
      method: method.decryptSingle,
      name: 'DecryptSingle',
      permissions: ['decrypt'],
      read: ({ mech, key, keyBytes, ciphered }) => ({
        mechanism: mechanismOf(mech),
        key: keyOf(key, keyBytes),
        ciphered: bytesOf(ciphered),
      }),
      write: ({ plain }) => ({ plain }),
    }),
    cryptoUse(unit, {
      method: method.reencryptSingle,
      name: 'ReencryptSingle',
      permissions: ['decrypt', 'encrypt'],
      read: ({ decMech, encMech, decKey, decKeyBytes, encKey, encKeyBytes, ciphered }) => ({
        decMechanism: mechanismOf(decMech),
        encMechanism: mechanismOf(encMech),
        decKey: keyOf(decKey, decKeyBytes),
        encKey: keyOf(encKey, encKeyBytes),
        ciphered: bytesOf(ciphered),
      }),
      write: ({ reciphered }) => ({ reciphered }),
    }),
  ]
}

function lengthOf(length: bigint): number {
  if (length > 0xffff_ffffn) throw new Ep11Error('CKR_DATA_LEN_RANGE', 'So many random bytes are not given at once.')
  return Number(length)
}
