/** The certificate manager (`/v1/certs`) of one service instance, as the commands use it; its commands are signed here. */
import { createHash, randomBytes } from 'node:crypto'
import {
  certificateCommandHeaders,
  certificateCommandText,
  type CommandPlace,
  keyCommandBody,
  keyProofText,
} from '@keywitness/cadf'
import { type ApiClient, memberOf, type RequestOptions } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import { read, textOf } from '../iam-api.ts'
import { type InstanceOptions, openInstance } from '../kms-api.ts'
import { advised } from '../refusal-advice.ts'
import type { Surroundings } from '../surroundings.ts'
import { keyIdOf, spkiOf } from './administrator-keys.ts'
import type { CommandSigner } from './command-signer.ts'

/** The signature key that the service knows of the caller. */
export interface AdminKey {
  readonly keyId: string
  /** SubjectPublicKeyInfo, base64. */
  readonly publicKey: string
  /** RFC 3339. */
  readonly createdAt: string
}

/** A certificate of the caller's that clients may be issued by. */
export interface HeldCertificate {
  readonly certId: string
  /** PEM. */
  readonly certificate: string
  /** SHA-256 of the DER form, lower-case hexadecimal. */
  readonly fingerprint: string
  readonly subject: string
  readonly issuer: string
  readonly serialNumber: string
  /** RFC 3339. */
  readonly notBefore: string
  readonly notAfter: string
  readonly createdAt: string
  readonly updatedAt: string
}

/** Whether clients of the instance need a certificate, and the number of that state, which grows with each change of it. */
export interface Enforcement {
  readonly mtlsEnabled: boolean
  readonly generation: number
}

export interface HeldCertificates extends Enforcement {
  readonly certs: readonly HeldCertificate[]
}

/** A certificate of any administrator of the instance. */
export interface OthersCertificate extends HeldCertificate {
  readonly administrator: { readonly id: string; readonly name: string }
  /** Nobody can change or delete it: its administrator has no key. */
  readonly frozen: boolean
}

export interface AllCertificates extends Enforcement {
  /** GUID of the instance. */
  readonly instance: string
  readonly certs: readonly OthersCertificate[]
}

export interface SetAnswer extends Enforcement {
  /** False when it took the place of another. */
  readonly created: boolean
  readonly fingerprint: string
  readonly warnings: readonly string[]
}

/** Which instance, and as whom. */
export interface CertGround {
  readonly guid: string
  readonly name: string
  readonly crn: string
  /** IAM id of the caller. */
  readonly caller: string
}

type Method = 'POST' | 'PUT' | 'DELETE'

/** By the server's code: what its status alone does not tell. */
const advice = {
  CERT_SIGNER_UNKNOWN: 'keywitness cert adminkey get tells which key is in force',
  CERT_SIGNER_NOT_CALLER: 'sign with your own key: keywitness cert adminkey get tells which that is',
  CERT_COMMAND_STALE: 'set the clock of this machine',
  CERT_SIGNATURE_WRONG: 'something between here and the server changes what is sent: use its own address',
  CERT_SIGNATURE_MISSING: 'something between here and the server takes headers away: use its own address',
  CERT_COMMAND_REUSED: 'it came twice: look whether the first was done, with keywitness cert status',
  CERT_KEY_MISSING: 'keywitness cert adminkey set makes one',
  CERT_KEY_EXISTS: 'keywitness cert adminkey update replaces it',
  UNAUTHORIZED_ERR: 'it takes the role CertificateAdministrator on the instance: keywitness iam roles grant',
}

const overviewAdvice = {
  UNAUTHORIZED_ERR:
    'it takes the role CertificateAdministrator on the instance, or Auditor on the tracker of its location: keywitness iam roles grant',
}

export class CertApi {
  readonly ground: CertGround
  readonly #client: ApiClient
  readonly #now: () => number
  readonly #base: string

  constructor(client: ApiClient, ground: CertGround, now: () => number) {
    this.#client = client
    this.ground = ground
    this.#now = now
    this.#base = `/v1/certs/${encodeURIComponent(ground.guid)}`
  }

