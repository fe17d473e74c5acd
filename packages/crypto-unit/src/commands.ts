/** The administrative commands: from a unit's state and a signed block to its next state (TKE reference, sections 3 to 5). */
import { randomInt, timingSafeEqual } from 'node:crypto'
import { parseAdministratorCertificate } from './administrator-certificate.ts'
import { parseAttributes, setAttributes } from './attributes.ts'
import { commands, decodeCommandBlock, type CommandBlock, type CommandSignature } from './command-block.ts'
import { demandSignatures } from './quorum.ts'
import {
  ADMINISTRATORS_MAX,
  KEY_PARTS_MAX,
  MASTER_KEY_BYTES,
  domainIndexOf,
  freshState,
  isImprint,
  masterKey,
  permissions,
  type UnitState,
} from './registers.ts'
import { CommandRefused } from './unit-error.ts'
import { verificationPattern } from './verification-pattern.ts'

interface Command {
  /** Signatures needed outside imprint mode, and in it; `refused` when imprint mode does not allow the command. */
  readonly signatures: (state: UnitState, payload: Buffer) => number
  readonly imprint: 'refused' | ((state: UnitState, payload: Buffer) => number)
  /** @throws CommandRefused */
  readonly apply: (state: UnitState, payload: Buffer) => UnitState
}

const none = (): number => 0
const one = (): number => 1
const main = (state: UnitState): number => state.signatureThreshold
const revocation = (state: UnitState): number => state.revocationSignatureThreshold

/** Required signatures: TKE reference, section 4.4. */
const table = new Map<number, Command>([
  [commands.ADD_ADMINISTRATOR, { signatures: main, imprint: none, apply: addAdministrator }],
  [commands.REMOVE_ADMINISTRATOR, { signatures: revocation, imprint: none, apply: removeAdministrator }],
  [commands.SET_ATTRIBUTES, { signatures: main, imprint: thresholdToBe, apply: changeAttributes }],
  [commands.LOAD, { signatures: one, imprint: 'refused', apply: load }],
  [commands.COMMIT, { signatures: main, imprint: 'refused', apply: commit }],
  [commands.ACTIVATE, { signatures: one, imprint: 'refused', apply: activate }],
  [commands.ZEROIZE, { signatures: zeroizeSignatures, imprint: none, apply: zeroize }],
  [commands.CLEAR_CURRENT, { signatures: one, imprint: 'refused', apply: clearCurrent }],
  [commands.CLEAR_NEW, { signatures: one, imprint: 'refused', apply: clearNew }],
])

/**
 * Carries out a command on a state and returns the next one. The given state stays in force until the next is adopted.
 * @throws CommandRefused with the protocol's return code and reason
 */
export function execute(state: UnitState, bytes: Buffer, signatures: readonly CommandSignature[]): UnitState {
  const block = blockOf(bytes)
  const command = table.get(block.command)
  if (command === undefined) throw new CommandRefused(84, 0)
  demandAddressee(state, block)
  const payload = Buffer.from(block.payload.buffer, block.payload.byteOffset, block.payload.length)
  const rule = isImprint(state) ? command.imprint : command.signatures
  if (rule === 'refused') throw new CommandRefused(179, 34)
  demandSignatures(state, bytes, signatures, rule(state, payload))
  const next = command.apply(state, payload)
  const counter = block.command === commands.ZEROIZE ? 0n : block.counter
  return { ...next, counter, revision: state.revision + 1 }
}

function blockOf(bytes: Buffer): CommandBlock {
  try {
    return decodeCommandBlock(bytes)
  } catch {
    throw new CommandRefused(7, 10)
  }
}

/** The block names this unit, this life of it, and a counter not used before: none can be replayed or redirected. */
function demandAddressee(state: UnitState, block: CommandBlock): void {
  if (block.domainIndex !== domainIndexOf(state)) throw new CommandRefused(3, 12)
  if (block.domainInstance !== state.domainInstance) throw new CommandRefused(3, 14)
  if (block.serial !== state.serial) throw new CommandRefused(3, 17)
  if (block.moduleInstance !== state.moduleInstance) throw new CommandRefused(3, 16)
  if (block.counter <= state.counter) throw new CommandRefused(163, 19)
}

function thresholdToBe(state: UnitState, payload: Buffer): number {
  return parseAttributes(state, payload).signatureThreshold
}

