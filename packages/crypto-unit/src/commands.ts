/** The administrative commands: from a unit's state and a signed block to its next state (TKE reference, sections 3 to 5). */
import { randomInt } from 'node:crypto'
import { parseAttributes, setAttributes } from './attributes.ts'
import type { CommandFacts } from './command-facts.ts'
import {
  demandSignedParts,
  exportMasterKey,
  generateImporter,
  importParts,
  randomMasterKey,
  readImport,
} from './master-key-parts.ts'
import { demandSignatures, readSignerInfos } from './quorum.ts'
import { ADMINISTRATORS_MAX, domainIndexOf, freshState, isImprint, type UnitState } from './registers.ts'
import { parseAdministratorCertificate } from './tke/administrator-certificate.ts'
import { CONTROL_POINT_BYTES, permissions } from './tke/attributes.ts'
import { commands, type CommandBlock } from './tke/command-block.ts'
import type { SignerInfo } from './tke/signer-info.ts'
import { CommandRefused } from './unit-error.ts'
import type { Hold } from './unit-set.ts'

/** What a command is about to do, as far as it is known yet; filled while it is carried out. */
export type Told = { -readonly [name in keyof CommandFacts]?: CommandFacts[name] }

interface Applied {
  readonly next: UnitState
  /** Payload of the answer; nothing when left out. */
  readonly output?: Buffer
}

interface Command {
  /** Signatures needed outside imprint mode, and in it; `refused` when imprint mode does not allow the command. */
  readonly signatures: (state: UnitState, payload: Buffer) => number
  readonly imprint: 'refused' | ((state: UnitState, payload: Buffer) => number)
  /** @throws CommandRefused */
  readonly apply: (state: UnitState, payload: Buffer, told: Told) => Applied
}

const none = (): number => 0
const one = (): number => 1
const main = (state: UnitState): number => state.signatureThreshold
const revocation = (state: UnitState): number => state.revocationSignatureThreshold

/** Required signatures: TKE reference, section 4.4. An import is signed part by part, not as a whole. */
const table = new Map<number, Command>([
  [commands.ADD_ADMINISTRATOR, { signatures: main, imprint: none, apply: addAdministrator }],
  [commands.REMOVE_ADMINISTRATOR, { signatures: revocation, imprint: none, apply: removeAdministrator }],
  [commands.SET_ATTRIBUTES, { signatures: main, imprint: thresholdToBe, apply: changeAttributes }],
  [commands.GENERATE_IMPORTER, { signatures: one, imprint: 'refused', apply: generateImporter }],
  [commands.RANDOM, { signatures: one, imprint: 'refused', apply: random }],
  [commands.EXPORT, { signatures: main, imprint: 'refused', apply: exportCurrent }],
  [commands.EXPORT_NEW, { signatures: main, imprint: 'refused', apply: exportNew }],
  [commands.COMMIT, { signatures: main, imprint: 'refused', apply: commit }],
  [commands.ACTIVATE, { signatures: one, imprint: 'refused', apply: activate }],
  [commands.ZEROIZE, { signatures: zeroizeSignatures, imprint: none, apply: zeroize }],
  [commands.SET_CONTROL_POINTS, { signatures: controlPointSignatures, imprint: 'refused', apply: setControlPoints }],
  [commands.ADD_CONTROL_POINTS, { signatures: controlPointSignatures, imprint: 'refused', apply: addControlPoints }],
  [
    commands.REMOVE_CONTROL_POINTS,
    { signatures: controlPointSignatures, imprint: 'refused', apply: removeControlPoints },
  ],
  [commands.CLEAR_CURRENT, { signatures: one, imprint: 'refused', apply: clearCurrent }],
  [commands.CLEAR_NEW, { signatures: one, imprint: 'refused', apply: clearNew }],
])

export interface Execution {
  readonly returnCode: number
  readonly reason: number
  /** Payload of the answer: what the command puts out, or the reason it is refused for. */
  readonly output: Buffer
  /** To be committed; undefined when nothing changed. The given state stays in force until it is adopted. */
  readonly next: UnitState | undefined
}

