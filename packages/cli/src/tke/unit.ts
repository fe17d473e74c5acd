/** One crypto unit as this command speaks to it: every answer is verified under the pinned root before it is looked at. */
import type { KeyObject } from 'node:crypto'
import {
  decodeDomainResponse,
  decodeResponseBlock,
  encodeAdminRequest,
  encodeInfoRequest,
  infoQueries,
  type ResponseBlock,
} from '@keywitness/crypto-unit/tke/admin-message'
import {
  type CommandName,
  commands,
  encodeCommandBlock,
  encodeQueryBlock,
  queries,
} from '@keywitness/crypto-unit/tke/command-block'
import { decodeCprb, encodeCprb } from '@keywitness/crypto-unit/tke/cprb'
import { type DeviceRoot, verifyDeviceCertificate } from '@keywitness/crypto-unit/tke/device-certificate'
import { decodeHtpResponse, encodeHtpRequest } from '@keywitness/crypto-unit/tke/htp'
import { moduleInstanceOf } from '@keywitness/crypto-unit/tke/module-instance'
import { pointOfKey, pointSki } from '@keywitness/crypto-unit/tke/p521'
import { decodeSignerInfos, verifySignerInfo } from '@keywitness/crypto-unit/tke/signer-info'
import { CliError } from '../cli-error.ts'
import { type AcceptDanger, Acquaintance, SHARED_MODULE_INSTANCE } from './acquaintance.ts'
import type { CommandLog } from './command-log.ts'
import type { Signer } from './signers.ts'
import type { TkeApi, UnitEntry } from './tke-api.ts'
import type { UnitMemory } from './unit-memory.ts'
import { decoded, provesUnused, UnitMoved, UnitRefused, unproven } from './unit-refused.ts'

const nothing = Buffer.alloc(0)

export interface UnitOptions {
  readonly entry: UnitEntry
  readonly api: TkeApi
  readonly root: DeviceRoot
  readonly log: CommandLog
  readonly memory: UnitMemory
  readonly accept: AcceptDanger
  /** Tells a person what is no failure. */
  readonly warn: (line: string) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** The key of the unit's module, proved, and what this machine knows of the unit. */
interface Module {
  readonly key: KeyObject
  readonly ski: string
  readonly known: Acquaintance
}

/** Where a unit stands: what was read of it holds there, and what is signed is for the counter that follows. */
type Position = Pick<ResponseBlock, 'domainInstance' | 'serial' | 'moduleInstance' | 'counter'>

/** One key part of an import: what travels, and who signs for it. */
export interface SignedPart {
  readonly recipientInfo: Buffer
  readonly signer: Signer
}

export class Unit {
  readonly entry: UnitEntry
  readonly #options: UnitOptions
  #module: Module | undefined
  #isInFlight = false
  #hasSent = false
  #position: Position | undefined
  /** The furthest that it has shown in this run: what shows less is an old answer, sent again. */
  #furthest: Position | undefined

  constructor(options: UnitOptions) {
    this.entry = options.entry
    this.#options = options
  }

  get location(): string {
    return this.entry.location
  }

  /** Whether a command left for it whose outcome nobody knows: no proved answer came. */
  get isInFlight(): boolean {
    return this.#isInFlight
  }

  /** Whether any command left for it in this run. */
  get hasSent(): boolean {
    return this.#hasSent
  }

  /** What is read from here on is a new look at the unit: its first answer says where it stands. */
  look(): void {
    this.#position = undefined
  }

  /** A look has come to its end: what it showed of the unit is remembered. */
  async remember(): Promise<void> {
    await this.#module?.known.remember()
  }

