/** Keystores of Keywitness: blobs, certificates and data that the service keeps, found by their attributes. */
import { randomBytes } from 'node:crypto'
import type { AttributeName } from './constants/attributes.ts'
import { type Calls, changing } from './calls.ts'
import { ownError } from './failure.ts'
import type { KeyBlob as KeyBlobMessage } from './schema/grep11_pb.ts'
import {
  Keystore,
  type KeystoreInfo as KeystoreInfoMessage,
  KeystoreType as KeystoreTypes,
  type StoredKey as StoredKeyMessage,
} from './schema/keystore_pb.ts'
import {
  type AttributeChanges,
  type Attributes,
  attributesOf,
  changesMessage,
  type Template,
  templateMessage,
} from './template.ts'

/** Public: for every caller with a role on it. Private: for those with one on the whole instance. */
export type KeystoreType = 'public' | 'private'

export interface KeystoreInfo {
  /** UUID. */
  readonly id: string
  /** Empty for none. */
  readonly name: string
  readonly type: KeystoreType
  /** Its keys work in a login only. */
  readonly authenticated: boolean
  readonly keyCount: number
  readonly createdAt: Date
  /** Grows with every change of what is in it. */
  readonly version: number
}

export interface StoredKey {
  /** UUIDs. */
  readonly keystoreId: string
  readonly id: string
  /** 0 at first, one more after each update. */
  readonly version: number
  /** The blob or public key; the bytes of a certificate or of data. */
  readonly key: Buffer
  /** What the key says of itself, and what was said of it. */
  readonly attributes: Partial<Attributes<AttributeName>>
}

/** Which object is meant. */
type Named = Pick<StoredKey, 'keystoreId' | 'id'>

interface Page<Entry> {
  readonly entries: readonly Entry[]
  readonly next: Uint8Array
}

const { method } = Keystore
const idsMax = 1_000

/** As of `Ep11`. What is not there: `CKR_GREP11_MISSING`. Every use is an event. */
export class Keystores {
  readonly #calls: Calls

  constructor(calls: Calls) {
    this.#calls = calls
  }

  /** @param keystore `id`: a UUID that its users agree on; made without. One that is there: `CKR_GREP11_CONFLICT` */
  async create(keystore: {
    readonly type: KeystoreType
    readonly id?: string
    readonly name?: string
    readonly authenticated?: boolean
  }): Promise<KeystoreInfo> {
    const { id, name = '', type, authenticated = false } = keystore
    const request = { ...(id === undefined ? {} : { id: idBytes(id) }), name, type: typeValue(type), authenticated }
    const made = (await this.#calls.ask(method.createKeystore, request, changing)).keystore
    if (made === undefined) throw notAnswered(method.createKeystore.name)
    return infoOf(made)
  }

  /** With all that is in it, for good. */
  async delete(id: string): Promise<void> {
    await this.#calls.ask(method.deleteKeystore, { id: idBytes(id) }, changing)
  }

  /** Those that are there of these, at most 1,000; without ids all that the caller may see. */
  async list(ids: readonly string[] = []): Promise<KeystoreInfo[]> {
    const { keystores } = await this.#calls.ask(method.listKeystoresByIds, { ids: idsBytes(ids) })
    return keystores.map(infoOf)
  }

  /** Of this type and with this whole name, as far as they are given. */
  find(by: { readonly type?: KeystoreType; readonly name?: string } = {}): AsyncGenerator<KeystoreInfo> {
    const type = by.type === undefined ? KeystoreTypes.UNSPECIFIED : typeValue(by.type)
    return paged(method.listKeystoresByAttributes.name, async (pageToken) => {
      const request = { type, name: by.name ?? '', pageToken }
      const { keystores, nextPageToken } = await this.#calls.ask(method.listKeystoresByAttributes, request)
      return { entries: keystores.map(infoOf), next: nextPageToken }
    })
  }

  /**
   * A blob under the master key in force, or a public key as it came; certificates and data say their `CKA_CLASS`. Made again
   * after a lost answer it is stored once.
   */
  async storeKey(
    keystoreId: string,
    object: { readonly key: Uint8Array; readonly id?: string; readonly attributes?: Template },
  ): Promise<StoredKey> {
    const { key, id, attributes = {} } = object
    const { key: stored } = await this.#calls.ask(method.storeNewKey, {
      keystoreId: idBytes(keystoreId),
      key: {
        ...(id === undefined ? {} : { keyBlobId: idBytes(id) }),
        txId: randomBytes(16),
        attributes: templateMessage(attributes),
        keyBlobs: [key],
      },
    })
    return keyOf(method.storeNewKey.name, keystoreId, stored)
  }

  /**
   * Another blob of the same key, other attributes, or both. `CKR_GREP11_CONFLICT` when the object is not of this version any
   * more: read it again. Made again after a lost answer it is done once.
   */
  async updateKey(
    stored: Named & Pick<StoredKey, 'version'>,
    change: { readonly key?: Uint8Array; readonly attributes?: AttributeChanges },
  ): Promise<StoredKey> {
    const { key: updated } = await this.#calls.ask(method.updateKey, {
      keystoreId: idBytes(stored.keystoreId),
      key: {
        keyBlobId: idBytes(stored.id),
        version: BigInt(stored.version),
        txId: randomBytes(16),
        attributes: changesMessage(change.attributes ?? {}),
        keyBlobs: change.key === undefined ? [] : [change.key],
      },
    })
    return keyOf(method.updateKey.name, stored.keystoreId, updated)
  }

  /** For good, whichever version it has by now. */
  async deleteKey({ keystoreId, id }: Named): Promise<void> {
    await this.#calls.ask(method.deleteKey, { keystoreId: idBytes(keystoreId), keyId: idBytes(id) }, changing)
  }

  /** Those that are there of these, at most 1,000; without ids all that the caller may see. */
  keys(keystoreId: string, ids: readonly string[] = []): AsyncGenerator<StoredKey> {
    const named = { keystoreId: idBytes(keystoreId), ids: idsBytes(ids) }
    return paged(method.listKeysByIds.name, async (pageToken) => {
      const { keys, nextPageToken } = await this.#calls.ask(method.listKeysByIds, { ...named, pageToken })
      return { entries: keys.map(storedOf), next: nextPageToken }
    })
  }

  /** Whose attributes are all so, exactly, in these keystores; without ids in all that the caller may see. */
  findKeys(attributes: Template, keystoreIds: readonly string[] = []): AsyncGenerator<StoredKey> {
    const query = { attributes: templateMessage(attributes), keystoreIds: idsBytes(keystoreIds) }
    return paged(method.listKeysByAttributes.name, async (pageToken) => {
      const request = { query: { ...query, pageToken } }
      const { keys, nextPageToken } = await this.#calls.ask(method.listKeysByAttributes, request)
      return { entries: keys.map(storedOf), next: nextPageToken }
    })
  }
}