/**
 * Carries out a command on a state. A command that its signatures permit uses up its counter even when it is refused
 * then (TKE reference, section 4.5): it cannot be tried again once circumstances suit it.
 */
export function execute(
  state: UnitState,
  hold: Hold | undefined,
  block: CommandBlock,
  signed: { readonly block: Buffer; readonly signerInfos: Buffer },
  told: Told,
): Execution {
  let permitted: UnitState | undefined
  try {
    const command = permit(state, hold, block, signed, told)
    permitted = { ...state, counter: block.counter, revision: revisionAfter(state, hold) }
    const { next, output } = command(told)
    const counter = block.command === commands.ZEROIZE ? 0n : block.counter
    return {
      returnCode: 0,
      reason: 0,
      output: output ?? Buffer.alloc(0),
      next: { ...next, counter, revision: permitted.revision },
    }
  } catch (error) {
    if (!(error instanceof CommandRefused)) throw error
    const { returnCode, reason } = error
    const next = endsHold(block, hold) ? undefined : permitted
    return { returnCode, reason, output: error.reasonBytes(), next: next && spent(next, block) }
  }
}

/** An import that failed has used up its importer: nobody tries one part after the other against the same key. */
function spent(state: UnitState, { command }: CommandBlock): UnitState {
  return command === commands.LOAD ? { ...state, importer: undefined } : state
}

/** A confirmation that failed confirms nothing: the unit stays on hold, with the counter it had. */
function endsHold(block: CommandBlock, hold: Hold | undefined): boolean {
  return hold !== undefined && confirmations.has(block.command)
}

function revisionAfter(state: UnitState, hold: Hold | undefined): number {
  return Math.max(state.revision, hold?.revision ?? 0) + 1
}

/** Everything before the command itself. @throws CommandRefused */
function permit(
  state: UnitState,
  hold: Hold | undefined,
  block: CommandBlock,
  signed: { readonly block: Buffer; readonly signerInfos: Buffer },
  told: Told,
): (told: Told) => Applied {
  const payload = Buffer.from(block.payload.buffer, block.payload.byteOffset, block.payload.length)
  const command = block.command === commands.LOAD ? undefined : table.get(block.command)
  if (command === undefined && block.command !== commands.LOAD) throw new CommandRefused(84, 0)
  const infos = readSignerInfos(signed.signerInfos)
  told.signerIds = idsOf(infos)
  demandAddressee(state, hold, block)
  if (hold !== undefined && !isConfirmation(state, block.command, payload)) throw new CommandRefused(HELD, 0)
  const imprint = isImprint(state)
  if (command === undefined) {
    if (imprint) throw new CommandRefused(179, 34)
    const parts = readImport(block)
    told.signerIds = idsOf(parts.flatMap(({ signers }) => signers))
    demandSignedParts(state, parts)
    return () => {
      const { partPatterns, ...applied } = importParts(state, parts)
      told.partPatterns = partPatterns
      return applied
    }
  }
  const rule = imprint ? command.imprint : command.signatures
  if (rule === 'refused') throw new CommandRefused(179, 34)
  demandSignatures(state, signed.block, infos, rule(state, payload))
  return () => command.apply(state, payload, told)
}

function idsOf(infos: readonly SignerInfo[]): string[] {
  return [...new Set(infos.map(({ ski }) => ski))]
}

/** Furthest that one command may move the counter. */
const COUNTER_STEP_MAX = 2n ** 32n

/** Vendor's own return value: the unit waits for its administrators to confirm its state. */
const HELD = 0x8001_0101
/** Commands that a unit on hold carries out: repeating its attributes, which confirms it, and giving it up. */
const confirmations = new Set<number>([commands.SET_ATTRIBUTES, commands.ZEROIZE])

