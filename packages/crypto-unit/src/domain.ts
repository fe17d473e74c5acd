/** One request to a domain and its answer: HTPRequest in, HTPResponse out (TKE reference, section 2). */
import { createHash } from 'node:crypto'
import type { CommandFacts } from './command-facts.ts'
import { execute, lastCounter, type Execution, type Told } from './commands.ts'
import type { DeviceKeys } from './device-keys.ts'
import { answerInfo, answerQuery } from './queries.ts'
import { domainIndexOf, moduleIndexOf, moduleOf, type UnitState } from './registers.ts'
import {
  decodeDomainRequest,
  encodeAdminResponse,
  encodeInfoResponse,
  encodeResponseBlock,
  encodeShortError,
  functions,
  type DomainRequest,
} from './tke/admin-message.ts'
import { decodeAnyBlock, decodeCommandBlock, isQuery, type AnyBlock } from './tke/command-block.ts'
import { decodeCprb, encodeCprb } from './tke/cprb.ts'
import { decodeHtpRequest, encodeHtpError, encodeHtpResponse, HtpError } from './tke/htp.ts'
import type { HeldState } from './unit-set.ts'
import { CommandRefused } from './unit-error.ts'

/** A command that was understood, carried out or not. */
interface CommandOutcome {
  readonly facts: CommandFacts
  readonly returnCode: number
  readonly reason: number
  readonly next: UnitState | undefined
}

export interface DomainAnswer {
  /** HTPResponse. */
  readonly response: string
  /** Undefined for a query, and for what could not be understood. */
  readonly outcome: CommandOutcome | undefined
}

/** PKCS #11 return values of answers that nobody signs. */
const SLOT_ID_INVALID = 3
const ARGUMENTS_BAD = 7

/** Answers whatever comes: what cannot be read in the form that the protocol has for it. */
export function answerRequest(held: HeldState, device: DeviceKeys, request: string): DomainAnswer {
  const { state } = held
  try {
    const { moduleIndex, cprb: bytes } = decodeHtpRequest(request)
    if (moduleIndex !== moduleIndexOf(state)) {
      throw new HtpError(9, 2, 0, 'The crypto module index is not the one of the crypto unit')
    }
    const cprb = cprbOf(bytes)
    if (cprb.domainIndex !== domainIndexOf(state)) {
      throw new HtpError(9, 5, 0, 'The domain index is not the one of the crypto unit')
    }
    const { der, outcome } = answerDomain(held, device, cprb.payload)
    return { response: encodeHtpResponse(encodeCprb(domainIndexOf(state), der)), outcome }
  } catch (error) {
    if (!(error instanceof HtpError)) throw error
    return { response: encodeHtpError(error), outcome: undefined }
  }
}

function cprbOf(bytes: Buffer): ReturnType<typeof decodeCprb> {
  try {
    return decodeCprb(bytes)
  } catch {
    throw new HtpError(11, 3, 0, 'The command is not a CPRB')
  }
}

interface DomainResult {
  readonly der: Buffer
  readonly outcome: CommandOutcome | undefined
}

function answerDomain(held: HeldState, device: DeviceKeys, bytes: Buffer): DomainResult {
  const domainIndex = domainIndexOf(held.state)
  const refuse = (functionId: number, returnCode: number): DomainResult => ({
    der: encodeShortError(functionId, domainIndex, returnCode),
    outcome: undefined,
  })
  const request = read(() => decodeDomainRequest(bytes))
  if (request === undefined) return refuse(functions.ADMIN, ARGUMENTS_BAD)
  if (request.domainIndex !== domainIndex) return refuse(request.functionId, SLOT_ID_INVALID)
  if (request.kind === 'info') {
    const info = read(() => answerInfo(held.state, request.query))
    if (info === undefined) return refuse(request.functionId, ARGUMENTS_BAD)
    return { der: encodeInfoResponse(request.functionId, domainIndex, info), outcome: undefined }
  }
  const block = read(() => decodeAnyBlock(request.block))
  if (block === undefined) return refuse(request.functionId, ARGUMENTS_BAD)
  if (isQuery(block.id)) return query(held, device, request.functionId, block)
  if (block.module === undefined || block.counter === undefined) return refuse(request.functionId, ARGUMENTS_BAD)
  return command(held, device, bytes, request, block.id)
}

/** What a codec refuses is undefined here. */
function read<T>(decode: () => T): T | undefined {
  try {
    return decode()
  } catch {
    return undefined
  }
}

/** Answers of a state that were signed already: who asks the same again costs nobody time. Gone with the state. */
const signedAnswers = new WeakMap<UnitState, Map<string, Buffer>>()
const ANSWERS_MAX = 64

function query(held: HeldState, device: DeviceKeys, functionId: number, block: AnyBlock): DomainResult {
  let result: Pick<Execution, 'returnCode' | 'output'>
  try {
    result = { returnCode: 0, output: answerQuery(held.state, device, block) }
  } catch (error) {
    if (!(error instanceof CommandRefused)) throw error
    result = { returnCode: error.returnCode, output: error.reasonBytes() }
  }
  const known = signedAnswers.get(held.state) ?? new Map<string, Buffer>()
  signedAnswers.set(held.state, known)
  const name = [functionId, block.id, result.returnCode, result.output.toString('hex')].join(' ')
  const der =
    known.get(name) ?? signed(held.state, device, functionId, block.id, lastCounter(held.state, held.hold), result)
  if (known.size < ANSWERS_MAX) known.set(name, der)
  return { der, outcome: undefined }
}

function command(
  { state, hold }: HeldState,
  device: DeviceKeys,
  bytes: Buffer,
  request: Extract<DomainRequest, { kind: 'admin' }>,
  id: number,
): DomainResult {
  const block = decodeCommandBlock(request.block)
  const told: Told = {}
  const execution = execute(state, hold, block, request, told)
  const { returnCode, reason, next } = execution
  const counter = next === undefined ? lastCounter(state, hold) : block.counter
  const facts: CommandFacts = {
    signerIds: [],
    ...told,
    command: id,
    counter: block.counter,
    requestHash: createHash('sha256').update(bytes).digest('hex'),
  }
  return {
    // The answer to a zeroize still names the life that ended: it belongs to the request.
    der: signed(state, device, request.functionId, id, counter, execution),
    outcome: { facts, returnCode, reason, next },
  }
}

function signed(
  state: UnitState,
  device: DeviceKeys,
  functionId: number,
  id: number,
  counter: bigint,
  { returnCode, output }: Pick<Execution, 'returnCode' | 'output'>,
): Buffer {
  const block = encodeResponseBlock({
    id,
    domainIndex: domainIndexOf(state),
    domainInstance: state.domainInstance,
    serial: state.serial,
    moduleInstance: state.moduleInstance,
    counter,
    returnCode,
    payload: output,
  })
  return encodeAdminResponse(functionId, domainIndexOf(state), block, device.sign(moduleOf(state), block))
}
