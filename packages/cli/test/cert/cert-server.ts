/** A certificate manager for tests: verifies every signature, keeps keys and certificates, and loses answers when it is told to. */
import { createHash, createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { certificateCommandHeaders, certificateCommandText, type CommandPlace, keyProofText } from '@keywitness/cadf'
import { json, LogServer, problem, type Seen } from '../log-server.ts'
import { WitnessedLog } from '../witnessed-log.ts'

export const instance = '1f6f5a0c-5d6e-4a55-9a0b-0f3c1d2e4b5a'
export const crn = `crn:v1:keywitness:public:hs-crypto:us-south:a/${'a'.repeat(32)}:${instance}::`
export const administrator = 'IBMid-ANA0000001'
/** An administrator who was deleted, and has left certificates. */
export const gone = 'IBMid-DAN0000001'
const base = `/v1/certs/${instance}`

/** What becomes of a command: `lost-before` never arrives, `lost-after` is done and its answer lost, `repeated` is done, and the refusal of its repetition is the answer. */
type Fate = 'answered' | 'lost-before' | 'lost-after' | 'refused' | 'failed' | 'repeated'

interface Held {
  readonly pem: string
  readonly createdAt: string
}

export class CertServer {
  readonly http: LogServer
  key: KeyObject | undefined
  readonly certs = new Map<string, Held>()
  /** Certificates of other administrators. */
  others = 0
  generation = 0
  fate: Fate = 'answered'
  /** Commands that arrived, by method and path below the base. */
  readonly commands: string[] = []
  /** CRN that the server tells of the instance. */
  crn = crn
  /** Whether the instance's view tells whether clients need a certificate. */
  tells = true
  /** Called before a command is answered. */
  onCommand: () => void = () => undefined

  private constructor(http: LogServer) {
    this.http = http
    const claims = Buffer.from(JSON.stringify({ iam_id: administrator })).toString('base64url')
    http.instead.set('POST /identity/token', (_seen, response) => json(response, { access_token: `x.${claims}.y` }))
    http.instead.set(`GET /v1/instances/${instance}`, (_seen, response) =>
      json(response, {
        guid: instance,
        name: 'billing',
        crn: this.crn,
        ...(this.tells ? { clientCertificates: this.#enforcement() } : {}),
      }),
    )
    http.instead.set(`GET ${base}/adminkey`, (_seen, response) => json(response, this.#keyView()))
    http.instead.set(`GET ${base}/certs`, ({ query }, response) => {
      const own = [...this.certs.keys()].map((id) => this.#view(id))
      const certs = query.get('administrators') === 'all' ? this.#ofAll(own) : own
      json(response, { certs, ...this.#enforcement() })
    })
    this.#command('POST', 'adminkey', (_seen, body) => {
      this.key = publicKeyIn(body['publicKey'])
      return this.#keyView()
    })
    this.#command('PUT', 'adminkey', (_seen, body) => {
      this.key = publicKeyIn(body['publicKey'])
      return this.#keyView()
    })
    this.#command('DELETE', 'adminkey', () => {
      this.key = undefined
      return { orphanedCerts: this.certs.size }
    })
    for (const id of ['clients', 'second']) this.#listen(id)
  }

  static async start(): Promise<CertServer> {
    return new CertServer(await LogServer.start(new WitnessedLog(1)))
  }

  get keyId(): string | undefined {
    return this.key === undefined ? undefined : idOf(this.key)
  }

  #listen(id: string): void {
    this.http.instead.set(`GET ${base}/certs/${id}`, (_seen, response) =>
      this.certs.has(id) ? json(response, this.#view(id)) : problem(response, 404, 'NOT_FOUND', 'There is none.'),
    )
    this.#command('PUT', `certs/${id}`, (_seen, body) => {
      const created = !this.certs.has(id)
      const pem = String(body['certificate'])
      this.certs.set(id, { pem, createdAt: '2026-11-25T20:00:00.000Z' })
      this.generation += 1
      return { ...this.#view(id), created, warnings: [], ...this.#enforcement() }
    })
    this.#command('DELETE', `certs/${id}`, () => {
      this.certs.delete(id)
      this.generation += 1
      return this.#enforcement()
    })
  }

  #command(method: string, path: string, work: (seen: Seen, body: Record<string, unknown>) => object): void {
    this.http.instead.set(`${method} ${base}/${path}`, (seen, response) => {
      const { fate } = this
      if (fate === 'lost-before') return void response.destroy()
      this.commands.push(`${method} ${path}`)
      this.onCommand()
      const body = JSON.parse(seen.body === '' ? '{}' : seen.body) as Record<string, unknown>
      if (fate === 'refused') return problem(response, 409, 'QUOTA_EXCEEDED', 'There are too many.')
      if (!this.#isSigned(seen, body)) return problem(response, 403, 'CERT_SIGNATURE_WRONG', 'A wrong signature.')
      const answer = work(seen, body)
      this.#answer(fate, answer, response)
    })
  }

  #answer(fate: Fate, answer: object, response: ServerResponse): void {
    if (fate === 'lost-after') response.destroy()
    else if (fate === 'repeated') problem(response, 403, 'CERT_COMMAND_REUSED', 'Sent before.')
    else if (fate === 'failed') problem(response, 503, 'NOT_RECORDED', 'Try again.')
    else json(response, answer)
  }

  #isSigned({ method, path, headers, body: sent }: Seen, body: Record<string, unknown>): boolean {
    const header = (name: keyof typeof certificateCommandHeaders): string =>
      String(headers[certificateCommandHeaders[name]])
    const place: CommandPlace = {
      method,
      path,
      instance: crn,
      caller: administrator,
      timestamp: header('timestamp'),
      nonce: header('nonce'),
    }
    const named = body['publicKey'] === undefined ? undefined : publicKeyIn(body['publicKey'])
    const key = method === 'POST' ? named : this.key
    if (key === undefined || header('keyId') !== idOf(key) || !/^[\w-]{22}$/.test(place.nonce)) return false
    const contentHash = createHash('sha256').update(sent).digest('hex')
    const isGood = (text: string, signer: KeyObject, signature: string): boolean =>
      verify('sha512', Buffer.from(text), signer, Buffer.from(signature, 'base64'))
    if (!isGood(certificateCommandText(place, contentHash), key, header('signature'))) return false
    if (method !== 'PUT' || named === undefined) return true
    return isGood(keyProofText(place, idOf(named)), named, String(body['proof']))
  }

  #keyView(): object {
    if (this.key === undefined) return { publicKey: '' }
    const publicKey = this.key.export({ format: 'der', type: 'spki' }).toString('base64')
    return { keyId: this.keyId, publicKey, createdAt: '2026-11-25T20:00:00.000Z' }
  }

  #enforcement(): object {
    return { mtlsEnabled: this.certs.size + this.others > 0, generation: this.generation }
  }

  /** The caller's own, and the same once more of somebody who is gone. */
  #ofAll(own: readonly object[]): object[] {
    const whose = (id: string, name: string | null) => (one: object) => ({
      ...one,
      administrator: { id, name },
      frozen: name === null,
    })
    return [...own.map(whose(administrator, 'Ana')), ...own.map(whose(gone, null))]
  }

  #view(certId: string): object {
    const { pem = '', createdAt = '' } = this.certs.get(certId) ?? {}
    const certificate = new X509Certificate(pem)
    return {
      certId,
      certificate: pem,
      fingerprint: createHash('sha256').update(certificate.raw).digest('hex'),
      subject: certificate.subject,
      issuer: certificate.issuer,
      serialNumber: certificate.serialNumber,
      notBefore: certificate.validFromDate.toISOString(),
      notAfter: certificate.validToDate.toISOString(),
      createdAt,
      updatedAt: createdAt,
    }
  }
}

function publicKeyIn(base64: unknown): KeyObject {
  return createPublicKey({ key: Buffer.from(String(base64), 'base64'), format: 'der', type: 'spki' })
}

function idOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ format: 'der', type: 'spki' }))
    .digest('hex')
}