  /** Undefined when the caller has none. */
  async adminKey(): Promise<AdminKey | undefined> {
    const answer = await this.#ask(`${this.#base}/adminkey`)
    return memberOf(answer, 'publicKey') === '' ? undefined : adminKeyIn(answer)
  }

  async certificates(): Promise<HeldCertificates> {
    const answer = await this.#ask(`${this.#base}/certs`)
    return { certs: certsIn(answer).map(heldIn), ...enforcementIn(answer) }
  }

  async certificate(certId: string): Promise<HeldCertificate> {
    return heldIn(await this.#ask(this.#certPath(certId)))
  }

  async createAdminKey(signer: CommandSigner): Promise<AdminKey> {
    const publicKey = spkiOf(signer.publicKey).toString('base64')
    return adminKeyIn(await this.#command('POST', `${this.#base}/adminkey`, signer, () => keyCommandBody(publicKey)))
  }

  /** @param signer the key that is in force until then */
  async updateAdminKey(signer: CommandSigner, next: CommandSigner): Promise<AdminKey> {
    const publicKey = spkiOf(next.publicKey).toString('base64')
    const answer = await this.#command('PUT', `${this.#base}/adminkey`, signer, async (place) => {
      const proof = await next.sign(keyProofText(place, keyIdOf(next.publicKey)))
      return keyCommandBody(publicKey, proof.toString('base64'))
    })
    return adminKeyIn(answer)
  }

  /** How many certificates stay in force without it. */
  async deleteAdminKey(signer: CommandSigner): Promise<number> {
    const count = memberOf(await this.#command('DELETE', `${this.#base}/adminkey`, signer), 'orphanedCerts')
    return typeof count === 'number' ? count : fail()
  }

  async setCertificate(certId: string, pem: string, signer: CommandSigner): Promise<SetAnswer> {
    const answer = await this.#command('PUT', this.#certPath(certId), signer, () =>
      JSON.stringify({ certificate: pem }),
    )
    const warnings = memberOf(answer, 'warnings')
    return {
      created: memberOf(answer, 'created') === true,
      fingerprint: textIn(answer, 'fingerprint'),
      warnings: Array.isArray(warnings) ? warnings.filter((one): one is string => typeof one === 'string') : [],
      ...enforcementIn(answer),
    }
  }

  async deleteCertificate(certId: string, signer: CommandSigner): Promise<Enforcement> {
    return enforcementIn(await this.#command('DELETE', this.#certPath(certId), signer))
  }

  #certPath(certId: string): string {
    return `${this.#base}/certs/${encodeURIComponent(certId)}`
  }

  #ask(path: string, request: RequestOptions = {}): Promise<unknown> {
    return advised(advice, this.#client.json(path, request))
  }

  /** @param bodyFor what is sent, which may hold a proof about this very command */
  async #command(
    method: Method,
    path: string,
    signer: CommandSigner,
    bodyFor?: (place: CommandPlace) => string | Promise<string>,
  ): Promise<unknown> {
    const place: CommandPlace = {
      method,
      path,
      instance: this.ground.crn,
      caller: this.ground.caller,
      timestamp: String(this.#now()),
      nonce: randomBytes(16).toString('base64url'),
    }
    const body = await bodyFor?.(place)
    const contentHash = createHash('sha256')
      .update(body ?? '')
      .digest('hex')
    const signature = await signer.sign(certificateCommandText(place, contentHash))
    const headers = {
      [certificateCommandHeaders.keyId]: signer.keyId,
      [certificateCommandHeaders.timestamp]: place.timestamp,
      [certificateCommandHeaders.nonce]: place.nonce,
      [certificateCommandHeaders.signature]: signature.toString('base64'),
    }
    return this.#ask(path, { method, headers, ...(body === undefined ? {} : { body }) })
  }
}

/**
 * The certificate manager of the instance that a command names, or of the server's first one.
 *
 * @throws CliError as `openGround` does
 */
