/** One crypto unit as people act on it: commands are signed for the state that was read, and for no other. */
import { encodeAdminRequest, type ResponseBlock } from '@keywitness/crypto-unit/tke/admin-message'
import {
  type CommandName,
  commands,
  encodeCommandBlock,
  encodeQueryBlock,
} from '@keywitness/crypto-unit/tke/command-block'
import { type AcceptDanger, Acquaintance } from './acquaintance.ts'
import type { CommandLog } from './command-log.ts'
import type { Signer } from './signers.ts'
import type { UnitEntry } from './tke-api.ts'
import { type ChannelOptions, UnitChannel } from './unit-channel.ts'
import type { UnitMemory } from './unit-memory.ts'
import { provesUnused, UnitMoved, UnitRefused, unproven } from './unit-refused.ts'

const nothing = Buffer.alloc(0)

export interface UnitOptions extends ChannelOptions {
  readonly log: CommandLog
  readonly memory: UnitMemory
  readonly accept: AcceptDanger
  /** Milliseconds since the epoch. */
  readonly now: () => number
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
  readonly #channel: UnitChannel
  #known: Acquaintance | undefined
  #isInFlight = false
  #hasSent = false
  #position: Position | undefined
  /** The furthest that it has shown in this run: what shows less is an old answer, sent again. */
  #furthest: Position | undefined

  constructor(options: UnitOptions) {
    this.entry = options.entry
    this.#options = options
    this.#channel = new UnitChannel(options)
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
    await this.#known?.remember()
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
    return this.#channel.info()
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
    const known = this.#known
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

  /** What comes back, verified; older answers than those of this run are none. */
  async #ask(request: Buffer, id: number): Promise<{ response: Buffer; answer: ResponseBlock }> {
    const { response, answer } = await this.#channel.ask(request, id)
    const { domainInstance, counter } = answer
    const furthest = this.#furthest
    if (furthest?.domainInstance === domainInstance && counter < furthest.counter) {
      throw unproven(this.location, 'it is older than one seen before')
    }
    this.#furthest = answer
    return { response, answer }
  }

  async #demandFits(answer: ResponseBlock): Promise<void> {
    const { memory, accept } = this.#options
    const { ski } = await this.#channel.module()
    this.#known ??= await Acquaintance.of(memory, this.entry, accept)
    await this.#known.demandFits(answer, ski)
  }
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