function zeroizeSignatures(state: UnitState): number {
  return (state.permissions & permissions.ONE_SIGNATURE_ZEROIZE) === 0 ? state.signatureThreshold : 1
}

function addAdministrator(state: UnitState, payload: Buffer): UnitState {
  const { ski, name } = certificateOf(payload)
  if (state.administrators.some((installed) => installed.ski === ski)) throw new CommandRefused(256, 38)
  if (state.administrators.length >= ADMINISTRATORS_MAX) throw new CommandRefused(261, 39)
  const administrator = { ski, name, certificate: Buffer.from(payload) }
  return { ...state, administrators: [...state.administrators, administrator] }
}

function certificateOf(payload: Buffer): { ski: string; name: string } {
  try {
    return parseAdministratorCertificate(payload)
  } catch {
    throw new CommandRefused(32, 40)
  }
}

function removeAdministrator(state: UnitState, payload: Buffer): UnitState {
  if (payload.length !== 32) throw new CommandRefused(32, 32)
  const ski = payload.toString('hex')
  const administrators = state.administrators.filter((installed) => installed.ski !== ski)
  if (administrators.length === state.administrators.length) throw new CommandRefused(32, 32)
  const needed = Math.max(state.signatureThreshold, state.revocationSignatureThreshold)
  if (administrators.length < needed) throw new CommandRefused(209, 66)
  return { ...state, administrators }
}

function changeAttributes(state: UnitState, payload: Buffer): UnitState {
  return setAttributes(state, parseAttributes(state, payload))
}

/** The new key is the exclusive or of its parts. */
function load(state: UnitState, payload: Buffer): UnitState {
  const count = payload.length / MASTER_KEY_BYTES
  if (count === 0) throw new CommandRefused(33, 2)
  if (!Number.isInteger(count)) throw new CommandRefused(32, 28)
  if (count > KEY_PARTS_MAX) throw new CommandRefused(32, 75)
  if ((state.permissions & permissions.IMPORT) === 0) throw new CommandRefused(80, 80)
  if (count === 1 && (state.permissions & permissions.ONE_PART) === 0) throw new CommandRefused(80, 81)
  const sum = Buffer.alloc(MASTER_KEY_BYTES)
  const partPatterns: string[] = []
  for (let offset = 0; offset < payload.length; offset += MASTER_KEY_BYTES) {
    const part = payload.subarray(offset, offset + MASTER_KEY_BYTES)
    partPatterns.push(verificationPattern(part))
    for (const [index, byte] of part.entries()) sum[index] = (sum[index] ?? 0) ^ byte
  }
  payload.fill(0)
  // Parts that cancel out, such as the same one twice, would make a key that everybody knows.
  if (timingSafeEqual(sum, Buffer.alloc(MASTER_KEY_BYTES))) throw new CommandRefused(32, 28)
  const key = masterKey(sum, partPatterns)
  if (key.pattern === state.currentKey?.pattern) throw new CommandRefused(101, 48)
  return { ...state, newKey: { ...key, committed: false } }
}

function commit(state: UnitState, payload: Buffer): UnitState {
  if (state.newKey === undefined) throw new CommandRefused(96, 50)
  demandPattern(state.newKey.pattern, payload)
  return { ...state, newKey: { ...state.newKey, committed: true } }
}

function activate(state: UnitState, payload: Buffer): UnitState {
  if (state.newKey === undefined || !state.newKey.committed) throw new CommandRefused(96, 64)
  demandPattern(state.newKey.pattern, payload)
  const { key, pattern, partPatterns } = state.newKey
  return { ...state, newKey: undefined, currentKey: { key, pattern, partPatterns } }
}

function demandPattern(pattern: string, payload: Buffer): void {
  if (payload.toString('hex') !== pattern) throw new CommandRefused(101, 48)
}

function clearNew(state: UnitState, payload: Buffer): UnitState {
  demandEmpty(payload)
  return { ...state, newKey: undefined }
}

function clearCurrent(state: UnitState, payload: Buffer): UnitState {
  demandEmpty(payload)
  return { ...state, currentKey: undefined }
}

function zeroize(state: UnitState, payload: Buffer): UnitState {
  demandEmpty(payload)
  return freshState(state, randomDomainInstance(), state.revision)
}

function demandEmpty(payload: Buffer): void {
  if (payload.length > 0) throw new CommandRefused(33, 0)
}

/** Never zero: queries write zero where a signed command writes the instance. */
export function randomDomainInstance(): number {
  return randomInt(1, 0x1_0000_0000)
}
