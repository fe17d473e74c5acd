/** A TKE client for tests: administrators with their signature keys, who command the crypto units of an instance over HTTP. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  decodeDomainResponse,
  decodeResponseBlock,
  encodeAdminRequest,
  type ResponseBlock,
} from '@keywitness/crypto-unit/tke/admin-message'
import { administratorSki, createAdministratorCertificate } from '@keywitness/crypto-unit/tke/administrator-certificate'
import { encodeAttributes } from '@keywitness/crypto-unit/tke/attributes'
import {
  commands,
  encodeCommandBlock,
  encodeQueryBlock,
  queries,
  type CommandBlock,
  type CommandName,
} from '@keywitness/crypto-unit/tke/command-block'
import { decodeCprb, encodeCprb } from '@keywitness/crypto-unit/tke/cprb'
import { wordBytes } from '@keywitness/crypto-unit/tke/der'
import { decodeHtpResponse, encodeHtpRequest } from '@keywitness/crypto-unit/tke/htp'
import { importerSki, POINT_BYTES } from '@keywitness/crypto-unit/tke/p521'
import { sealPart } from '@keywitness/crypto-unit/tke/recipient-info'
import { makeSignerInfo } from '@keywitness/crypto-unit/tke/signer-info'
import type { Client, Reply } from './client.ts'

export interface TkeAdministrator {
  readonly ski: string
  readonly certificate: Uint8Array
  readonly key: KeyObject
}

/** A crypto unit as the listing has it. */
export interface TkeListing {
  readonly hsm_id: string
  readonly location: string
  readonly serial_number: string
  readonly state: string
  readonly version: number
}

/** How a command was answered. */
export interface TkeReply {
  readonly status: number
  readonly body: string
  readonly eventId: string | undefined
  /** `0/0` when it was carried out; undefined when the answer holds no block. */
  readonly code: string | undefined
  readonly output: Buffer
}

export interface RotationView {
  readonly status: string
  readonly rewrapped: string
  readonly total: string
  readonly from: string
  readonly to: string
}

const IMPORTER_P_521 = 3

export function newTkeAdministrator(name: string): TkeAdministrator {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' })
  const certificate = createAdministratorCertificate(name, privateKey)
  return { ski: administratorSki(privateKey), certificate, key: privateKey }
}

/** The administrators that a development ceremony has left in a data folder. */
export function ceremonyAdministrators(data: string, instance: string): TkeAdministrator[] {
  return [1, 2].map((number) => {
    const file = join(data, 'ceremony', instance, `administrator-${number}`)
    const key = createPrivateKey(readFileSync(`${file}.key.pem`))
    return { ski: administratorSki(key), certificate: readFileSync(`${file}.certificate`), key }
  })
}

/** The master key parts that it has left. */
export function ceremonyParts(data: string, instance: string): Uint8Array[] {
  return [1, 2].map((number) => {
    const text = readFileSync(join(data, 'ceremony', instance, `master-key-part-${number}.hex`), 'latin1')
    return new Uint8Array(Buffer.from(text.trim(), 'hex'))
  })
}

export class TkeCommands {
  readonly #client: Client
  readonly #root: string
  readonly administrators: readonly TkeAdministrator[]

  constructor(client: Client, instance: string, administrators: readonly TkeAdministrator[]) {
    this.#client = client
    this.#root = `/v1/tke/${instance}`
    this.administrators = administrators
  }

  /** All units: operational ones first. */
  async units(): Promise<TkeListing[]> {
    const { json, text, status } = await this.#client.call<Record<string, TkeListing[]>>('GET', `${this.#root}/hsms`)
    if (status !== 200) throw new Error(`no units: ${status} ${text}`)
    return [...(json['hsms'] ?? []), ...(json['source_hsms'] ?? []), ...(json['failover_hsms'] ?? [])]
  }

  /** How each unit stands, in the order of `units`. */
  async states(): Promise<string[]> {
    return (await this.units()).map(({ state }) => state)
  }

  async rotation(method: 'GET' | 'PUT' = 'GET'): Promise<{ status: number; text: string; json: RotationView }> {
    return await this.#client.call<RotationView>(method, `${this.#root}/key_roll`)
  }

  /** Asks for failover units, which begin in imprint mode. */
  async enableFailover(region: string, numberOfHsmsRequested: number): Promise<Reply> {
    const path = `${this.#root}/hsmAssignment/${region}?type=failover`
    return await this.#client.call('POST', path, { body: { numberOfHsmsRequested } })
  }

  /** What stands in the answer to a query; its block says how the unit is. */
  async ask(unit: TkeListing, query: keyof typeof queries, payload?: Uint8Array): Promise<ResponseBlock> {
    const reply = await this.postQuery(unit, queries[query], payload)
    if (reply.block === undefined) throw new Error(`no answer to a query: ${reply.status} ${reply.body}`)
    return reply.block
  }

  async postQuery(
    unit: TkeListing,
    id: number,
    payload?: Uint8Array,
  ): Promise<TkeReply & { readonly block?: ResponseBlock }> {
    const block = encodeQueryBlock(id, domainOf(unit), payload)
    return await this.post(unit, requestOf(unit, encodeAdminRequest(domainOf(unit), block, [])))
  }

  /** The block of a command for the unit as it is. */
  async blockOf(
    unit: TkeListing,
    name: CommandName,
    payload: Uint8Array,
    changed: Partial<CommandBlock> = {},
  ): Promise<Buffer> {
    const { domainIndex, domainInstance, serial, moduleInstance, counter } = await this.ask(unit, 'ATTRIBUTES')
    return encodeCommandBlock({
      command: commands[name],
      domainIndex,
      domainInstance,
      serial,
      moduleInstance,
      counter: counter + 1n,
      payload,
      ...changed,
    })
  }

