/** A client in the manner of the hand-written Go one: no content type, `null` bodies, no keep-alive, strict about answers. */
import { randomUUID } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { type GoAnswer, parseAnswer } from './go-style-answer.ts'

/** How a request is sent. `null` is the four bytes `null`; undefined is no body at all. */
export interface GoRequest {
  readonly body?: object | null
  readonly headers?: Readonly<Record<string, string>>
  /** The caller's value that a body is decoded into is nil: then there must be none. */
  readonly expectsNothing?: boolean
}

/** What the published client does for a key resource. */
export interface GoKeyOptions {
  readonly extractable: boolean
  readonly payload?: string
  readonly tags?: readonly string[]
  readonly aliases?: readonly string[]
  readonly description?: string
  /** With nanoseconds, as Go prints times. */
  readonly expirationDate?: string
  readonly keyRing?: string
  readonly encryptedNonce?: string
  readonly iv?: string
  readonly encryptionAlgorithm?: string
}

/** Members of a resource, as the answer has them. */
export type GoResource = Readonly<Record<string, unknown>> & { readonly id: string }

const keyType = 'application/vnd.ibm.kms.key+json'
const retriesMax = 4

export class GoStyleClient {
  readonly #url: string
  readonly #instance: string
  readonly #apiKey: string
  #token: Promise<{ header: string; expires: number }> | undefined
  /** The last answer, whatever it was. */
  last: GoAnswer | undefined
  /** Requests sent, tokens included. */
  sent = 0

  constructor(product: { url: string; instance: string; apiKey: string }) {
    this.#url = product.url
    this.#instance = product.instance
    this.#apiKey = product.apiKey
  }

  // Keys

