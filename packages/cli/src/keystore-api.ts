/** The EP11 keystores (`/v1/keystores`) of one service instance, as the commands use them. */
import { randomBytes } from 'node:crypto'
import { type ApiClient, memberOf } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { type Item, listAll, read } from './iam-api.ts'
import { type InstanceOptions, openInstance } from './kms-api.ts'
import type { Surroundings } from './surroundings.ts'

/** Attributes as the API takes them; null takes one away. */
export type Attributes = Readonly<Record<string, boolean | number | string | { readonly text: string } | null>>

/** What a write says of an object. */
export interface KeyWish {
  /** UUID; undefined: the service chooses. */
  readonly id?: string
  readonly object?: Buffer
  readonly attributes?: Attributes
}

/** Pages read of one search at most; one page may be empty, since each looks at a bounded number of keys. */
const pagesMax = 100

export class KeystoreApi {
  readonly #client: ApiClient
  readonly #base: string

  constructor(client: ApiClient, instance: string) {
    this.#client = client
    this.#base = `/v1/keystores/${encodeURIComponent(instance)}`
  }

  keystores(query: Readonly<Record<string, string | undefined>>): Promise<Item[]> {
    return listAll(this.#client, this.#base, 'keystores', query)
  }

  keystore(id: string): Promise<Item> {
    return read(this.#client, this.#path(id))
  }

  async create(wish: object): Promise<Item> {
    return itemOf(await this.#client.json(this.#base, { method: 'POST', json: wish }))
  }

  /** @param version the one that was shown to whoever said that this is meant */
  async deleteKeystore(id: string, version?: number): Promise<void> {
    await this.#client.text(this.#path(id), { method: 'DELETE', ...matching(version) })
  }

  /** What is known of each, without the objects. */
  keys(keystore: string): Promise<Item[]> {
    return listAll(this.#client, `${this.#path(keystore)}/keys`, 'keys', { objects: 'false' })
  }

  /** @param keystores UUIDs; none: all that the caller may see */
  async search(keystores: readonly string[], attributes: Attributes): Promise<Item[]> {
    const found: Item[] = []
    let after: string | undefined
    for (let page = 0; page < pagesMax; page++) {
      const json = { keystores, attributes, objects: false, limit: 1000, ...(after === undefined ? {} : { after }) }
      const answer = await this.#client.json(`${this.#base}/search`, { method: 'POST', json })
      const keys = memberOf(answer, 'keys')
      if (!Array.isArray(keys)) throw unknownForm()
      found.push(...keys.map(itemOf))
      const next = memberOf(answer, 'next')
      if (typeof next !== 'string') break
      after = next
    }
    return found
  }

  key(keystore: string, key: string): Promise<Item> {
    return read(this.#client, this.#path(keystore, key))
  }

  async store(keystore: string, wish: KeyWish): Promise<Item> {
    return itemOf(await this.#client.json(`${this.#path(keystore)}/keys`, { method: 'POST', json: bodyOf(wish) }))
  }

  async update(keystore: string, key: string, version: number, wish: KeyWish): Promise<Item> {
    const request = { method: 'PATCH', json: bodyOf(wish), ...matching(version) } as const
    return itemOf(await this.#client.json(this.#path(keystore, key), request))
  }

  async deleteKey(keystore: string, key: string, version?: number): Promise<void> {
    await this.#client.text(this.#path(keystore, key), { method: 'DELETE', ...matching(version) })
  }

  #path(keystore: string, key?: string): string {
    const path = `${this.#base}/${encodeURIComponent(keystore)}`
    return key === undefined ? path : `${path}/keys/${encodeURIComponent(key)}`
  }
}

/** The keystores of the instance a command names, or of the server's first one. */
export async function openKeystores(io: Surroundings, options: InstanceOptions): Promise<KeystoreApi> {
  const { client, instance } = await openInstance(io, options)
  return new KeystoreApi(client, instance)
}

/** The version of a keystore or key, as the server described it. */
export function versionOf(item: Item): number {
  const version = item['version']
  if (typeof version !== 'number') throw unknownForm()
  return version
}

function bodyOf({ id, object, attributes }: KeyWish): object {
  return {
    ...(id === undefined ? {} : { id }),
    ...(object === undefined ? {} : { object: object.toString('base64') }),
    ...(attributes === undefined ? {} : { attributes }),
    txId: randomBytes(16).toString('base64'),
  }
}

function matching(version: number | undefined): { readonly headers?: Readonly<Record<string, string>> } {
  return version === undefined ? {} : { headers: { 'if-match': `W/"${version}"` } }
}

function itemOf(value: unknown): Item {
  if (typeof value !== 'object' || value === null) throw unknownForm()
  return value as Item
}

function unknownForm(): CliError {
  return new CliError('BAD_ANSWER', 'the server answered in another form than this command knows')
}