  /** The HTPRequest of a command, signed. */
  async requestOf(
    unit: TkeListing,
    name: CommandName,
    payload: Uint8Array = Buffer.alloc(0),
    signers: readonly TkeAdministrator[] = this.administrators,
    changed: Partial<CommandBlock> = {},
  ): Promise<string> {
    const block = await this.blockOf(unit, name, payload, changed)
    return requestOf(unit, signedRequest(unit, block, signers))
  }

  /** Signs for the unit as it is, and sends. */
  async send(
    unit: TkeListing,
    name: CommandName,
    payload?: Uint8Array,
    signers?: readonly TkeAdministrator[],
  ): Promise<TkeReply> {
    return await this.post(unit, await this.requestOf(unit, name, payload, signers))
  }

  /** The same. @throws Error when it was not carried out */
  async carryOut(
    unit: TkeListing,
    name: CommandName,
    payload?: Uint8Array,
    signers?: readonly TkeAdministrator[],
  ): Promise<TkeReply> {
    const reply = await this.send(unit, name, payload, signers)
    if (reply.code !== '0/0') throw new Error(`${name} was refused: ${reply.status} ${reply.code} ${reply.body}`)
    return reply
  }

  /** Sends an HTPRequest as it is. */
  async post(unit: TkeListing, request: string): Promise<TkeReply & { readonly block?: ResponseBlock }> {
    const path = `${this.#root}/hsms/${unit.hsm_id}`
    const reply = await this.#client.call<{ response?: string }>('POST', path, { body: { request } })
    const { status, text: body, eventId } = reply
    const none = { status, body, eventId, code: undefined, output: Buffer.alloc(0) }
    if (status !== 200 || reply.json.response === undefined) return none
    const answer = decodeDomainResponse(decodeCprb(decodeHtpResponse(reply.json.response)).payload)
    if (answer.kind !== 'admin') return none
    const block = decodeResponseBlock(answer.block)
    const output = Buffer.from(block.payload)
    const reason = block.returnCode !== 0 && output.length === 4 ? output.readUInt32BE(0) : 0
    return { ...none, code: `${block.returnCode}/${reason}`, output, block }
  }

  /** Administrators and thresholds: out of imprint mode. */
  async appoint(unit: TkeListing): Promise<void> {
    for (const { certificate } of this.administrators) await this.carryOut(unit, 'ADD_ADMINISTRATOR', certificate, [])
    await this.carryOut(unit, 'SET_ATTRIBUTES', this.thresholds())
  }

  thresholds(): Buffer {
    return encodeAttributes([
      [1, this.administrators.length],
      [2, this.administrators.length],
    ])
  }

  /** Brings master key parts into the new register. */
  async load(unit: TkeListing, parts: readonly Uint8Array[]): Promise<TkeReply> {
    const importer = await this.carryOut(unit, 'GENERATE_IMPORTER', wordBytes(IMPORTER_P_521))
    return await this.post(unit, await this.loadRequest(unit, parts, importer.output))
  }

  /** The HTPRequest that brings parts; each is signed for itself, and the whole is not. */
  async loadRequest(unit: TkeListing, parts: readonly Uint8Array[], spki: Buffer): Promise<string> {
    const importer = createPublicKey({ key: spki, format: 'der', type: 'spki' })
    const recipient = importerSki(spki.subarray(spki.length - POINT_BYTES))
    const inner = await Promise.all(
      parts.map(async (part) => {
        const block = await this.blockOf(unit, 'LOAD', sealPart(part, importer, recipient))
        return signedRequest(unit, block, this.administrators)
      }),
    )
    return await this.requestOf(unit, 'LOAD', Buffer.concat(inner), [])
  }

  /** Loads a master key and commits it; it is in the new register then. @returns its verification pattern */
  async bring(unit: TkeListing, parts: readonly Uint8Array[]): Promise<string> {
    const loaded = await this.load(unit, parts)
    if (loaded.code !== '0/0') throw new Error(`LOAD was refused: ${loaded.status} ${loaded.code} ${loaded.body}`)
    const pattern = loaded.output.toString('hex', 0, 32)
    await this.carryOut(unit, 'COMMIT', Buffer.from(pattern, 'hex'))
    return pattern
  }

  async activate(unit: TkeListing, pattern: string): Promise<TkeReply> {
    return await this.send(unit, 'ACTIVATE', Buffer.from(pattern, 'hex'))
  }

  /** From imprint mode to an active master key. */
  async lead(unit: TkeListing, parts: readonly Uint8Array[]): Promise<void> {
    await this.appoint(unit)
    await this.carryOut(unit, 'ACTIVATE', Buffer.from(await this.bring(unit, parts), 'hex'))
  }
}

function signedRequest(unit: TkeListing, block: Buffer, signers: readonly TkeAdministrator[]): Buffer {
  const infos = signers.map(({ ski, key }) => makeSignerInfo(block, Buffer.from(ski, 'hex'), key))
  return encodeAdminRequest(domainOf(unit), block, infos)
}

function requestOf(unit: TkeListing, der: Uint8Array): string {
  const [module, domain] = placeOf(unit)
  return encodeHtpRequest(module, encodeCprb(domain, der))
}

function domainOf(unit: TkeListing): number {
  return placeOf(unit)[1]
}

function placeOf({ location }: TkeListing): [module: number, domain: number] {
  const match = /\[(\d+)\]\.\[(\d+)\]$/.exec(location)
  return [Number(match?.[1]), Number(match?.[2])]
}