  /** The key of its module, proved by the device certificate. */
  async #prove(): Promise<Module> {
    if (this.#module !== undefined) return this.#module
    const block = encodeQueryBlock(queries.DEVICE_CERTIFICATE, this.entry.domainIndex, Buffer.alloc(4))
    const answer = await this.#admin(encodeAdminRequest(this.entry.domainIndex, block, []))
    const { payload, returnCode } = decoded(this.location, () => decodeResponseBlock(answer.block))
    if (returnCode !== 0) throw unproven(this.location, 'it shows no device certificate')
    let key: KeyObject
    try {
      key = verifyDeviceCertificate(payload, this.#options.root)
    } catch (error) {
      throw unproven(this.location, lowerFirst((error as Error).message))
    }
    const { moduleInstance } = this.#verify(answer, key)
    if (moduleInstance === SHARED_MODULE_INSTANCE) {
      this.#options.warn(
        `Crypto unit ${this.location} was made by an older version: its answers do not tell it from units of other instances.`,
      )
    }
    const known = await Acquaintance.of(this.#options.memory, this.entry, this.#options.accept)
    this.#module = { key, ski: pointSki(pointOfKey(key)).toString('hex'), known }
    return this.#module
  }

  /**
   * A question that changes nothing.
   *
   * @throws UnitRefused; UnitMoved when the unit stands elsewhere than the answers before said; CliError
   *   `VERIFICATION_FAILED` when the answer is not the unit's own
   */
  async query(id: number, payload: Uint8Array = nothing): Promise<ResponseBlock> {
    const block = encodeQueryBlock(id, this.entry.domainIndex, payload)
    const { answer } = await this.#ask(encodeAdminRequest(this.entry.domainIndex, block, []), id)
    const before = this.#position
    if (before !== undefined && !isSamePlace(before, answer)) throw new UnitMoved(this.location)
    await this.#demandFits(answer)
    this.#position = answer
    return accepted(this.location, answer)
  }

  /** Domain information: 80 bytes that nobody signs; whoever uses it compares what is signed elsewhere. */
  async info(): Promise<Buffer> {
    const response = await this.#exchange(encodeInfoRequest(this.entry.domainIndex, infoQueries.DOMAIN))
    const answer = decoded(this.location, () => decodeDomainResponse(response))
    if (answer.kind === 'info' && answer.payload.length === 80) return answer.payload
    throw new CliError('BAD_ANSWER', `crypto unit ${this.location} gave no domain information`)
  }

  /** A command, signed by these people over the counter that follows what they have seen of the unit. */
  async command(name: CommandName, payload: Uint8Array, signers: readonly Signer[]): Promise<ResponseBlock> {
    return this.#command(name, async (blockOf) => {
      const block = blockOf(payload)
      return { block, infos: await inTurn(signers, (signer) => signer.sign(block)) }
    })
  }