  async createKey(name: string, options: GoKeyOptions): Promise<GoResource> {
    const { keyRing, tags, ...members } = options
    // Its structure spells the member with a capital.
    const key = { name, type: keyType, ...members, ...(tags === undefined ? {} : { Tags: tags }) }
    return await this.#first('POST', '/keys', {
      body: envelope(keyType, key),
      ...(keyRing === undefined ? {} : { headers: { 'x-kms-key-ring': keyRing } }),
    })
  }

  async createKeyWithOverrides(name: string, options: GoKeyOptions, overrides: object): Promise<GoResource> {
    const body = envelope(keyType, { name, type: keyType, ...options, ...overrides })
    return await this.#first('POST', '/keys_with_policy_overrides', { body })
  }

  /** The oldest list call always sends both parameters. */
  async keys(limit = 2000, offset = 0): Promise<readonly GoResource[]> {
    return await this.#list('GET', `/keys?limit=${limit}&offset=${offset}`)
  }

  /** `query` as its builders make it: encoded, a blank as `+`. */
  async listKeys(query: string, keyRing?: string): Promise<readonly GoResource[]> {
    return await this.#list('GET', `/keys?${query}`, keyRing === undefined ? {} : { 'x-kms-key-ring': keyRing })
  }

  async getKey(idOrAlias: string): Promise<GoResource> {
    return await this.#first('GET', `/keys/${idOrAlias}`, {})
  }

  async getKeyMetadata(idOrAlias: string): Promise<GoResource> {
    return await this.#first('GET', `/keys/${idOrAlias}/metadata`, {})
  }

  async listKeyVersions(idOrAlias: string, query = ''): Promise<readonly GoResource[]> {
    return await this.#list('GET', `/keys/${idOrAlias}/versions${query}`)
  }

  /** Sends `Prefer` always. Undefined for an answer without a body. */
  async deleteKey(id: string, prefer: 'minimal' | 'representation', force = false): Promise<GoResource | undefined> {
    const headers = { prefer: `return=${prefer}` }
    const answer = await this.request('DELETE', `/keys/${id}${force ? '?force=true' : ''}`, { headers })
    return answer.resources?.[0]
  }

  async purgeKey(id: string, prefer: 'minimal' | 'representation'): Promise<GoResource | undefined> {
    const answer = await this.request('DELETE', `/keys/${id}/purge`, { headers: { prefer: `return=${prefer}` } })
    return answer.resources?.[0]
  }

  async restoreKey(id: string): Promise<GoResource> {
    return await this.#first('POST', `/keys/${id}/restore`, {})
  }

  async setKeyRing(id: string, ring: string): Promise<GoResource> {
    return await this.#first('PATCH', `/keys/${id}`, { body: { KeyRingID: ring } })
  }

  // Actions

  async wrap(
    idOrAlias: string,
    plaintext?: string,
    aad?: readonly string[],
  ): Promise<Readonly<Record<string, unknown>>> {
    return await this.#bare('POST', `/keys/${idOrAlias}/actions/wrap`, withMembers({ plaintext, aad }))
  }

  async unwrap(idOrAlias: string, ciphertext: string, aad?: readonly string[]) {
    return await this.#bare('POST', `/keys/${idOrAlias}/actions/unwrap`, withMembers({ aad, ciphertext }))
  }

  async rewrap(idOrAlias: string, ciphertext: string, aad?: readonly string[]) {
    return await this.#bare('POST', `/keys/${idOrAlias}/actions/rewrap`, withMembers({ aad, ciphertext }))
  }

  /** `rotate` without material, `enable`, `disable`, `setKeyForDeletion` and `unsetKeyForDeletion` send `null`. */
  async act(idOrAlias: string, action: string): Promise<void> {
    await this.request('POST', `/keys/${idOrAlias}/actions/${action}`, { body: null, expectsNothing: true })
  }

  async rotateImported(idOrAlias: string, payload: object): Promise<void> {
    await this.request('POST', `/keys/${idOrAlias}/actions/rotate`, { body: payload, expectsNothing: true })
  }

  async sync(idOrAlias: string): Promise<void> {
    await this.request('POST', `/keys/${idOrAlias}/actions/sync`, { expectsNothing: true })
  }

  // Aliases and rings

  async createAlias(id: string, alias: string): Promise<GoResource> {
    return await this.#first('POST', `/keys/${id}/aliases/${alias}`, {})
  }

  async deleteAlias(id: string, alias: string): Promise<void> {
    await this.request('DELETE', `/keys/${id}/aliases/${alias}`, { expectsNothing: true })
  }

  async createRing(ring: string): Promise<void> {
    await this.request('POST', `/key_rings/${ring}`, { expectsNothing: true })
  }

  async deleteRing(ring: string, force = false): Promise<void> {
    await this.request('DELETE', `/key_rings/${ring}${force ? '?force=true' : ''}`, { expectsNothing: true })
  }

  async rings(): Promise<readonly GoResource[]> {
    return await this.#list('GET', '/key_rings')
  }

  // Policies

  async setKeyPolicy(id: string, policy: 'rotation' | 'dualAuthDelete', members: object): Promise<GoResource> {
    const type = 'application/vnd.ibm.kms.policy+json'
    const body = envelope(type, { type, [policy]: members })
    return await this.#first('PUT', `/keys/${id}/policies?policy=${policy}`, { body })
  }

  async keyPolicies(id: string, query = ''): Promise<readonly GoResource[]> {
    return await this.#list('GET', `/keys/${id}/policies${query}`)
  }

  async setInstancePolicies(...policies: readonly { policy_type: string; policy_data: object }[]): Promise<void> {
    const body = envelope('application/vnd.ibm.kms.policy+json', ...policies)
    const query = policies.length === 1 ? `?policy=${policies[0]?.policy_type}` : ''
    await this.request('PUT', `/instance/policies${query}`, { body, expectsNothing: true })
  }

  async instancePolicies(query = ''): Promise<readonly GoResource[]> {
    return await this.#list('GET', `/instance/policies${query}`)
  }

  // Import tokens and registrations

  async createImportToken(expiration: number, maxAllowedRetrievals: number) {
    return await this.#bare('POST', '/import_token', { expiration, maxAllowedRetrievals })
  }

  async importTokenTransportKey() {
    return await this.#bare('GET', '/import_token')
  }

  async registrations(id?: string, query = ''): Promise<readonly GoResource[]> {
    return await this.#list('GET', `/keys/${id === undefined ? '' : `${id}/`}registrations${query}`)
  }

  // KMIP

  async createAdapter(crk: string, members: object = {}): Promise<GoResource> {
    const resource = { profile: 'native_1.0', profile_data: { crk_id: crk }, ...members }
    const body = envelope('application/vnd.ibm.kms.kmip_adapter+json', resource)
    return await this.#first('POST', '/kmip_adapters', { body })
  }

  async adapters(query = ''): Promise<readonly GoResource[]> {
    return await this.#list('GET', `/kmip_adapters${query}`)
  }

  async adapter(idOrName: string): Promise<GoResource> {
    return await this.#first('GET', `/kmip_adapters/${idOrName}`, {})
  }

  async createCertificate(adapter: string, certificate: string, name?: string): Promise<GoResource> {
    const body = envelope('application/vnd.ibm.kms.kmip_client_certificate+json', withMembers({ certificate, name }))
    return await this.#first('POST', `/kmip_adapters/${adapter}/certificates`, { body })
  }

  async kmipList(adapter: string, what: 'certificates' | 'kmip_objects', query = ''): Promise<readonly GoResource[]> {
    return await this.#list('GET', `/kmip_adapters/${adapter}/${what}${query}`)
  }

  async certificate(adapter: string, idOrName: string): Promise<GoResource> {
    return await this.#first('GET', `/kmip_adapters/${adapter}/certificates/${idOrName}`, {})
  }

  async deleteKmip(path: string): Promise<void> {
    await this.request('DELETE', `/kmip_adapters/${path}`, { expectsNothing: true })
  }

  /**
   * One call of the API, tried again as the published client does: on 429 and 5xx but 501, four times at most.
   * @throws GoError for a refusal; `SyntaxError` and `Error` where the published client fails to decode an answer
   */
  async request(method: string, path: string, call: GoRequest = {}): Promise<GoAnswer> {
    for (let retries = 0; ; retries++) {
      const { header } = await this.#signIn()
      const answer = await this.#send(method, `/api/v2${path}`, call.body, {
        accept: 'application/json',
        authorization: header,
        'bluemix-instance': this.#instance,
        'correlation-id': randomUUID(),
        ...call.headers,
      })
      const isBusy = answer.status === 429 || (answer.status >= 500 && answer.status !== 501)
      if (!isBusy || retries === retriesMax) {
        this.last = parseAnswer(answer, call.expectsNothing === true)
        if (this.last.error !== undefined) throw this.last.error
        return this.last
      }
    }
  }

  async #first(method: string, path: string, call: GoRequest): Promise<GoResource> {
    const answer = await this.request(method, path, call)
    const first = answer.resources?.[0]
    if (first === undefined) throw new Error(`index out of range: ${method} ${path} has no resource`)
    return first
  }

  async #list(method: string, path: string, headers: Readonly<Record<string, string>> = {}) {
    const { resources } = await this.request(method, path, { headers })
    if (resources === undefined) throw new Error(`${method} ${path} has no resources`)
    return resources
  }

  async #bare(method: string, path: string, body?: object): Promise<Readonly<Record<string, unknown>>> {
    const answer = await this.request(method, path, body === undefined ? {} : { body })
    return answer.json as Readonly<Record<string, unknown>>
  }

  /** The token is whatever the issuer says, kept until a minute before its end. */
  async #signIn(): Promise<{ header: string; expires: number }> {
    const known = await this.#token
    if (known !== undefined && known.expires > performance.now()) return known
    this.#token = this.#fetchToken()
    return await this.#token
  }

  async #fetchToken(): Promise<{ header: string; expires: number }> {
    const form = new URLSearchParams({ apikey: this.#apiKey, grant_type: 'urn:ibm:params:oauth:grant-type:apikey' })
    const answer = await this.#send('POST', '/oidc/token', form, { accept: 'application/json' })
    if (answer.status !== 200) throw new Error(`no token: ${answer.status} ${answer.text}`)
    const token = JSON.parse(answer.text) as { access_token: string; token_type: string; expires_in: number }
    if (!Number.isInteger(token.expires_in)) throw new Error('json: cannot unmarshal expires_in into an integer')
    const expires = performance.now() + (token.expires_in - 60) * 1000
    return { header: `${token.token_type} ${token.access_token}`, expires }
  }

  #send(
    method: string,
    path: string,
    body: object | null | undefined,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ status: number; text: string; headers: Readonly<Record<string, unknown>> }> {
    this.sent += 1
    const isForm = body instanceof URLSearchParams
    const bytes = body === undefined ? undefined : Buffer.from(isForm ? body.toString() : JSON.stringify(body))
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        `${this.#url}${path}`,
        {
          method,
          agent: false,
          headers: {
            connection: 'close',
            ...(isForm ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
            ...(bytes === undefined ? {} : { 'content-length': bytes.length }),
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8')
            resolve({ status: response.statusCode ?? 0, text, headers: response.headers })
          })
        },
      )
      request.on('error', reject)
      request.end(bytes)
    })
  }
}

function envelope(collectionType: string, ...resources: readonly object[]): object {
  return { metadata: { collectionType, collectionTotal: resources.length }, resources }
}

/** Go leaves empty members of a structure out. */
function withMembers(members: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}