/** Pages may be empty and yet not the last; the same place twice would never end. */
async function* paged<Entry>(name: string, page: (token: Uint8Array) => Promise<Page<Entry>>): AsyncGenerator<Entry> {
  let token: Uint8Array = new Uint8Array()
  do {
    const { entries, next } = await page(token)
    yield* entries
    if (next.length > 0 && Buffer.compare(next, token) === 0) throw notAnswered(name)
    token = next
  } while (token.length > 0)
}

function storedOf({ keystoreId, key }: StoredKeyMessage): StoredKey {
  return keyOf(method.listKeysByIds.name, uuidOf(keystoreId), key)
}

function keyOf(name: string, keystoreId: string, key: KeyBlobMessage | undefined): StoredKey {
  if (key === undefined) throw notAnswered(name)
  return {
    keystoreId,
    id: uuidOf(key.keyBlobId),
    version: Number(key.version),
    key: Buffer.from(key.keyBlobs[0] ?? []),
    attributes: attributesOf(key.attributes) as Partial<Attributes<AttributeName>>,
  }
}

function infoOf(message: KeystoreInfoMessage): KeystoreInfo {
  return {
    id: uuidOf(message.id),
    name: message.name,
    type: message.type === KeystoreTypes.PRIVATE ? 'private' : 'public',
    authenticated: message.authenticated,
    keyCount: Number(message.keyCount),
    createdAt: new Date(Number(message.createdAt)),
    version: Number(message.version),
  }
}

function notAnswered(name: string) {
  return ownError(name, 'CKR_GENERAL_ERROR', 'The answer does not hold what was asked for.', false)
}

function typeValue(type: KeystoreType): KeystoreTypes {
  if (type !== 'public' && type !== 'private') throw new TypeError('A keystore is public or private.')
  return type === 'public' ? KeystoreTypes.PUBLIC : KeystoreTypes.PRIVATE
}

function idsBytes(ids: readonly string[]): Buffer[] {
  if (ids.length > idsMax) throw new RangeError(`A question names ${idsMax} ids at most.`)
  return ids.map(idBytes)
}

/** @throws TypeError for what is no UUID */
function idBytes(id: string): Buffer {
  if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id)) throw new TypeError('The id is no UUID.')
  return Buffer.from(id.replaceAll('-', ''), 'hex')
}

function uuidOf(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
