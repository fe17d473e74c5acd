/** The methods about keys and the unit itself: made, wrapped, derived, described; logins (reference grep11, sections 2, 14.5). */
import type { Ep11Client } from '../../units/ep11-client.ts'
import type { Ep11Method } from '../method.ts'
import { Crypto } from '../schema/grep11_pb.ts'
import { bytesFor, templateOf, typesOf, valuesFor } from './attributes.ts'
import { bytesOf, keyBlobOf, keyOf } from './keys.ts'
import { mechanismOf, mechanismValue } from './mechanisms.ts'
import { cryptoUse } from './use.ts'

const { method } = Crypto

export function keyMethods(unit: Pick<Ep11Client, 'call'>): Ep11Method[] {
  return [...making(unit), ...wrapping(unit), ...describing(unit), ...sessions(unit)]
}

function making(unit: Pick<Ep11Client, 'call'>): Ep11Method[] {
  return [
    cryptoUse(unit, {
      method: method.generateKey,
      name: 'GenerateKey',
      permissions: ['generatekey'],
      read: ({ mech, template, templateBytes }) => ({
        mechanism: mechanismOf(mech),
        template: templateOf(template, templateBytes),
      }),
      write: ({ key, checkSum }) => ({ keyBytes: key, checkSum, key: keyBlobOf(key) }),
    }),
    cryptoUse(unit, {
      method: method.generateKeyPair,
      name: 'GenerateKeyPair',
      permissions: ['generatekeypair'],
      read: ({ mech, privKeyTemplate, privKeyTemplateBytes, pubKeyTemplate, pubKeyTemplateBytes }) => ({
        mechanism: mechanismOf(mech),
        privateTemplate: templateOf(privKeyTemplate, privKeyTemplateBytes),
        publicTemplate: templateOf(pubKeyTemplate, pubKeyTemplateBytes),
      }),
      write: ({ privateKey, publicKey }) => ({
        privKeyBytes: privateKey,
        pubKeyBytes: publicKey,
        privKey: keyBlobOf(privateKey),
        pubKey: keyBlobOf(publicKey),
      }),
    }),
    cryptoUse(unit, {
      method: method.deriveKey,
      name: 'DeriveKey',
      permissions: ['derivekey'],
      read: ({ mech, template, templateBytes, baseKey, baseKeyBytes, data }) => ({
        mechanism: mechanismOf(mech),
        baseKey: keyOf(baseKey, baseKeyBytes),
        data: bytesOf(data),
        template: templateOf(template, templateBytes),
      }),
      write: ({ key, checkSum }) => ({ newKeyBytes: key, checkSum, newKey: keyBlobOf(key) }),
    }),
  ]
}

function wrapping(unit: Pick<Ep11Client, 'call'>): Ep11Method[] {
  return [
    cryptoUse(unit, {
      method: method.wrapKey,
      name: 'WrapKey',
      permissions: ['wrapkey'],
      read: ({ mech, key, keyBytes, kek, kekBytes, macKey, macKeyBytes }) => ({
        mechanism: mechanismOf(mech),
        key: keyOf(key, keyBytes),
        kek: keyOf(kek, kekBytes),
        macKey: keyOf(macKey, macKeyBytes),
      }),
      write: ({ wrapped }) => ({ wrapped }),
    }),
    cryptoUse(unit, {
      method: method.unwrapKey,
      name: 'UnwrapKey',
      permissions: ['unwrapkey'],
      read: ({ mech, wrapped, kek, kekBytes, macKey, macKeyBytes, template, templateBytes }) => ({
        mechanism: mechanismOf(mech),
        wrapped: bytesOf(wrapped),
        kek: keyOf(kek, kekBytes),
        macKey: keyOf(macKey, macKeyBytes),
        template: templateOf(template, templateBytes),
      }),
      write: ({ key, checkSum }) => ({ unwrappedBytes: key, checkSum, unwrapped: keyBlobOf(key) }),
    }),
    cryptoUse(unit, {
      method: method.rewrapKeyBlob,
      name: 'RewrapKeyBlob',
      permissions: ['rewrapkeyblob'],
      read: ({ wrappedKey, wrappedKeyBytes }) => ({ key: keyOf(wrappedKey, wrappedKeyBytes) }),
      write: ({ key }) => ({ rewrappedKeyBytes: key, rewrappedKey: keyBlobOf(key) }),
    }),
  ]
}

function describing(unit: Pick<Ep11Client, 'call'>): Ep11Method[] {
  return [
    cryptoUse(unit, {
      method: method.getMechanismList,
      name: 'GetMechanismList',
      permissions: ['getmechanismlist'],
      read: () => ({}),
      write: ({ mechanisms }) => ({ mechs: mechanisms.map(BigInt) }),
    }),
    cryptoUse(unit, {
      method: method.getMechanismInfo,
      name: 'GetMechanismInfo',
      permissions: ['getmechanisminfo'],
      read: ({ mech }) => ({ mechanism: mechanismValue(mech) }),
      write: ({ sizeMin, sizeMax, flags }) => ({
        mechInfo: { minKeySize: BigInt(sizeMin), maxKeySize: BigInt(sizeMax), flags: BigInt(flags) },
      }),
    }),
    cryptoUse(unit, {
      method: method.getAttributeValue,
      name: 'GetAttributeValue',
      permissions: ['getattributevalue'],
      read: ({ object, attributes, attributesBytes }) => ({
        object: bytesOf(object),
        attributes: typesOf(attributes, attributesBytes),
      }),
      write: (answer, { attributes, attributesBytes }) => ({
        attributes: valuesFor(attributes, answer.attributes),
        attributesBytes: bytesFor(attributesBytes, answer.attributes),
      }),
    }),
    cryptoUse(unit, {
      method: method.setAttributeValue,
      name: 'SetAttributeValue',
      permissions: ['setattributevalue'],
      read: ({ object, attributes, attributesBytes }) => ({
        object: bytesOf(object),
        attributes: templateOf(attributes, attributesBytes),
      }),
      write: ({ object }) => ({ object }),
    }),
  ]
}

/** IAM has no action for them: any use of EP11 permits them. */
function sessions(unit: Pick<Ep11Client, 'call'>): Ep11Method[] {
  return [
    cryptoUse(unit, {
      method: method.login,
      name: 'Login',
      permissions: [],
      read: ({ storeId, pin }) => ({ storeId: bytesOf(storeId), pin: bytesOf(pin) }),
      write: ({ pinBlob }) => ({ pinBlob }),
    }),
    cryptoUse(unit, {
      method: method.logout,
      name: 'Logout',
      permissions: [],
      read: () => ({}),
      write: () => ({}),
    }),
  ]
}
