/** TKE over HTTP for tests: every answer is held to what the public client library checks of it (TKE reference, 1, 2, 6). */
import { createHash, type KeyObject } from 'node:crypto'
import {
  decodeDomainResponse,
  decodeResponseBlock,
  encodeAdminRequest,
  encodeInfoRequest,
  type ResponseBlock,
} from '@keywitness/crypto-unit/tke/admin-message'
import { encodeQueryBlock, queries } from '@keywitness/crypto-unit/tke/command-block'
import { decodeCprb, encodeCprb } from '@keywitness/crypto-unit/tke/cprb'
import { wordBytes } from '@keywitness/crypto-unit/tke/der'
import {
  decodeDeviceCertificate,
  verifyDeviceCertificate,
  type DeviceRoot,
} from '@keywitness/crypto-unit/tke/device-certificate'
import { decodeHtpResponse, encodeHtpRequest } from '@keywitness/crypto-unit/tke/htp'
import { publicKeyOfPoint } from '@keywitness/crypto-unit/tke/p521'
import { decodeSignerInfos, verifySignerInfo } from '@keywitness/crypto-unit/tke/signer-info'

/** An entry of the listing, its location read as clients read it. */
export interface TkeUnit {
  readonly type: 'operational' | 'recovery' | 'failover'
  readonly id: string
  readonly location: string
  readonly serial: string
  readonly state: string
  readonly version: number
  readonly moduleIndex: number
  readonly domainIndex: number
}

/** An answer that is no success. */
export class TkeHttpError extends Error {
  readonly status: number
  readonly body: string
  readonly eventId: string | undefined
  constructor(status: number, body: string, eventId: string | undefined) {
    super(`${status} ${body}`)
    this.name = 'TkeHttpError'
    this.status = status
    this.body = body
    this.eventId = eventId
  }
}

/** A unit's refusal of what it understood, or of what it could not read (then without a reason). */
export class TkeRefused extends Error {
  readonly returnCode: number
  readonly reason: number
  readonly eventId: string | undefined
  readonly requestHash: string
  constructor(returnCode: number, reason: number, eventId: string | undefined, requestHash: string) {
    super(`${returnCode}/${reason}`)
    this.name = 'TkeRefused'
    this.returnCode = returnCode
    this.reason = reason
    this.eventId = eventId
    this.requestHash = requestHash
  }
}

/** A signed answer, and the event that witnesses it if there is one. */
export interface TkeAnswer {
  readonly block: ResponseBlock
  readonly eventId: string | undefined
  /** SHA-256 of the request, hexadecimal. */
  readonly requestHash: string
}

export interface TkeWireOptions {
  /** Base URL, with whatever prefix its path has. */
  readonly url: string
  readonly instance: string
  /** The value of the header Authorization. */
  readonly authorization: string
}

const END_OF_CHAIN = '96/60'

export class TkeWire {
  readonly #options: TkeWireOptions
  /** Keys of modules by the first three pieces of their units' locations. */
  readonly #modules = new Map<string, { readonly key: KeyObject; readonly serial: string }>()
  #root: DeviceRoot | undefined

  constructor(options: TkeWireOptions) {
    this.#options = options
  }

