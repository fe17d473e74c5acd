/** What a vCenter Server 7.0.3 asks, in its order: version 1.1, many short connections, a key for each machine and host. */
import type { ConnectionOptions } from 'node:tls'
import { aesKey, attribute, childrenOf, uid, uidOf } from '@keywitness/server/kmip/testing/messages'
import { enumeration, type Item, text } from '@keywitness/server/kmip/ttlv/item'
import { tags } from '@keywitness/server/kmip/ttlv/tags'
import { connectKmip, type KmipConnection, type KmipPlace } from './kmip-client.ts'
import type { Identity } from './new-certificate.ts'

const spoken = { minor: 1 }
const preActive = 1

/** What a key is for: the custom attributes that it gets when it is given to somebody. */
export interface Encrypted {
  /** UUID. */
  readonly identifier: string
  readonly component: 'ESXi Server' | 'Virtual Machine'
  readonly name: string
}

export class VCenter {
  readonly #place: KmipPlace
  readonly #identity: Identity
  readonly #tls: ConnectionOptions

  constructor(place: KmipPlace, identity: Identity, tls: ConnectionOptions = {}) {
    this.#place = place
    this.#identity = identity
    this.#tls = tls
  }

  /** Every five minutes: connects and closes, then asks who the server is. */
  async checkHealth(): Promise<void> {
    await (await connectKmip(this.#place, this.#identity, this.#tls)).close()
    await this.#connected(async (connection) => {
      await connection.ask('DiscoverVersions', [], spoken)
      await connection.ask('Query', [enumeration(tags.QueryFunction, 3)], spoken)
    })
  }

  /** A new key, marked as of this product: its identifier. */
  async createKey(): Promise<string> {
    const id = await this.#connected(async (connection) => uidOf(await connection.ask('Create', aesKey(), spoken)))
    await this.#tag(id, {
      'x-Product_Version': '7.0.3 build-19480866',
      'x-Vendor': 'VMware, Inc.',
      'x-Product': 'VMware vSphere',
    })
    return id
  }

  /** Fetches a key, and activates it at its first use: its 32 bytes. */
  fetchKey(id: string): Promise<Buffer> {
    return this.#connected(async (connection) => {
      const material = materialOf(await connection.ask('Get', [uid(id)], spoken))
      const [state] = await attributesOf(connection, id, 'State')
      if (state?.value === preActive) await connection.ask('Activate', [uid(id)], spoken)
      return material
    })
  }

  /** Writes down whose key it is. */
  assignKey(id: string, { identifier, component, name }: Encrypted): Promise<void> {
    return this.#tag(id, { 'x-Identifier': identifier, 'x-Component': component, 'x-Name': name })
  }

  /** A machine or host that is encrypted: its key, of which it has the bytes. */
  async encrypt(what: Encrypted): Promise<string> {
    const id = await this.createKey()
    // Two connections work on the same key at the same time.
    await Promise.all([this.fetchKey(id), this.assignKey(id, what)])
    return id
  }

  /** Asks for each attribute by itself, and adds those that are not there in one message. */
  #tag(id: string, attributes: Readonly<Record<string, string>>): Promise<void> {
    return this.#connected(async (connection) => {
      const missing: [name: string, value: string][] = []
      for (const [name, value] of Object.entries(attributes)) {
        if ((await attributesOf(connection, id, name)).length === 0) missing.push([name, value])
      }
      if (missing.length === 0) return
      const items = missing.map(([name, value]) => ({
        operation: 'AddAttribute' as const,
        payload: [uid(id), attribute(name, text(0, value))],
      }))
      for (const { status, reason } of await connection.send(items, spoken)) {
        if (status !== 'Success') throw new Error(`Add Attribute: ${status} ${reason}`)
      }
    })
  }

  /** Each occasion is a connection, which begins with Discover Versions. */
  async #connected<Result>(act: (connection: KmipConnection) => Promise<Result>): Promise<Result> {
    const connection = await connectKmip(this.#place, this.#identity, this.#tls)
    try {
      await connection.ask('DiscoverVersions', [], spoken)
      return await act(connection)
    } finally {
      await connection.close()
    }
  }
}

/** The values of an attribute. */
async function attributesOf(connection: KmipConnection, id: string, name: string): Promise<Item[]> {
  const fields = await connection.ask('GetAttributes', [uid(id), text(tags.AttributeName, name)], spoken)
  return fields.flatMap((field) => childrenOf(field).filter(({ tag }) => tag === tags.AttributeValue))
}

/** The bytes of a Get's answer, of a key in the format Raw. */
export function materialOf(fields: readonly Item[]): Buffer {
  let item = fields.find(({ tag }) => tag === tags.SymmetricKey)
  for (const tag of [tags.KeyBlock, tags.KeyValue, tags.KeyMaterial]) {
    item = item === undefined ? undefined : childrenOf(item).find((child) => child.tag === tag)
  }
  if (item?.type !== 'ByteString') throw new Error('the answer has no key material')
  return Buffer.from(item.value)
}
