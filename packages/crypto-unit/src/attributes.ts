/** Setting a domain's attributes: thresholds and permissions, each under its change control (TKE reference, 2.7, 3.3). */
import { ADMINISTRATORS_MAX, isImprint, type UnitState } from './registers.ts'
import { permissions } from './tke/attributes.ts'
import { CommandRefused } from './unit-error.ts'

/** Low half: what is permitted. High half: which of it may still be changed. */
const CHANGE_CONTROL = 0xffff_0000
/** Permission bits with the change-control bit that guards each. */
const guards: readonly (readonly [permission: number, control: number])[] = [
  [0x0000_0001, 0x0001_0000],
  [0x0000_0002, 0x0002_0000],
  [0x0000_0004, 0x0004_0000],
  [0x0000_0008, 0x0008_0000],
  [0x0000_0010, 0x0040_0000],
  [0x0000_0020, 0x0080_0000],
  [0x0000_0040, 0x0100_0000],
  [0x0000_2000, 0x8000_0000],
]
/** Mode bits that only the unit itself sets: authenticated, battery low. */
const MODE_READ_ONLY = 0x0000_0101
const MODE_AUTHENTICATED = 0x0000_0001

export interface Attributes {
  readonly signatureThreshold: number
  readonly revocationSignatureThreshold: number
  readonly permissions: number
  readonly mode: number
  readonly standards: number
}

/**
 * The attributes after the command: those it names, the others as they are.
 * @throws CommandRefused 33/41, 32/42, 32/43 when the pairs of index and value are not well-formed
 */
export function parseAttributes(state: UnitState, payload: Buffer): Attributes {
  if (payload.length === 0 || payload.length % 8 !== 0) throw new CommandRefused(33, 41)
  const values = [
    state.signatureThreshold,
    state.revocationSignatureThreshold,
    state.permissions,
    state.mode,
    state.standards,
  ]
  const seen = new Set<number>()
  for (let offset = 0; offset < payload.length; offset += 8) {
    const index = payload.readUInt32BE(offset)
    if (index < 1 || index > values.length) throw new CommandRefused(32, 42)
    if (seen.has(index)) throw new CommandRefused(32, 43)
    seen.add(index)
    values[index - 1] = payload.readUInt32BE(offset + 4)
  }
  const [signatureThreshold = 0, revocationSignatureThreshold = 0, permitted = 0, mode = 0, standards = 0] = values
  return { signatureThreshold, revocationSignatureThreshold, permissions: permitted, mode, standards }
}

/** @throws CommandRefused 209 with the reason */
export function setAttributes(state: UnitState, next: Attributes): UnitState {
  checkPermissions(state, next)
  checkThresholds(state, next)
  const authenticated = next.signatureThreshold > 0 ? MODE_AUTHENTICATED : 0
  const mode = ((next.mode & ~MODE_READ_ONLY) | (state.mode & MODE_READ_ONLY) | authenticated) >>> 0
  return { ...state, ...next, mode }
}

function checkPermissions(state: UnitState, next: Attributes): void {
  const rearmed = next.permissions & ~state.permissions & CHANGE_CONTROL
  if (rearmed !== 0) throw new CommandRefused(209, 69)
  const changed = next.permissions ^ state.permissions
  for (const [permission, control] of guards) {
    if ((changed & permission) !== 0 && (state.permissions & control) === 0) throw new CommandRefused(209, 70)
  }
}

function checkThresholds(state: UnitState, next: Attributes): void {
  const main = next.signatureThreshold
  const revocation = next.revocationSignatureThreshold
  if (main === state.signatureThreshold && revocation === state.revocationSignatureThreshold && isImprint(state)) return
  demandChangeable(state, main !== state.signatureThreshold, permissions.CHANGE_SIGNATURE_THRESHOLD)
  demandChangeable(state, revocation !== state.revocationSignatureThreshold, permissions.CHANGE_REVOCATION_THRESHOLD)
  if (main === 0) throw new CommandRefused(209, 76)
  if (revocation === 0) throw new CommandRefused(209, isImprint(state) ? 36 : 77)
  const countMax = Math.min(state.administrators.length, ADMINISTRATORS_MAX)
  if (main > countMax) throw new CommandRefused(209, 57)
  if (revocation > countMax) throw new CommandRefused(209, 58)
  if ((next.permissions & permissions.THRESHOLD_ONE) !== 0) return
  const unchanged = main === state.signatureThreshold && revocation === state.revocationSignatureThreshold
  if (unchanged && (main === 1 || revocation === 1)) throw new CommandRefused(209, 74)
  if (main === 1) throw new CommandRefused(209, 78)
  if (revocation === 1) throw new CommandRefused(209, 79)
}

function demandChangeable(state: UnitState, changed: boolean, control: number): void {
  if (changed && (state.permissions & control) === 0) throw new CommandRefused(209, 71)
}