  async http(method: string, path: string, body?: object): Promise<{ json: unknown; eventId: string | undefined }> {
    const answer = await fetch(`${this.#options.url}/v1/tke/${this.#options.instance}/${path}`, {
      method,
      headers: {
        authorization: this.#options.authorization,
        'content-type': 'application/json',
        accept: 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    const eventId = answer.headers.get('keywitness-event-id') ?? undefined
    if (!answer.ok) throw new TkeHttpError(answer.status, text, eventId)
    return { json: JSON.parse(text), eventId }
  }

  async list(): Promise<TkeUnit[]> {
    const listing = (await this.http('GET', 'hsms')).json as Record<string, unknown>
    if (!Array.isArray(listing['hsms'])) throw new Error('hsms is no array')
    const of = (name: string, type: TkeUnit['type']): TkeUnit[] =>
      ((listing[name] ?? []) as Record<string, unknown>[]).map((entry) => unitOf(entry, type))
    return [...of('hsms', 'operational'), ...of('source_hsms', 'recovery'), ...of('failover_hsms', 'failover')]
  }

  async root(): Promise<DeviceRoot> {
    this.#root ??= (await this.http('GET', 'root')).json as DeviceRoot
    return this.#root
  }

  /** What stands in a CPRB, to a unit and back. Values of the answer must all be texts. */
  async exchange(
    unit: TkeUnit,
    der: Uint8Array,
  ): Promise<{ payload: Buffer; eventId: string | undefined; requestHash: string }> {
    const request = encodeHtpRequest(unit.moduleIndex, encodeCprb(unit.domainIndex, der))
    const { json, eventId } = await this.http('POST', `hsms/${unit.id}`, { request })
    const values = Object.values(json as object) as unknown[]
    if (!values.every((value) => typeof value === 'string')) throw new Error('a value of the answer is no text')
    const { response } = json as { response?: string }
    if (response === undefined || response === '') throw new Error('the answer is empty')
    const { returnCode, payload } = decodeCprb(decodeHtpResponse(response))
    if (returnCode !== 0) throw new Error(`the CPRB says ${returnCode}`)
    return { payload, eventId, requestHash: createHash('sha256').update(der).digest('hex') }
  }

  /** A block and its signatures to a unit. @throws TkeRefused */
  async send(unit: TkeUnit, block: Uint8Array, signerInfos: readonly Uint8Array[]): Promise<TkeAnswer> {
    const request = encodeAdminRequest(unit.domainIndex, block, signerInfos)
    const { payload, eventId, requestHash } = await this.exchange(unit, request)
    const said = decodeDomainResponse(payload)
    if (said.kind === 'refused') throw new TkeRefused(said.returnCode, 0, eventId, requestHash)
    if (said.kind === 'info') throw new Error('an answer to another function')
    const module = this.#modules.get(moduleOf(unit))
    if (module === undefined) throw new Error('the module has shown no certificate yet')
    demandSignature(said.block, said.signerInfo, module.key)
    const answer = decodeResponseBlock(said.block)
    if (answer.serial !== unit.serial) throw new Error('serial mismatch')
    if (answer.domainIndex !== unit.domainIndex) throw new Error('another domain answered')
    const { returnCode, payload: reason } = answer
    if (returnCode !== 0) {
      const code = reason.length === 4 ? Buffer.from(reason).readUInt32BE(0) : 0
      throw new TkeRefused(returnCode, code, eventId, requestHash)
    }
    return { block: answer, eventId, requestHash }
  }

  async query(unit: TkeUnit, id: number, payload: Uint8Array = Buffer.alloc(0)): Promise<TkeAnswer> {
    const answer = await this.send(unit, encodeQueryBlock(id, unit.domainIndex, payload), [])
    if (answer.eventId !== undefined) throw new Error('a query left an event')
    return answer
  }

  /** `get_xcp_info` of a domain: not signed. */
  async domainInfo(unit: TkeUnit): Promise<Buffer> {
    const said = decodeDomainResponse((await this.exchange(unit, encodeInfoRequest(unit.domainIndex, 3))).payload)
    if (said.kind !== 'info' || said.payload.length !== 80) throw new Error('no information of a domain')
    return said.payload
  }

  knows(unit: TkeUnit): boolean {
    const known = this.#modules.get(moduleOf(unit))
    if (known !== undefined && known.serial !== unit.serial) throw new Error('one module has two serial numbers')
    return known !== undefined
  }

  /** The first certificate of a module: what its answers are verified with, its own only after the fact. */
  async firstCertificate(unit: TkeUnit): Promise<Uint8Array> {
    const block = encodeQueryBlock(queries.DEVICE_CERTIFICATE, 0, wordBytes(0))
    const { payload } = await this.exchange(unit, encodeAdminRequest(unit.domainIndex, block, []))
    const said = decodeDomainResponse(payload)
    if (said.kind !== 'admin') throw new Error('no certificate')
    const { returnCode, payload: certificate, serial } = decodeResponseBlock(said.block)
    if (returnCode !== 0) throw new Error(`no certificate: ${returnCode}`)
    const key = publicKeyOfPoint(decodeDeviceCertificate(certificate).point)
    demandSignature(said.block, said.signerInfo, key)
    if (serial !== unit.serial) throw new Error('serial mismatch')
    this.#modules.set(moduleOf(unit), { key, serial })
    return certificate
  }

  /** The rest of the chain, and whether it hangs from the root. */
  async verifyChain(unit: TkeUnit, first: Uint8Array): Promise<void> {
    const chain = [first]
    for (let index = 1; ; index++) {
      try {
        chain.push((await this.query(unit, queries.DEVICE_CERTIFICATE, wordBytes(index))).block.payload)
      } catch (error) {
        if (!(error instanceof TkeRefused) || error.message !== END_OF_CHAIN) throw error
        break
      }
      if (index > 4) throw new Error('the chain has no end')
    }
    // Each certificate is signed by the next one, the last by the root.
    const root = await this.root()
    for (const [index, certificate] of chain.entries()) {
      const next = chain[index + 1]
      verifyDeviceCertificate(certificate, next === undefined ? root : rootIn(next))
    }
  }
}

function rootIn(certificate: Uint8Array): DeviceRoot {
  const { point, subjectSki } = decodeDeviceCertificate(certificate)
  return { ski: subjectSki, x: point.toString('hex', 1, 67), y: point.toString('hex', 67) }
}

/** The bytes that clients insist on, then the signature itself. */
function demandSignature(block: Uint8Array, signerInfo: Buffer, key: KeyObject): void {
  const text = signerInfo.toString('hex')
  // Version of one byte, [0] of 32 bytes, SHA-512 with NULL, ecdsa-with-SHA512 with NULL, an octet string.
  const form =
    /^3081..0201..8020[0-9a-f]{64}300d06096086480165030402030500300c06082a8648ce3d04030405000481(8[0-9a-f])3081/
  if (!form.test(text)) throw new Error('the signature of the module is not in the form that clients read')
  const [signer, ...more] = decodeSignerInfos(signerInfo)
  if (signer === undefined || more.length > 0 || !verifySignerInfo(block, signer, key)) {
    throw new Error('the signature of the module does not verify')
  }
}

/** A module by the first three pieces of its units' locations. */
function moduleOf({ location }: TkeUnit): string {
  return location.split('.').slice(0, 3).join('.')
}

function unitOf(entry: Record<string, unknown>, type: TkeUnit['type']): TkeUnit {
  const { hsm_id: id, location, serial_number: serial, state, version } = entry
  if (typeof id !== 'string' || typeof location !== 'string' || typeof serial !== 'string') {
    throw new Error('an entry of the listing lacks a text')
  }
  const pieces = location.split('.')
  const [module, domain] = pieces.slice(2).map((piece) => /^\[(\d+)\]$/.exec(piece)?.[1])
  if (pieces.length !== 4 || module === undefined || domain === undefined) throw new Error('no location')
  return {
    type,
    id,
    location,
    serial,
    state: String(state),
    version: Number(version),
    moduleIndex: Number(module),
    domainIndex: Number(domain),
  }
}