function isConfirmation(state: UnitState, command: number, payload: Buffer): boolean {
  if (command !== commands.SET_ATTRIBUTES) return confirmations.has(command)
  const asked = parseAttributes(state, payload)
  const names = ['signatureThreshold', 'revocationSignatureThreshold', 'permissions', 'mode', 'standards'] as const
  return names.every((name) => asked[name] === state[name])
}

/** The block names this unit, this life of it, and a counter not used before: none can be replayed or redirected. */
function demandAddressee(state: UnitState, hold: Hold | undefined, block: CommandBlock): void {
  if (block.domainIndex !== domainIndexOf(state)) throw new CommandRefused(3, 12)
  if (block.domainInstance !== state.domainInstance) throw new CommandRefused(3, 14)
  if (block.serial !== state.serial) throw new CommandRefused(3, 17)
  if (block.moduleInstance !== state.moduleInstance) throw new CommandRefused(3, 16)
  const last = lastCounter(state, hold)
  if (block.counter <= last) throw new CommandRefused(163, 19)
  // Nobody alone may use up all counters that are left: not even a zeroize could follow.
  if (block.counter - last > COUNTER_STEP_MAX) throw new CommandRefused(163, 18)
}

/** The last counter used, by this state or by one that is lost. */
export function lastCounter(state: UnitState, hold: Hold | undefined): bigint {
  return hold !== undefined && hold.counter > state.counter ? hold.counter : state.counter
}

function thresholdToBe(state: UnitState, payload: Buffer): number {
  return parseAttributes(state, payload).signatureThreshold
}

function zeroizeSignatures(state: UnitState): number {
  return (state.permissions & permissions.ONE_SIGNATURE_ZEROIZE) === 0 ? state.signatureThreshold : 1
}

function controlPointSignatures(state: UnitState): number {
  return (state.permissions & permissions.ONE_SIGNATURE_CONTROL_POINTS) === 0 ? state.signatureThreshold : 1
}

function addAdministrator(state: UnitState, payload: Buffer, told: Told): Applied {
  const { ski, name } = certificateOf(payload)
  told.adminId = ski
  told.adminName = name
  if (state.administrators.some((installed) => installed.ski === ski)) throw new CommandRefused(256, 38)
  if (state.administrators.length >= ADMINISTRATORS_MAX) throw new CommandRefused(261, 39)
  const administrator = { ski, name, certificate: Buffer.from(payload) }
  const next = { ...state, administrators: [...state.administrators, administrator] }
  return { next, output: skisOf(next) }
}

function certificateOf(payload: Buffer): { ski: string; name: string } {
  try {
    return parseAdministratorCertificate(payload)
  } catch {
    throw new CommandRefused(32, 40)
  }
}

/** All installed administrators by their key identifiers, 32 bytes each. */
export function skisOf(state: UnitState): Buffer {
  return Buffer.concat(state.administrators.map(({ ski }) => Buffer.from(ski, 'hex')))
}

function removeAdministrator(state: UnitState, payload: Buffer, told: Told): Applied {
  if (payload.length !== 32) throw new CommandRefused(32, 32)
  const ski = payload.toString('hex')
  told.adminId = ski
  const going = state.administrators.find((installed) => installed.ski === ski)
  if (going === undefined) throw new CommandRefused(32, 32)
  told.adminName = going.name
  const administrators = state.administrators.filter((installed) => installed !== going)
  const needed = Math.max(state.signatureThreshold, state.revocationSignatureThreshold)
  if (administrators.length < needed) throw new CommandRefused(209, 66)
  const next = { ...state, administrators }
  return { next, output: skisOf(next) }
}

function changeAttributes(state: UnitState, payload: Buffer, told: Told): Applied {
  const asked = parseAttributes(state, payload)
  told.signatureThreshold = asked.signatureThreshold
  told.revocationSignatureThreshold = asked.revocationSignatureThreshold
  told.permissions = asked.permissions
  return { next: setAttributes(state, asked) }
}

