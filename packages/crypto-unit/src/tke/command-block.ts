/** The signed part of an administrative command: `xcpAdminBlk` (TKE reference, section 2.4). */
import { type DerReader, malformed, membersOf, octets, sequence, tags, wordBytes } from './der.ts'

/** Ids of the commands that change a domain, or use its keys (TKE reference, section 3.1). */
export const commands = {
  ADD_ADMINISTRATOR: 0x02,
  REMOVE_ADMINISTRATOR: 0x04,
  SET_ATTRIBUTES: 0x08,
  GENERATE_IMPORTER: 0x09,
  RANDOM: 0x0a,
  EXPORT: 0x0b,
  LOAD: 0x0c,
  COMMIT: 0x0d,
  ACTIVATE: 0x0e,
  ZEROIZE: 0x10,
  SET_CONTROL_POINTS: 0x11,
  ADD_CONTROL_POINTS: 0x12,
  REMOVE_CONTROL_POINTS: 0x13,
  CLEAR_CURRENT: 0x1b,
  CLEAR_NEW: 0x1c,
  EXPORT_NEW: 0x26,
} as const

export type CommandName = keyof typeof commands

/** Ids of the queries: nobody signs them, and they change nothing. */
export const queries = {
  CARD_ADMINISTRATORS: 0x1_0001,
  ADMINISTRATORS: 0x1_0002,
  DEVICE_CERTIFICATE: 0x1_0003,
  IMPORTER: 0x1_0004,
  CONTROL_POINTS: 0x1_0006,
  CURRENT_PATTERN: 0x1_0007,
  NEW_PATTERN: 0x1_0008,
  ATTRIBUTES: 0x1_000a,
  PART_PATTERNS: 0x1_000c,
} as const

const commandNames = new Map<number, CommandName>(
  (Object.entries(commands) as [CommandName, number][]).map(([name, id]) => [id, name]),
)

/** Name of a command id; undefined for a query and for what a domain does not carry out. */
export function commandName(id: number): CommandName | undefined {
  return commandNames.get(id)
}

/** Ids of queries have this bit. */
const QUERY = 0x1_0000

export function isQuery(id: number): boolean {
  return (id & QUERY) !== 0
}

export interface CommandBlock {
  readonly command: number
  readonly domainIndex: number
  readonly domainInstance: number
  /** 8 ASCII characters. */
  readonly serial: string
  readonly moduleInstance: bigint
  /** Greater than the last one the unit accepted. */
  readonly counter: bigint
  readonly payload: Uint8Array
}

/** A block that may be a query: then module and counter are left out. */
export interface AnyBlock {
  readonly id: number
  readonly domainIndex: number
  readonly domainInstance: number
  readonly module: { readonly serial: string; readonly instance: bigint } | undefined
  readonly counter: bigint | undefined
  readonly payload: Buffer
}

export function encodeCommandBlock(block: CommandBlock): Buffer {
  return sequence(
    octets(wordBytes(block.command)),
    octets(wordBytes(block.domainIndex), wordBytes(block.domainInstance)),
    octets(moduleBytes(block.serial, block.moduleInstance)),
    octets(counterBytes(block.counter)),
    octets(block.payload),
  )
}

/** A query's block; device certificates are asked for with domain index 0. */
export function encodeQueryBlock(id: number, domainIndex: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const domain = id === queries.DEVICE_CERTIFICATE ? 0 : domainIndex
  return sequence(octets(wordBytes(id)), octets(wordBytes(domain), wordBytes(0)), octets(), octets(), octets(payload))
}

/** @throws ProtocolError `MALFORMED` */
export function decodeAnyBlock(bytes: Uint8Array): AnyBlock {
  const members = membersOf(bytes)
  const id = members.word()
  const domain = members.sized(tags.OCTET_STRING, 8)
  const module = sizedOrEmpty(members, 16)
  const counter = sizedOrEmpty(members, 16)
  const payload = members.take(tags.OCTET_STRING)
  members.end()
  return {
    id,
    domainIndex: domain.readUInt32BE(0),
    domainInstance: domain.readUInt32BE(4),
    module: module && { serial: module.toString('latin1', 0, 8), instance: module.readBigUInt64BE(8) },
    counter: counter && counterValue(counter),
    payload,
  }
}

/** @throws ProtocolError `MALFORMED`, for a query too */
export function decodeCommandBlock(bytes: Uint8Array): CommandBlock {
  const { id, domainIndex, domainInstance, module, counter, payload } = decodeAnyBlock(bytes)
  if (module === undefined || counter === undefined) throw malformed('A command names no module or no counter.')
  return {
    command: id,
    domainIndex,
    domainInstance,
    serial: module.serial,
    moduleInstance: module.instance,
    counter,
    payload,
  }
}

function sizedOrEmpty(members: DerReader, bytes: number): Buffer | undefined {
  const member = members.take(tags.OCTET_STRING)
  if (member.length !== 0 && member.length !== bytes) throw malformed('A member of the block has another size.')
  return member.length === 0 ? undefined : member
}

/** The module identifier: serial number, then instance. */
export function moduleBytes(serial: string, instance: bigint): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.write(serial, 0, 8, 'latin1')
  bytes.writeBigUInt64BE(instance, 8)
  return bytes
}

/** A number as 16 big-endian bytes: how transaction counters travel. @throws RangeError when it does not fit */
export function counterBytes(counter: bigint): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.writeBigUInt64BE(counter >> 64n)
  bytes.writeBigUInt64BE(BigInt.asUintN(64, counter), 8)
  return bytes
}

export function counterValue(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}
