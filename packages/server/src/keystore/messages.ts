/** Keystores and objects as messages of `grep11.Keystore`, read and written. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import { attributeTypes } from '@keywitness/crypto-unit/ep11/attributes'
import { templateOf } from '../ep11/crypto/attributes.ts'
import { bytesOf } from '../ep11/crypto/keys.ts'
import type { AttributeValueSchema, KeyBlob, KeyBlobSchema } from '@keywitness/ep11-client/schema/grep11_pb'
import {
  type KeystoreInfoSchema,
  KeystoreType,
  type Query,
  type StoredKeySchema,
} from '@keywitness/ep11-client/schema/keystore_pb'
import { Refusal } from '../errors.ts'
import { type Attributes, readAttributes, type Value } from './attributes.ts'
import { allAttributes } from './key-content.ts'
import type { KeystoreRow, StoredObject } from './keystore-row.ts'
import { keystoreLimits } from './limits.ts'
import type { KeysByAttributesWish } from './list-keys-by-attributes.ts'
import type { ObjectPage, PageWish } from './object-pages.ts'
import type { NewKeyWish } from './store-new-key.ts'
import type { UpdateWish } from './update-key.ts'

const idBytes = 16

/** Undefined for what cannot be the id of anything. */
export function idIn(bytes: Uint8Array): string | undefined {
  if (bytes.length !== idBytes) return undefined
  const hex = bytesOf(bytes).toString('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
  return parts.join('-')
}

/** @throws Refusal `INVALID_FIELD_ERR` */
export function requiredId(bytes: Uint8Array): string {
  const id = idIn(bytes)
  if (id === undefined) throw badArgument('An id is a UUID: 16 bytes.')
  return id
}

/** @throws Refusal `INVALID_FIELD_ERR` */
export function requiredIds(list: readonly Uint8Array[]): string[] {
  if (list.length > keystoreLimits.ids) throw badArgument(`A question names ${keystoreLimits.ids} ids at most.`)
  return list.map(requiredId)
}

export function badArgument(message: string): Refusal {
  return new Refusal('INVALID_FIELD_ERR', { message })
}

/** @throws Refusal `INVALID_FIELD_ERR` */
export function typeIn(type: KeystoreType): KeystoreRow['type'] | undefined {
  switch (type) {
    case KeystoreType.UNSPECIFIED:
      return undefined
    case KeystoreType.PUBLIC:
      return 'public'
    case KeystoreType.PRIVATE:
      return 'private'
    default:
      throw badArgument('A keystore is public or private.')
  }
}

/** @throws Refusal `INVALID_FIELD_ERR` */
export function pageIn({ limit, pageToken }: { readonly limit: number; readonly pageToken: Uint8Array }): PageWish {
  const { page } = keystoreLimits
  if (limit > page.max) throw badArgument(`A page has ${page.max} entries at most.`)
  return { limit: limit === 0 ? page.default : limit, token: pageToken.length === 0 ? undefined : bytesOf(pageToken) }
}

/** @throws Refusal `INVALID_FIELD_ERR`, and as `readAttributes` */
export function newKeyIn(key: KeyBlob | undefined): NewKeyWish {
  const { keyBlobId, version, txId, attributes, keyBlobs } = required(key)
  if (version !== 0n) throw badArgument('The version of a new key is 0.')
  return {
    id: keyBlobId.length === 0 ? undefined : requiredId(keyBlobId),
    tx: txIn(txId),
    attributes: readAttributes(templateOf(attributes, {})),
    object: bytesOf(keyBlobs[0] ?? new Uint8Array()),
  }
}

/** @throws Refusal `INVALID_FIELD_ERR`, and as `readAttributes` */
export function updateIn(key: KeyBlob | undefined): UpdateWish {
  const { version, txId, attributes, keyBlobs } = required(key)
  return {
    version: versionIn(version),
    stale: 'KEYSTORE_STALE',
    tx: txIn(txId),
    attributes: readAttributes(templateOf(attributes, {})),
    object: keyBlobs[0] === undefined ? undefined : bytesOf(keyBlobs[0]),
  }
}

/** @throws Refusal `INVALID_FIELD_ERR`, and as `readAttributes` */
export function queryIn(query: Query | undefined): KeysByAttributesWish {
  if (query === undefined) throw badArgument('The query is missing.')
  const attributes = readAttributes(templateOf(query.attributes, {}))
  return {
    ...pageIn(query),
    keystoreIds: requiredIds(query.keystoreIds),
    attributes: new Map([...attributes].filter((entry): entry is [number, Value] => entry[1] !== undefined)),
    withObjects: true,
  }
}

/** @throws Refusal `INVALID_FIELD_ERR` */
export function versionIn(version: bigint): number {
  if (version >= 0n && version <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(version)
  throw badArgument('A version counts from 0.')
}

export function keystoreInfo(keystore: KeystoreRow): MessageInitShape<typeof KeystoreInfoSchema> {
  const { id, name, type, authenticated, objects, createdAt, version } = keystore
  return {
    id: bytesOfId(id),
    name,
    type: type === 'public' ? KeystoreType.PUBLIC : KeystoreType.PRIVATE,
    authenticated: authenticated === 1,
    keyCount: BigInt(objects),
    createdAt: BigInt(createdAt),
    version: BigInt(version),
  }
}

/** @param txId that of the write which is answered */
export function keyBlob(stored: StoredObject, txId?: Uint8Array): MessageInitShape<typeof KeyBlobSchema> {
  const { id, version, object, wkid } = stored
  const attributes = new Map(allAttributes(stored))
  // It changes at a rotation, and so is no part of what is kept.
  if (wkid !== null) attributes.set(attributeTypes.CKA_GREP11_WKID, Buffer.from(wkid, 'hex'))
  return {
    keyBlobId: bytesOfId(id),
    version: BigInt(version),
    ...(txId === undefined ? {} : { txId }),
    attributes: attributeValues(attributes),
    keyBlobs: object === undefined ? [] : [object],
  }
}

export function keyPage({ objects, next }: ObjectPage): {
  keys: MessageInitShape<typeof StoredKeySchema>[]
  nextPageToken: Uint8Array
} {
  return {
    keys: objects.map((stored) => ({ keystoreId: bytesOfId(stored.keystore.id), key: keyBlob(stored) })),
    nextPageToken: next ?? new Uint8Array(),
  }
}

function bytesOfId(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex')
}

function attributeValues(attributes: Attributes): Record<string, MessageInitShape<typeof AttributeValueSchema>> {
  const values = [...attributes].map(([type, value]): [string, MessageInitShape<typeof AttributeValueSchema>] => {
    if (typeof value === 'boolean') return [String(type), { oneAttr: { case: 'attributeTf', value } }]
    if (typeof value === 'number') return [String(type), { oneAttr: { case: 'attributeI', value: BigInt(value) } }]
    return [String(type), { oneAttr: { case: 'attributeB', value } }]
  })
  return Object.fromEntries(values)
}

function required(key: KeyBlob | undefined): KeyBlob {
  if (key === undefined) throw badArgument('The key is missing.')
  return key
}

function txIn(txId: Uint8Array): string | undefined {
  if (txId.length > keystoreLimits.txIdBytes) throw badArgument(`A TxID has ${keystoreLimits.txIdBytes} bytes at most.`)
  return txId.length === 0 ? undefined : bytesOf(txId).toString('hex')
}
