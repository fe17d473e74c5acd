/** What a unit tells the server about a command, so that its event can be written: nothing secret is in it. */
import type { Fields, FrameBatch } from './frames.ts'
import { counterBytes, counterValue } from './tke/command-block.ts'

export interface CommandFacts {
  /** Command id (TKE reference, section 3.1). */
  readonly command: number
  /** The counter that the command names. */
  readonly counter: bigint
  /** SHA-256 over the request as it came, signatures included, 64 hex digits. */
  readonly requestHash: string
  /** Key identifiers of whoever signed, or claims to have when the command was refused. */
  readonly signerIds: readonly string[]
  /** The administrator to be added or removed. */
  readonly adminId?: string
  /** The name in that administrator's certificate: at most 30 printable ASCII characters. */
  readonly adminName?: string
  readonly signatureThreshold?: number
  readonly revocationSignatureThreshold?: number
  /** Attribute 3 as asked for. */
  readonly permissions?: number
  /** Verification pattern of the key that the command is about. */
  readonly pattern?: string
  /** Verification patterns of the parts that were loaded. */
  readonly partPatterns?: readonly string[]
  /** 16 bytes as asked for, 32 hex digits. */
  readonly controlPoints?: string
  /** Key identifier of whoever the master key was exported to. */
  readonly recipientId?: string
}

/** Fields that are not always there, in the order of their bits on the pipe. */
const textFields = ['adminId', 'adminName', 'pattern', 'recipientId', 'controlPoints'] as const
const numberFields = ['signatureThreshold', 'revocationSignatureThreshold', 'permissions'] as const
/** Hashes have 64 hex digits; nothing is longer. */
const TEXT_MAX = 64

export function putFacts(batch: FrameBatch, facts: CommandFacts): void {
  batch.u32(facts.command)
  batch.raw(counterBytes(facts.counter))
  batch.raw(Buffer.from(facts.requestHash, 'hex'))
  putHashes(batch, facts.signerIds)
  for (const name of textFields) batch.text(facts[name] ?? '')
  for (const name of numberFields) {
    const value = facts[name]
    batch.u8(value === undefined ? 0 : 1)
    if (value !== undefined) batch.u32(value)
  }
  batch.u8(facts.partPatterns === undefined ? 0 : 1)
  if (facts.partPatterns !== undefined) putHashes(batch, facts.partPatterns)
}

export function readFacts(fields: Fields): CommandFacts {
  const facts: { -readonly [name in keyof CommandFacts]: CommandFacts[name] } = {
    command: fields.u32(),
    counter: counterValue(fields.raw(16)),
    requestHash: fields.raw(32).toString('hex'),
    signerIds: readHashes(fields),
  }
  for (const name of textFields) {
    const value = fields.text(TEXT_MAX)
    if (value !== '') facts[name] = value
  }
  for (const name of numberFields) if (fields.u8() === 1) facts[name] = fields.u32()
  if (fields.u8() === 1) facts.partPatterns = readHashes(fields)
  return facts
}

function putHashes(batch: FrameBatch, hashes: readonly string[]): void {
  batch.u8(hashes.length)
  for (const hash of hashes) batch.raw(Buffer.from(hash, 'hex'))
}

function readHashes(fields: Fields): string[] {
  return Array.from({ length: fields.u8() }, () => fields.raw(32).toString('hex'))
}
