/** The signed part of an administrative command: `xcpAdminBlk` (TKE reference, section 2.4). */
import { DerReader, element, tags } from './der.ts'
import { ProtocolError } from './frames.ts'
import { counterBytes, counterValue } from './messages.ts'

/** Command ids (TKE reference, section 3.1). */
export const commands = {
  ADD_ADMINISTRATOR: 0x02,
  REMOVE_ADMINISTRATOR: 0x04,
  SET_ATTRIBUTES: 0x08,
  LOAD: 0x0c,
  COMMIT: 0x0d,
  ACTIVATE: 0x0e,
  ZEROIZE: 0x10,
  CLEAR_CURRENT: 0x1b,
  CLEAR_NEW: 0x1c,
} as const

export type CommandName = keyof typeof commands

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

/** An administrator's signature over the exact bytes of a block: ECDSA P-521 with SHA-512, DER. */
export interface CommandSignature {
  /** Subject key identifier, 64 hex digits. */
  readonly ski: string
  readonly signature: Uint8Array
}

export function encodeCommandBlock(block: CommandBlock): Buffer {
  const head = Buffer.alloc(4 + 8 + 16)
  head.writeUInt32BE(block.command, 0)
  head.writeUInt32BE(block.domainIndex, 4)
  head.writeUInt32BE(block.domainInstance, 8)
  head.write(block.serial, 12, 8, 'latin1')
  head.writeBigUInt64BE(block.moduleInstance, 20)
  return element(
    tags.SEQUENCE,
    element(tags.OCTET_STRING, head.subarray(0, 4)),
    element(tags.OCTET_STRING, head.subarray(4, 12)),
    element(tags.OCTET_STRING, head.subarray(12, 28)),
    element(tags.OCTET_STRING, counterBytes(block.counter)),
    element(tags.OCTET_STRING, block.payload),
  )
}

/** @throws ProtocolError `MALFORMED` */
export function decodeCommandBlock(bytes: Uint8Array): CommandBlock {
  const outer = new DerReader(bytes)
  const members = new DerReader(outer.take(tags.SEQUENCE))
  outer.end()
  const command = sized(members, 4)
  const domain = sized(members, 8)
  const module = sized(members, 16)
  const counter = sized(members, 16)
  const payload = members.take(tags.OCTET_STRING)
  members.end()
  return {
    command: command.readUInt32BE(0),
    domainIndex: domain.readUInt32BE(0),
    domainInstance: domain.readUInt32BE(4),
    serial: module.toString('latin1', 0, 8),
    moduleInstance: module.readBigUInt64BE(8),
    counter: counterValue(counter),
    payload,
  }
}

function sized(members: DerReader, bytes: number): Buffer {
  const member = members.take(tags.OCTET_STRING)
  if (member.length !== bytes) throw new ProtocolError('MALFORMED', 'A member of the command block has another size.')
  return member
}
