/** A crypto unit in a few lines, as far as the commands of `keywitness tke` can see: it checks signatures and signs answers. */
import { generateKeyPairSync, type KeyObject, createPublicKey, randomBytes } from 'node:crypto'
import {
  decodeDomainRequest,
  encodeAdminResponse,
  encodeInfoResponse,
  encodeResponseBlock,
  functions,
  type ResponseBlock,
  splitRequests,
} from '@keywitness/crypto-unit/tke/admin-message'
import { parseAdministratorCertificate } from '@keywitness/crypto-unit/tke/administrator-certificate'
import {
  attributes,
  CONTROL_POINT_BYTES,
  decodeAttributes,
  encodeAttributes,
  permissions,
} from '@keywitness/crypto-unit/tke/attributes'
import {
  commandName,
  type CommandName,
  decodeAnyBlock,
  decodeCommandBlock,
  isQuery,
  queries,
} from '@keywitness/crypto-unit/tke/command-block'
import { decodeCprb, encodeCprb } from '@keywitness/crypto-unit/tke/cprb'
import { wordBytes } from '@keywitness/crypto-unit/tke/der'
import { makeDeviceCertificate } from '@keywitness/crypto-unit/tke/device-certificate'
import { decodeHtpRequest, encodeHtpResponse } from '@keywitness/crypto-unit/tke/htp'
import { moduleInstanceOf } from '@keywitness/crypto-unit/tke/module-instance'
import { importerSki, pointOfKey, pointSki, publicKeyOfPoint } from '@keywitness/crypto-unit/tke/p521'
import {
  decodeHolderCertificate,
  decodeParameters,
  encodeParameters,
  parameters,
} from '@keywitness/crypto-unit/tke/parameter-file'
import { openPart, sealPart } from '@keywitness/crypto-unit/tke/recipient-info'
import { decodeSignerInfos, makeSignerInfo, verifySignerInfo } from '@keywitness/crypto-unit/tke/signer-info'
import { verificationPattern } from '@keywitness/crypto-unit/tke/verification-pattern'

/** Return code and reason. */
class Rejected extends Error {
  readonly codes: readonly [number, number]
  constructor(...codes: [number, number]) {
    super(codes.join('/'))
    this.codes = codes
  }
}

interface MasterKey {
  readonly bytes: Buffer
  readonly parts: readonly string[]
}

export interface UnitPlace {
  readonly hsmId: string
  readonly location: string
  readonly kind: 'operational' | 'recovery' | 'failover'
}

const emptyPattern = Buffer.alloc(32)
const FRESH_PERMISSIONS = 0x81ff_0011

export class SimulatedUnit {
  readonly place: UnitPlace
  readonly serial: string
  readonly domain: number
  /** What the list says; undefined for what follows from the registers. */
  state: string | undefined
  moduleInstance: bigint
  administrators = new Map<string, Buffer>()
  values = new Map<number, number>()
  points = Buffer.alloc(CONTROL_POINT_BYTES)
  current: MasterKey | undefined
  next: MasterKey | undefined
  isCommitted = false
  /** Commands that were carried out, oldest first. */
  readonly carried: CommandName[] = []
  /** A test's own codes for the next command of this name. */
  readonly refuse = new Map<CommandName, [number, number]>()
  #counter = 0n
  #instance = 0
  #importer: KeyObject | undefined
  readonly #moduleKey = generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey
  readonly #certificate: Buffer

  constructor(place: UnitPlace, instance: string, serial: string, root: KeyObject) {
    this.place = place
    this.moduleInstance = moduleInstanceOf(instance, place.hsmId)
    this.serial = serial
    this.domain = Number(/\[(\d+)\]$/.exec(place.location)?.[1])
    this.#certificate = makeDeviceCertificate(this.#moduleKey, root)
    this.zeroize()
  }

  get threshold(): number {
    return this.values.get(attributes.SIGNATURE_THRESHOLD) ?? 0
  }

  /** As the commands of three people would leave it. */
  administer(certificates: readonly Buffer[], threshold: number, permissionBits: number): void {
    for (const certificate of certificates) {
      this.administrators.set(parseAdministratorCertificate(certificate).ski, certificate)
    }
    this.values.set(attributes.SIGNATURE_THRESHOLD, threshold)
    this.values.set(attributes.REVOCATION_THRESHOLD, threshold)
    this.values.set(attributes.PERMISSIONS, permissionBits)
  }

  /** As if so many commands of others had been carried out; fewer, when it was put back. */
  advance(commandCount: number): void {
    this.#counter += BigInt(commandCount)
  }

  /** Has the key of these parts as its current one. */
  hold(parts: readonly Buffer[]): void {
    this.current = keyOf(parts)
  }

  zeroize(): void {
    this.administrators = new Map()
    this.values = new Map([
      [attributes.SIGNATURE_THRESHOLD, 0],
      [attributes.REVOCATION_THRESHOLD, 0],
      [attributes.PERMISSIONS, FRESH_PERMISSIONS],
      [attributes.MODE, 0x0004_0202],
      [attributes.STANDARDS, 0],
    ])
    this.points = Buffer.alloc(CONTROL_POINT_BYTES)
    this.current = undefined
    this.next = undefined
    this.#counter = 0n
    this.#instance = randomBytes(4).readUInt32BE()
  }

