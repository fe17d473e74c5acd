/** A certificate administrator for tests: has the role on an instance, and signs each command with a key of its own. */
import type { CommandPlace } from '@keywitness/cadf'
import { newNonce, newSigner, proofOf, type Signer, signCommand } from '@keywitness/server/certificates/testing/signer'
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
  #signer: Signer = newSigner()

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

  /** From now on commands are signed with another key. */
  async replaceKey(): Promise<Reply> {
    const next = newSigner()
    const place = this.#place('PUT', '/adminkey')
    const reply = await this.#send(place, { publicKey: next.publicKey, proof: proofOf(next, place) })
    if (reply.status === 200) this.#signer = next
    return reply
  }

  send<Body>(method: string, below: string, content?: object): Promise<Reply<Body>> {
    return this.#send<Body>(this.#place(method, below), content)
  }

  #send<Body>(place: CommandPlace, content?: object): Promise<Reply<Body>> {
    const body = content === undefined ? '' : JSON.stringify(content)
    const headers = { ...signCommand(this.#signer, { ...place, body }), 'content-type': 'application/json' }
    const sent = content === undefined ? { headers } : { headers, body }
    return this.#client.call<Body>(place.method, place.path, sent)
  }

  #place(method: string, below: string): CommandPlace {
    const caller = callerOf(this.#client)
    const [timestamp, nonce] = [`${Date.now()}`, newNonce()]
    return { method, path: this.#base + below, instance: this.#instance, caller, timestamp, nonce }
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
