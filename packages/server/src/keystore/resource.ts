/** Keystores and objects as answers show them. */
import { Type } from 'typebox'
import { attributeTypes, keyTypes, objectClasses } from '@keywitness/crypto-unit/ep11/attributes'
import { Timestamp, timestamp } from '../http/schema.ts'
import { attributesJson, ShownAttributes } from './attribute-json.ts'
import { nameIn } from './attributes.ts'
import { allAttributes } from './key-content.ts'
import type { KeystoreRow, StoredObject } from './keystore-row.ts'

export const KeystoreView = Type.Object({
  id: Type.String(),
  name: Type.Optional(Type.String()),
  type: Type.String({ description: 'public or private' }),
  authenticated: Type.Boolean(),
  objects: Type.Integer({ description: 'Keys, certificates and data in it.' }),
  version: Type.Integer({ description: 'Grows with every change of what is in it.' }),
  createdAt: Timestamp,
  createdBy: Type.String(),
  createdByName: Type.Optional(Type.String({ description: 'While the account has this identity.' })),
})

export const ObjectView = Type.Object({
  id: Type.String(),
  keystore: Type.String(),
  version: Type.Integer(),
  class: Type.String({ description: 'CKO_ name' }),
  keyType: Type.Optional(Type.String({ description: 'CKK_ name' })),
  label: Type.Optional(Type.String({ description: 'CKA_LABEL, where it is a text.' })),
  attributes: ShownAttributes,
  object: Type.Optional(Type.String({ description: 'Base64; a key is as it was stored, under the master key.' })),
  createdAt: Timestamp,
  createdBy: Type.String(),
  updatedAt: Type.Optional(Timestamp),
  updatedBy: Type.Optional(Type.String()),
})

/** @param names of identities, by their ids */
export function keystoreResource(keystore: KeystoreRow, names: ReadonlyMap<string, string>): object {
  const { id, name, type, authenticated, objects, version, createdAt, createdBy } = keystore
  const createdByName = names.get(createdBy)
  return {
    id,
    ...(name === '' ? {} : { name }),
    type,
    authenticated: authenticated === 1,
    objects,
    version,
    createdAt: timestamp(createdAt),
    createdBy,
    ...(createdByName === undefined ? {} : { createdByName }),
  }
}

export function keystoreResources(keystores: readonly KeystoreRow[], names: ReadonlyMap<string, string>): object[] {
  return keystores.map((keystore) => keystoreResource(keystore, names))
}

export function objectResource(stored: StoredObject): object {
  const { id, keystore, version, keyType, object, createdAt, createdBy, updatedAt, updatedBy } = stored
  const label = textIn(allAttributes(stored).get(attributeTypes.CKA_LABEL))
  return {
    id,
    keystore: keystore.id,
    version,
    class: nameIn(objectClasses, stored.class),
    ...(keyType === null ? {} : { keyType: nameIn(keyTypes, keyType) }),
    ...(label === undefined ? {} : { label }),
    attributes: shownAttributes(stored),
    ...(object === undefined ? {} : { object: Buffer.from(object).toString('base64') }),
    createdAt: timestamp(createdAt),
    createdBy,
    ...(updatedAt === null ? {} : { updatedAt: timestamp(updatedAt) }),
    ...(updatedBy === null ? {} : { updatedBy }),
  }
}

/** With the master key that a key is under: it changes at a rotation, and so is no part of what is kept. */
function shownAttributes(stored: StoredObject): object {
  const all = new Map(allAttributes(stored))
  if (stored.wkid !== null) all.set(attributeTypes.CKA_GREP11_WKID, Buffer.from(stored.wkid, 'hex'))
  return attributesJson(all)
}

/** Weak: a rotation of the master key changes the bytes of a key, and not what its users count. */
export function etagOf({ version }: { readonly version: number }): string {
  return `W/"${version}"`
}

function textIn(value: unknown): string | undefined {
  if (!(value instanceof Buffer) || value.length === 0) return undefined
  const text = value.toString('utf8')
  return Buffer.from(text, 'utf8').equals(value) && !/\p{Cc}/u.test(text) ? text : undefined
}
