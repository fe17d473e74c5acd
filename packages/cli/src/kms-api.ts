/** The key management API (`/api/v2`) of one service instance, as the commands use it. */
import { type ApiClient, memberOf, type RequestOptions } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { type ServerOptions, connect } from './connection.ts'
import type { Surroundings } from './surroundings.ts'

/** Options of every command about what an instance holds. */
export interface InstanceOptions extends ServerOptions {
  readonly instance?: string
}

/** A key, ring, policy, adapter… as the service describes it; never with the material of a key. */
export type Resource = Readonly<Record<string, unknown>>

/** What a request brings besides its path. */
export type KmsRequest = Pick<RequestOptions, 'query' | 'json' | 'headers'>

export class KmsApi {
  readonly #client: ApiClient
  readonly #instance: string

  constructor(client: ApiClient, instance: string) {
    this.#client = client
    this.#instance = instance
  }

  /** A call whose answer is not looked at. */
  async send(method: Method, path: string, request: KmsRequest = {}): Promise<void> {
    await this.#call(method, path, request)
  }

  /** A call that answers a bare object. */
  async object(method: Method, path: string, request: KmsRequest = {}): Promise<Resource> {
    const answer = await this.#call(method, path, request)
    if (typeof answer !== 'object' || answer === null) throw unknownForm()
    return answer as Resource
  }

  /** A call that answers an envelope of resources. */
  async resources(method: Method, path: string, request: KmsRequest = {}): Promise<Resource[]> {
    return resourcesIn(await this.#call(method, path, request))
  }

  /** The first resources of a list after those that are skipped, read in as many requests as it takes. */
  async listed(path: string, { limit, offset, pageMax, query }: ListWish): Promise<Listed> {
    const resources: Resource[] = []
    for (let next = offset; ;) {
      const size = Math.min(offset + limit - next, pageMax)
      const answer = await this.#call('GET', path, {
        query: { ...query, limit: size, offset: next, totalCount: 'true' },
      })
      const found = resourcesIn(answer)
      resources.push(...found)
      // Of what went while it was read a page has less than it was asked for: only the count tells the end.
      const count = memberOf(memberOf(answer, 'metadata'), 'totalCount')
      const total = typeof count === 'number' ? count : next + found.length
      next = Math.min(next + size, Math.max(total, next))
      if (next >= total || next >= offset + limit) return { resources, total, next }
    }
  }

  /** A call that answers an envelope with one resource. */
  async resource(method: Method, path: string, request: KmsRequest = {}): Promise<Resource> {
    const [first] = await this.resources(method, path, request)
    if (first === undefined) throw unknownForm()
    return first
  }

  #call(method: Method, path: string, request: KmsRequest): Promise<unknown> {
    const headers = { 'bluemix-instance': this.#instance, ...request.headers }
    return this.#client.json(`/api/v2${path}`, { ...request, method, headers })
  }
}

export interface ListWish {
  readonly limit: number
  readonly offset: number
  /** How many the service gives at once. */
  readonly pageMax: number
  readonly query: NonNullable<KmsRequest['query']>
}

export interface Listed {
  readonly resources: readonly Resource[]
  /** All there are, those that were skipped and those that were not asked for among them. */
  readonly total: number
  /** How many to skip to go on from there. */
  readonly next: number
}

type Method = NonNullable<RequestOptions['method']>

/** A path below `/api/v2`: what is put in cannot reach another one. */
export function kmsPath(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return parts.reduce((path, part, at) => `${path}${encodeURIComponent(values[at - 1] ?? '')}${part}`)
}

/** The envelope that requests send resources in. */
export function envelope(kind: string, ...resources: readonly object[]): object {
  const collectionType = `application/vnd.ibm.kms.${kind}+json`
  return { metadata: { collectionType, collectionTotal: resources.length }, resources }
}

/** The key service of the instance a command names, or of the server's first one. */
export async function openKms(io: Surroundings, options: InstanceOptions): Promise<KmsApi> {
  const { client, instance } = await openInstance(io, options)
  return new KmsApi(client, instance)
}

/** The instance a command names, or the server's first one, and how to reach it. */
export async function openInstance(
  io: Surroundings,
  options: InstanceOptions,
): Promise<{ readonly client: ApiClient; readonly instance: string }> {
  const { client, instance: known } = await connect(io, options)
  const instance = options.instance ?? known
  if (instance !== undefined) return { client, instance }
  throw new CliError('BAD_INPUT', 'which service instance?', 'name it with --instance or KEYWITNESS_INSTANCE')
}

function resourcesIn(answer: unknown): Resource[] {
  const found = memberOf(answer, 'resources') ?? []
  if (!Array.isArray(found)) throw unknownForm()
  return found.map((resource: unknown): Resource => {
    if (typeof resource !== 'object' || resource === null) throw unknownForm()
    const { payload: _payload, ...rest } = resource as { payload?: unknown }
    return rest
  })
}

function unknownForm(): CliError {
  return new CliError('BAD_ANSWER', 'the server answered in another form than this command knows')
}