export async function openCerts(io: Surroundings, options: InstanceOptions): Promise<CertApi> {
  const { client, ground } = await openGround(io, options)
  return new CertApi(client, ground, () => io.now())
}

/** Certificates of all administrators; whoever may read the trail of the instance may see them, and needs to see no more of it. */
export async function allCertificates(io: Surroundings, options: InstanceOptions): Promise<AllCertificates> {
  const { client, instance } = await openInstance(io, options)
  const query = { administrators: 'all' }
  const path = `/v1/certs/${encodeURIComponent(instance)}/certs`
  const answer = await advised(overviewAdvice, client.json(path, { query }))
  return { instance, certs: certsIn(answer).map(othersIn), ...enforcementIn(answer) }
}

/**
 * The instance that a command names, or the server's first one, and who the caller is there.
 *
 * @throws CliError `BAD_ANSWER` also when the server names another instance than was asked for: nothing is to be done to that
 */
export async function openGround(
  io: Surroundings,
  options: InstanceOptions,
): Promise<{ readonly client: ApiClient; readonly ground: CertGround }> {
  const { client, instance } = await openInstance(io, options)
  const view = await read(client, `/v1/instances/${encodeURIComponent(instance)}`)
  const crn = textOf(view, 'crn')
  const guid = instance.toLowerCase()
  if (crn.split(':')[7] !== guid) {
    throw new CliError('BAD_ANSWER', 'the server described another instance than the one that was asked for')
  }
  const caller = callerIn(await client.token())
  return { client, ground: { guid, name: textOf(view, 'name'), crn, caller } }
}

/** Whom a token is for: `iam_id` of its claims, as IAM has them. It is the server that verifies it. */
function callerIn(token: string): string {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    const id = memberOf(claims, 'iam_id')
    if (typeof id === 'string' && /^[\w.:@+-]{1,128}$/.test(id)) return id
  } catch {
    // Told below: it is no such token.
  }
  throw new CliError('BAD_ANSWER', 'the server gave a token that does not say whose it is')
}

function adminKeyIn(answer: unknown): AdminKey {
  return {
    keyId: textIn(answer, 'keyId'),
    publicKey: textIn(answer, 'publicKey'),
    createdAt: textIn(answer, 'createdAt'),
  }
}

function certsIn(answer: unknown): readonly unknown[] {
  const certs = memberOf(answer, 'certs')
  return Array.isArray(certs) ? certs : fail()
}

function othersIn(item: unknown): OthersCertificate {
  const administrator = memberOf(item, 'administrator')
  const name = memberOf(administrator, 'name')
  // Whoever left has no name any more.
  const person = { id: textIn(administrator, 'id'), name: typeof name === 'string' ? name : '' }
  return { ...heldIn(item), administrator: person, frozen: memberOf(item, 'frozen') === true }
}

function heldIn(item: unknown): HeldCertificate {
  return {
    certId: textIn(item, 'certId'),
    certificate: textIn(item, 'certificate'),
    fingerprint: textIn(item, 'fingerprint'),
    subject: textIn(item, 'subject'),
    issuer: textIn(item, 'issuer'),
    serialNumber: textIn(item, 'serialNumber'),
    notBefore: textIn(item, 'notBefore'),
    notAfter: textIn(item, 'notAfter'),
    createdAt: textIn(item, 'createdAt'),
    updatedAt: textIn(item, 'updatedAt'),
  }
}

function enforcementIn(answer: unknown): Enforcement {
  const mtlsEnabled = memberOf(answer, 'mtlsEnabled')
  const generation = memberOf(answer, 'generation')
  if (typeof mtlsEnabled !== 'boolean' || typeof generation !== 'number') return fail()
  return { mtlsEnabled, generation }
}

function textIn(answer: unknown, name: string): string {
  const value = memberOf(answer, name)
  return typeof value === 'string' ? value : fail()
}

function fail(): never {
  throw unknownForm()
}

function unknownForm(): CliError {
  return new CliError('BAD_ANSWER', 'the certificate manager answered in another form than this command knows')
}