function random(state: UnitState, payload: Buffer): Applied {
  demandEmpty(payload)
  if ((state.permissions & permissions.RANDOM) === 0) throw new CommandRefused(80, 52)
  if (state.currentKey !== undefined && state.newKey !== undefined) throw new CommandRefused(80, 53)
  const key = randomMasterKey()
  const next =
    state.currentKey === undefined ? { ...state, currentKey: key } : { ...state, newKey: { ...key, committed: false } }
  return { next, output: Buffer.from(key.pattern, 'hex') }
}

function exportCurrent(state: UnitState, payload: Buffer, told: Told): Applied {
  const { output, recipient } = exportMasterKey(state, state.currentKey, 49, payload)
  told.recipientId = recipient
  if (state.currentKey !== undefined) told.pattern = state.currentKey.pattern
  return { next: state, output }
}

function exportNew(state: UnitState, payload: Buffer, told: Told): Applied {
  const { output, recipient } = exportMasterKey(state, state.newKey, 50, payload)
  told.recipientId = recipient
  if (state.newKey !== undefined) told.pattern = state.newKey.pattern
  return { next: state, output }
}

function commit(state: UnitState, payload: Buffer, told: Told): Applied {
  tellPattern(told, payload)
  if (state.newKey === undefined) throw new CommandRefused(96, 50)
  demandPattern(state.newKey.pattern, payload)
  return { next: { ...state, newKey: { ...state.newKey, committed: true } }, output: payload }
}

function activate(state: UnitState, payload: Buffer, told: Told): Applied {
  tellPattern(told, payload)
  if (state.newKey === undefined || !state.newKey.committed) throw new CommandRefused(96, 64)
  demandPattern(state.newKey.pattern, payload)
  const { key, pattern, partPatterns } = state.newKey
  return { next: { ...state, newKey: undefined, currentKey: { key, pattern, partPatterns } }, output: payload }
}

/** Patterns end with four zero bytes. What does not is none, and could be a key that somebody sent in its place. */
function tellPattern(told: Told, payload: Buffer): void {
  if (payload.length === 32 && payload.readUInt32BE(28) === 0) told.pattern = payload.toString('hex')
}

function demandPattern(pattern: string, payload: Buffer): void {
  if (payload.toString('hex') !== pattern) throw new CommandRefused(101, 48)
}

function setControlPoints(state: UnitState, payload: Buffer, told: Told): Applied {
  return withControlPoints(state, payload, told, (_, asked) => asked)
}

function addControlPoints(state: UnitState, payload: Buffer, told: Told): Applied {
  return withControlPoints(state, payload, told, (before, asked) => before | asked)
}

function removeControlPoints(state: UnitState, payload: Buffer, told: Told): Applied {
  return withControlPoints(state, payload, told, (before, asked) => before & ~asked)
}

function withControlPoints(
  state: UnitState,
  payload: Buffer,
  told: Told,
  combine: (before: number, asked: number) => number,
): Applied {
  if (payload.length !== CONTROL_POINT_BYTES) throw new CommandRefused(32, 44)
  told.controlPoints = payload.toString('hex')
  const controlPoints = Buffer.from(state.controlPoints.map((byte, index) => combine(byte, payload[index] ?? 0)))
  return { next: { ...state, controlPoints }, output: controlPoints }
}

function clearNew(state: UnitState, payload: Buffer): Applied {
  demandEmpty(payload)
  return { next: { ...state, newKey: undefined } }
}

function clearCurrent(state: UnitState, payload: Buffer): Applied {
  demandEmpty(payload)
  return { next: { ...state, currentKey: undefined } }
}

function zeroize(state: UnitState, payload: Buffer): Applied {
  demandEmpty(payload)
  return { next: freshState(state, randomDomainInstance(), state.revision) }
}

function demandEmpty(payload: Buffer): void {
  if (payload.length > 0) throw new CommandRefused(33, 0)
}

/** Never zero: queries write zero where a signed command writes the instance. */
export function randomDomainInstance(): number {
  return randomInt(1, 0x1_0000_0000)
}
