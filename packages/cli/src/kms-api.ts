/** The keys of one service instance over the Key Protect API (`/api/v2/keys`). */
import { type ApiClient, memberOf } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { type ServerOptions, connect } from './connection.ts'
import type { Surroundings } from './surroundings.ts'

const keyMediaType = 'application/vnd.ibm.kms.key+json'

/** Options of every command about keys. */
export interface InstanceOptions extends ServerOptions {
  readonly instance?: string
}

/** A key as the service describes it. */
export interface KeyInfo {
  readonly id: string
  readonly name: string
  /** Root keys wrap, standard keys can be taken out. */
  readonly kind: 'root' | 'standard'
  readonly state: string
  readonly created: string
  /** The whole resource as it came, without its payload. */
  readonly resource: object
}

/** Key states by their number (NIST SP 800-57). */
const states: Readonly<Record<number, string>> = {
  0: 'pre-active',
  1: 'active',
  2: 'suspended',
  3: 'deactivated',
  5: 'destroyed',
}

export class KmsApi {
  readonly #client: ApiClient
  readonly #instance: string

  constructor(client: ApiClient, instance: string) {
    this.#client = client
    this.#instance = instance
  }

  async list(limit: number, offset: number): Promise<KeyInfo[]> {
    return keysOf(await this.#call('GET', '', { query: { limit, offset } }))
  }

  async create(name: string, kind: KeyInfo['kind']): Promise<KeyInfo> {
    const json = {
      metadata: { collectionType: keyMediaType, collectionTotal: 1 },
      resources: [{ type: keyMediaType, name, extractable: kind === 'standard' }],
    }
    // Without this, a standard key's material would come back and be lost on the terminal.
    const keys = keysOf(await this.#call('POST', '', { json, headers: { prefer: 'return=minimal' } }))
    const created = keys[0]
    if (created === undefined) throw unknownForm()
    return created
  }

  async delete(id: string, isForced: boolean): Promise<void> {
    await this.#call('DELETE', `/${encodeURIComponent(id)}`, isForced ? { query: { force: 'true' } } : {})
  }

  async rotate(id: string): Promise<void> {
    await this.#call('POST', `/${encodeURIComponent(id)}/actions/rotate`, {})
  }

  #call(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    options: { query?: Record<string, string | number>; json?: object; headers?: Record<string, string> },
  ): Promise<unknown> {
    const headers = { 'bluemix-instance': this.#instance, ...options.headers }
    return this.#client.json(`/api/v2/keys${path}`, { ...options, method, headers })
  }
}

/** The key service of the instance a command names, or of the server's first one. */
export async function openKms(io: Surroundings, options: InstanceOptions): Promise<KmsApi> {
  const { client, instance: known } = await connect(io, options)
  const instance = options.instance ?? known
  if (instance !== undefined) return new KmsApi(client, instance)
  throw new CliError('BAD_INPUT', 'which service instance?', 'name it with --instance or KEYWITNESS_INSTANCE')
}

function keysOf(answer: unknown): KeyInfo[] {
  const resources = memberOf(answer, 'resources') ?? []
  if (!Array.isArray(resources)) throw unknownForm()
  return resources.map((resource: unknown): KeyInfo => {
    const text = (name: string): string => {
      const value = memberOf(resource, name)
      return typeof value === 'string' ? value : ''
    }
    const id = text('id')
    if (id === '') throw unknownForm()
    const { payload: _payload, ...rest } = resource as { payload?: unknown }
    return {
      id,
      name: text('name'),
      kind: memberOf(resource, 'extractable') === true ? 'standard' : 'root',
      state: states[Number(memberOf(resource, 'state'))] ?? '',
      created: text('creationDate'),
      resource: rest,
    }
  })
}

function unknownForm(): CliError {
  return new CliError('BAD_ANSWER', 'the server answered keys in another form than this command knows')
}
