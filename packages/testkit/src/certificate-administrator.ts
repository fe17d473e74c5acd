/** A certificate administrator for tests: has the role on an instance, and signs each command with a key of its own. */
import { newNonce, newSigner, type Signer, signCommand } from '@keywitness/server/certificates/testing/signer'
import type { Client, Reply } from './client.ts'
import type { Product } from './product.ts'

export interface Enforced {
  readonly mtlsEnabled: boolean
  readonly generation: number
}

export class CertificateAdministrator {
  readonly #client: Client
  readonly #base: string
  readonly #instance: string
  readonly #signer: Signer = newSigner()

  /** @param instance its CRN */
  private constructor(client: Client, guid: string, instance: string) {
    this.#client = client
    this.#base = `/v1/certs/${guid}`
    this.#instance = instance
  }

  /** Gives the client's own identity the role by `granting`, who may, and makes its key. */
  static async make(client: Client, { instance: guid }: Product, granting = client): Promise<CertificateAdministrator> {
    const { crn } = (await client.call<{ crn: string }>('GET', `/v1/instances/${guid}`)).json
    const body = { identity: callerOf(client), role: 'CertificateAdministrator', scope: { kind: 'instance', id: guid } }
    expectStatus(await granting.call('POST', '/v1/iam/roles', { body }), 201)
    const made = new CertificateAdministrator(client, guid, crn)
    expectStatus(await made.send('POST', '/adminkey', { publicKey: made.#signer.publicKey }), 200)
    return made
  }

  set(id: string, certificate: string): Promise<Reply<Enforced>> {
    return this.send('PUT', `/certs/${id}`, { certificate })
  }

  remove(id: string): Promise<Reply<Enforced>> {
    return this.send('DELETE', `/certs/${id}`)
  }

  send<Body>(method: string, below: string, content?: object): Promise<Reply<Body>> {
    const path = this.#base + below
    const body = content === undefined ? '' : JSON.stringify(content)
    const place = { method, path, instance: this.#instance, caller: callerOf(this.#client) }
    const signed = signCommand(this.#signer, { ...place, timestamp: `${Date.now()}`, nonce: newNonce(), body })
    const headers = { ...signed, 'content-type': 'application/json' }
    return this.#client.call<Body>(method, path, { headers, ...(content === undefined ? {} : { body }) })
  }
}

/** IAM id of whoever a client's token names. */
function callerOf({ token }: Client): string {
  const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()
  return (JSON.parse(claims) as { iam_id: string }).iam_id
}

function expectStatus({ status, text }: Reply, expected: number): void {
  if (status !== expected) throw new Error(`${status} ${text}`)
}