  /** An import: a signed request for each part inside one that nobody signs (TKE reference, section 3.10). */
  async load(parts: readonly SignedPart[]): Promise<ResponseBlock> {
    return this.#command('LOAD', async (blockOf) => {
      const requests = await inTurn(parts, async ({ recipientInfo, signer }) => {
        const block = blockOf(recipientInfo)
        return encodeAdminRequest(this.entry.domainIndex, block, [await signer.sign(block)])
      })
      return { block: blockOf(Buffer.concat(requests)), infos: [] }
    })
  }

  async #command(
    name: CommandName,
    make: (blockOf: (payload: Uint8Array) => Buffer) => Promise<{ block: Buffer; infos: readonly Buffer[] }>,
  ): Promise<ResponseBlock> {
    const { domainIndex } = this.entry
    const before = this.#position
    const known = this.#module?.known
    if (before === undefined || known === undefined) throw new RangeError('a command to a unit that was not looked at')
    const { domainInstance, serial, moduleInstance } = before
    const counter = before.counter + 1n
    const blockOf = (payload: Uint8Array): Buffer =>
      encodeCommandBlock({
        command: commands[name],
        domainIndex,
        domainInstance,
        serial,
        moduleInstance,
        counter,
        payload,
      })
    const { block, infos } = await make(blockOf)
    const request = encodeAdminRequest(domainIndex, block, infos)
    let response: Buffer | undefined
    let failure: string | undefined
    await this.#options.log.prepare()
    await known.beforeCommand(name === 'ZEROIZE')
    this.#hasSent = true
    this.#isInFlight = true
    try {
      const sent = await this.#ask(request, commands[name])
      response = sent.response
      const { answer } = sent
      const isOwn = isSamePlace({ ...before, counter }, answer)
      if (answer.returnCode === 0 && !isOwn) throw unproven(this.location, 'it answers another command')
      if (answer.returnCode === 0 || (isOwn && provesUnused(answer.returnCode))) {
        await this.#demandFits(answer)
        this.#position = answer
        this.#isInFlight = false
        if (name === 'ZEROIZE') {
          known.afterZeroize(answer.returnCode === 0 ? 'done' : 'refused')
          // What comes after it is another life.
          if (answer.returnCode === 0) this.look()
        }
      }
      return accepted(this.location, answer)
    } catch (error) {
      failure = error instanceof UnitRefused ? undefined : (error as Error).message
      throw error
    } finally {
      const isInFlight = this.#isInFlight
      // Should it fail to be kept, what happened is told as not known, never as not done.
      this.#isInFlight = true
      await this.#record(name, request, response, failure)
      await known.remember()
      this.#isInFlight = isInFlight
    }
  }

  async #record(
    command: CommandName,
    request: Buffer,
    response: Buffer | undefined,
    failure: string | undefined,
  ): Promise<void> {
    const { api, log, now } = this.#options
    await log.add({
      time: new Date(now()).toISOString(),
      server: api.origin,
      instance: api.instance,
      unit: this.entry.hsmId,
      location: this.location,
      command,
      request,
      response,
      failure,
    })
  }

  /** Sends an administrative request and verifies what comes back, whatever its return code. */
  async #ask(request: Buffer, id: number): Promise<{ response: Buffer; answer: ResponseBlock }> {
    const { key } = await this.#prove()
    const signed = await this.#admin(request)
    const answer = this.#verify(signed, key)
    if (answer.id !== id) throw unproven(this.location, 'it answers something else')
    if (answer.domainIndex !== this.entry.domainIndex && id !== queries.DEVICE_CERTIFICATE) {
      throw unproven(this.location, 'it is of another domain')
    }
    const { domainInstance, counter } = answer
    const furthest = this.#furthest
    if (furthest?.domainInstance === domainInstance && counter < furthest.counter) {
      throw unproven(this.location, 'it is older than one seen before')
    }
    this.#furthest = answer
    return { response: signed.response, answer }
  }

  async #demandFits(answer: ResponseBlock): Promise<void> {
    const { known, ski } = await this.#prove()
    await known.demandFits(answer, ski)
  }

  /** The signature is checked over the octets as they came. */
  #verify({ block, signerInfo }: SignedAnswer, key: KeyObject): ResponseBlock {
    const [info] = decoded(this.location, () => decodeSignerInfos(signerInfo))
    if (info === undefined) throw unproven(this.location, 'nobody signed it')
    if (!verifySignerInfo(block, info, key)) throw unproven(this.location, 'its signature does not verify')
    const answer = decoded(this.location, () => decodeResponseBlock(block))
    if (answer.serial !== this.entry.serial)
      throw unproven(this.location, 'it comes from a module of another serial number')
    const { moduleInstance } = answer
    if (
      moduleInstance !== moduleInstanceOf(this.#options.api.instance, this.entry.hsmId) &&
      moduleInstance !== SHARED_MODULE_INSTANCE
    ) {
      throw unproven(this.location, 'it comes from a unit of another instance, or from another unit of this one')
    }
    return answer
  }

  async #admin(request: Buffer): Promise<SignedAnswer> {
    const response = await this.#exchange(request)
    const answer = decoded(this.location, () => decodeDomainResponse(response))
    if (answer.kind === 'admin') return { ...answer, response }
    if (answer.kind === 'refused') {
      throw unproven(
        this.location,
        `nobody signed it; it says ${answer.returnCode}, that the request was not understood`,
      )
    }
    throw unproven(this.location, 'it is no answer to a command')
  }

  async #exchange(request: Buffer): Promise<Buffer> {
    const { hsmId, moduleIndex, domainIndex } = this.entry
    const text = await this.#options.api.send(hsmId, encodeHtpRequest(moduleIndex, encodeCprb(domainIndex, request)))
    const { returnCode, payload } = decoded(this.location, () => decodeCprb(decodeHtpResponse(text)))
    if (returnCode === 0) return payload
    throw new CliError(
      'BAD_ANSWER',
      `crypto unit ${this.location} was not reached: ${returnCode >>> 16}/${returnCode & 0xffff}`,
    )
  }
}

interface SignedAnswer {
  readonly block: Buffer
  readonly signerInfo: Buffer
  readonly response: Buffer
}

function isSamePlace(a: Position, b: Position): boolean {
  return (
    a.domainInstance === b.domainInstance &&
    a.counter === b.counter &&
    a.serial === b.serial &&
    a.moduleInstance === b.moduleInstance
  )
}

function accepted(location: string, answer: ResponseBlock): ResponseBlock {
  if (answer.returnCode === 0) return answer
  const reason = answer.payload.length === 4 ? Buffer.from(answer.payload).readUInt32BE(0) : 0
  throw new UnitRefused(location, answer.returnCode, reason)
}

/** One after the other: signers may ask a person, or a service. */
async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const item of items) results.push(await work(item))
  return results
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '')
}