  /** HTPRequest in, HTPResponse out. */
  answer(text: string): string {
    const { payload } = decodeCprb(decodeHtpRequest(text).cprb)
    const request = decodeDomainRequest(payload)
    const response =
      request.kind === 'info'
        ? encodeInfoResponse(request.functionId, this.domain, this.#info())
        : this.#admin(request.block, request.signerInfos)
    return encodeHtpResponse(encodeCprb(this.domain, response))
  }

  #admin(block: Buffer, signerInfos: Buffer): Buffer {
    const { id, payload } = decodeAnyBlock(block)
    let returnCode = 0
    let output: Uint8Array
    // The answer to a zeroize still names the life that ended.
    const domainInstance = this.#instance
    try {
      output = isQuery(id) ? this.#query(id, payload) : this.#command(block, signerInfos)
    } catch (error) {
      if (!(error instanceof Rejected)) throw error
      returnCode = error.codes[0]
      output = wordBytes(error.codes[1])
    }
    const answer: ResponseBlock = {
      id,
      domainIndex: this.domain,
      domainInstance,
      serial: this.serial,
      moduleInstance: this.moduleInstance,
      counter:
        domainInstance === this.#instance || returnCode !== 0 ? this.#counter : decodeCommandBlock(block).counter,
      returnCode,
      payload: output,
    }
    const answerBlock = encodeResponseBlock(answer)
    const ski = pointSki(pointOfKey(this.#moduleKey))
    const info = makeSignerInfo(answerBlock, ski, this.#moduleKey)
    return encodeAdminResponse(functions.ADMIN, this.domain, answerBlock, info)
  }

  #query(id: number, payload: Buffer): Uint8Array {
    switch (id) {
      case queries.DEVICE_CERTIFICATE:
        if (payload.readUInt32BE(0) > 0) throw new Rejected(96, 60)
        return this.#certificate
      case queries.ATTRIBUTES:
        return encodeAttributes([...this.values])
      case queries.ADMINISTRATORS: {
        if (payload.length === 0) return Buffer.from([...this.administrators.keys()].join(''), 'hex')
        return this.administrators.get(payload.toString('hex')) ?? reject(32, 32)
      }
      case queries.CONTROL_POINTS:
        return this.points
      case queries.CURRENT_PATTERN:
        return this.current === undefined ? reject(96, 49) : patternOf(this.current)
      case queries.NEW_PATTERN:
        return this.next === undefined ? reject(96, 50) : patternOf(this.next)
      case queries.PART_PATTERNS:
        return Buffer.from(this.next?.parts.join('') ?? '', 'hex')
      default:
        return reject(84, 0)
    }
  }

  #command(bytes: Buffer, signerInfos: Buffer): Uint8Array {
    const block = decodeCommandBlock(bytes)
    const name = commandName(block.command) ?? reject(84, 0)
    if (block.domainInstance !== this.#instance) reject(3, 14)
    if (block.serial !== this.serial) reject(3, 17)
    if (block.moduleInstance !== this.moduleInstance) reject(3, 16)
    if (block.counter <= this.#counter) reject(163, 19)
    const signers = this.#verified(bytes, signerInfos)
    if (this.state === 'stale' && name !== 'SET_ATTRIBUTES' && name !== 'ZEROIZE') reject(145, 0)
    const fresh = name === 'SET_ATTRIBUTES' && this.threshold === 0 ? Buffer.from(block.payload).readUInt32BE(4) : 0
    if (signers < Math.max(fresh, this.#needed(name))) reject(208, 21)
    this.#counter = block.counter
    const codes = this.refuse.get(name)
    if (codes !== undefined) {
      this.refuse.delete(name)
      reject(...codes)
    }
    const output = this.#carryOut(name, Buffer.from(block.payload))
    this.carried.push(name)
    return output
  }

  #verified(message: Buffer, signerInfos: Buffer): number {
    const infos = decodeSignerInfos(signerInfos)
    for (const info of infos) {
      const certificate = this.administrators.get(info.ski) ?? reject(257, 0)
      const { publicKey } = parseAdministratorCertificate(certificate)
      if (!verifySignerInfo(message, info, publicKey)) reject(192, 22)
    }
    return new Set(infos.map(({ ski }) => ski)).size
  }

  #needed(name: CommandName): number {
    const { threshold } = this
    const may = (permission: number): boolean => ((this.values.get(attributes.PERMISSIONS) ?? 0) & permission) !== 0
    if (threshold === 0) {
      if (['ADD_ADMINISTRATOR', 'REMOVE_ADMINISTRATOR', 'SET_ATTRIBUTES', 'ZEROIZE'].includes(name)) return 0
      return reject(179, 34)
    }
    switch (name) {
      case 'REMOVE_ADMINISTRATOR':
        return this.values.get(attributes.REVOCATION_THRESHOLD) ?? 0
      case 'LOAD':
        return 0
      case 'CLEAR_NEW':
      case 'CLEAR_CURRENT':
      case 'GENERATE_IMPORTER':
      case 'RANDOM':
      case 'ACTIVATE':
        return 1
      case 'ZEROIZE':
        return may(permissions.ONE_SIGNATURE_ZEROIZE) ? 1 : threshold
      default:
        return threshold
    }
  }

  #carryOut(name: CommandName, payload: Buffer): Uint8Array {
    const may = (permission: number): boolean => ((this.values.get(attributes.PERMISSIONS) ?? 0) & permission) !== 0
    switch (name) {
      case 'ADD_ADMINISTRATOR': {
        const { ski } = parseAdministratorCertificate(payload)
        if (this.administrators.has(ski)) reject(256, 38)
        this.administrators.set(ski, payload)
        return Buffer.alloc(0)
      }
      case 'REMOVE_ADMINISTRATOR':
        if (!this.administrators.delete(payload.toString('hex'))) reject(32, 32)
        return Buffer.alloc(0)
      case 'SET_ATTRIBUTES':
        for (const [index, value] of decodeAttributes(payload)) this.values.set(index, value)
        if (this.state === 'stale') this.state = undefined
        return Buffer.alloc(0)
      case 'GENERATE_IMPORTER':
        this.#importer = generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey
        return createPublicKey(this.#importer).export({ format: 'der', type: 'spki' })
      case 'RANDOM': {
        if (!may(permissions.RANDOM)) reject(80, 52)
        const key = keyOf([randomBytes(32)])
        if (this.current === undefined) this.current = key
        else this.#load(key)
        return patternOf(key)
      }
      case 'LOAD':
        this.#load(keyOf(this.#parts(payload)))
        return patternOf(this.next ?? reject(96, 50))
      case 'EXPORT':
      case 'EXPORT_NEW':
        return may(permissions.EXPORT)
          ? this.#export(name === 'EXPORT' ? this.current : this.next, payload)
          : reject(80, 131)
      case 'COMMIT':
        if (this.next === undefined || !patternOf(this.next).equals(payload)) reject(101, 48)
        this.isCommitted = true
        return payload
      case 'ACTIVATE':
        if (!this.isCommitted || this.next === undefined || !patternOf(this.next).equals(payload)) reject(101, 48)
        this.current = this.next
        this.next = undefined
        return payload
      case 'CLEAR_NEW':
        this.next = undefined
        return Buffer.alloc(0)
      case 'CLEAR_CURRENT':
        this.current = undefined
        return Buffer.alloc(0)
      case 'ZEROIZE':
        this.zeroize()
        return Buffer.alloc(0)
      case 'SET_CONTROL_POINTS':
        return reject(84, 0)
      case 'ADD_CONTROL_POINTS':
      case 'REMOVE_CONTROL_POINTS':
        this.points = Buffer.from(
          this.points.map((byte, at) =>
            name === 'ADD_CONTROL_POINTS' ? byte | (payload[at] ?? 0) : byte & ~(payload[at] ?? 0),
          ),
        )
        return this.points
    }
  }

  #load(key: MasterKey): void {
    this.next = key
    this.isCommitted = false
  }

  /** Each part is a request of its own, signed by one administrator at least. */
  #parts(payload: Buffer): Buffer[] {
    return splitRequests(payload, 20).map((bytes) => {
      const request = decodeDomainRequest(bytes)
      if (request.kind !== 'admin') return reject(7, 6)
      if (this.#verified(request.block, request.signerInfos) === 0) reject(208, 21)
      const { payload: recipientInfo } = decodeCommandBlock(request.block)
      return openPart(recipientInfo, this.#importer ?? reject(96, 1)) ?? reject(32, 28)
    })
  }

  #export(key: MasterKey | undefined, payload: Buffer): Buffer {
    const holder = decodeParameters(payload).find(({ type }) => type === parameters.HOLDER_CERTIFICATE)
    if (key === undefined || holder === undefined) return reject(96, 49)
    const point = decodeHolderCertificate(holder.data)
    const data = sealPart(key.bytes, publicKeyOfPoint(point), importerSki(point))
    return encodeParameters([{ type: parameters.KEY_PART, index: 0, data }])
  }

  #info(): Buffer {
    const info = Buffer.alloc(80)
    if (this.current !== undefined) patternOf(this.current).copy(info, 4)
    if (this.next !== undefined) patternOf(this.next).copy(info, 36)
    info[71] =
      (this.current === undefined ? 0 : 2) |
      (this.next === undefined ? 0 : 4) |
      (this.next !== undefined && this.isCommitted ? 8 : 0)
    return info
  }
}

function keyOf(parts: readonly Buffer[]): MasterKey {
  const bytes = Buffer.alloc(32)
  for (const part of parts) for (let at = 0; at < bytes.length; at++) bytes[at] = (bytes[at] ?? 0) ^ (part[at] ?? 0)
  return { bytes, parts: parts.map((part) => verificationPattern(part)) }
}

function patternOf(key: MasterKey | undefined): Buffer {
  return key === undefined ? emptyPattern : Buffer.from(verificationPattern(key.bytes), 'hex')
}

function reject(...codes: [number, number]): never {
  throw new Rejected(...codes)
}
