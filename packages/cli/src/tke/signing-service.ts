/** Signature keys in a signing service, which signs with them and never gives them out (TKE reference, section 4.6). */
import type { KeyObject } from 'node:crypto'
import { DerReader, tags } from '@keywitness/crypto-unit/tke/der'
import { COORDINATE_BYTES, publicKeyOfPoint } from '@keywitness/crypto-unit/tke/p521'
import { memberOf } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import type { Surroundings } from '../surroundings.ts'
import type { StateFolder } from './state-folder.ts'

/** Which keys there are: a list of `{"key": name, "token": …}`, the token only if it may lie there. */
const FILE = 'SIGNSERVKEYS'
const keysMax = 64
const answerBytesMax = 65_536
const requestMs = 30_000

export interface ServiceKey {
  readonly name: string
  readonly token: string | undefined
}

export class SigningService {
  readonly #io: Surroundings
  readonly #base: string

  private constructor(io: Surroundings, base: string) {
    this.#io = io
    this.#base = base
  }

  /** The service of `TKE_SIGNSERV_URL`; undefined where none is set. @throws CliError `BAD_INPUT` */
  static of(io: Surroundings): SigningService | undefined {
    const text = io.environment['TKE_SIGNSERV_URL']
    if (text === undefined || text === '') return undefined
    const url = URL.parse(text)
    const isLocal = url !== null && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname)
    if (url === null || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal))) {
      throw new CliError(
        'BAD_INPUT',
        'TKE_SIGNSERV_URL is no address that key tokens may be sent to',
        'use an https address',
      )
    }
    return new SigningService(io, url.href.replace(/\/$/, ''))
  }

  async keys(folder: StateFolder): Promise<ServiceKey[]> {
    const list = (await folder.readJson(FILE)) ?? []
    if (!Array.isArray(list) || list.length > keysMax) throw folder.damaged(FILE)
    return list.map((item: unknown) => {
      const name = memberOf(item, 'key')
      const token = memberOf(item, 'token')
      if (typeof name !== 'string' || !/^[\w.~-]{1,128}$/.test(name)) throw folder.damaged(FILE)
      return { name, token: typeof token === 'string' ? token : undefined }
    })
  }

  async publicKey(name: string, token: string): Promise<KeyObject> {
    const bytes = await this.#call(`/keys/${name}`, token, 'publickey')
    try {
      const numbers = new DerReader(new DerReader(bytes).take(tags.SEQUENCE))
      return publicKeyOfPoint(Buffer.concat([Buffer.from([4]), coordinate(numbers), coordinate(numbers)]))
    } catch {
      throw badAnswer(name)
    }
  }

  /** An ECDSA signature with SHA-512, DER; the service hashes. */
  async sign(name: string, token: string, message: Uint8Array): Promise<Buffer> {
    const body = { hash_algorithm: 'sha2-512', input: Buffer.from(message).toString('base64') }
    return this.#call(`/sign/${name}`, token, 'signature', body)
  }

  async #call(path: string, token: string, member: string, body?: object): Promise<Buffer> {
    let text: string
    let status: number
    try {
      const response = await this.#io.fetch(`${this.#base}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: token, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        body: body === undefined ? null : JSON.stringify(body),
        redirect: 'error',
        signal: AbortSignal.any([this.#io.signal, AbortSignal.timeout(requestMs)]),
      })
      status = response.status
      text = (await response.text()).slice(0, answerBytesMax)
    } catch (error) {
      const why = (error as Error & { cause?: { code?: string } }).cause?.code ?? (error as Error).name
      throw new CliError('UNREACHABLE', `cannot reach the signing service: ${why}`, 'check TKE_SIGNSERV_URL')
    }
    if (status !== 200) throw new CliError('REFUSED', `the signing service refused ${path}: status ${status}`)
    const value = memberOf(parsedOrUndefined(text), member)
    const bytes = Buffer.from(typeof value === 'string' ? value : '', 'base64')
    if (bytes.length === 0) throw badAnswer(path)
    return bytes
  }
}

/** A DER INTEGER as a coordinate of 66 bytes. */
function coordinate(numbers: DerReader): Buffer {
  const bytes = numbers.take(tags.INTEGER)
  const start = bytes.findIndex((byte) => byte !== 0)
  const digits = start < 0 ? bytes.subarray(bytes.length) : bytes.subarray(start)
  return Buffer.concat([Buffer.alloc(COORDINATE_BYTES - digits.length), digits])
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function badAnswer(what: string): CliError {
  return new CliError('BAD_ANSWER', `the signing service answered ${what} in another form than this command knows`)
}
