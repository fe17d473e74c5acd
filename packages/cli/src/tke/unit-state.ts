/** What a crypto unit is like: thresholds, administrators, registers, control points, all from answers it signed. */
import { parseAdministratorCertificate } from '@keywitness/crypto-unit/tke/administrator-certificate'
import { attributes, decodeAttributes, permissions } from '@keywitness/crypto-unit/tke/attributes'
import { queries } from '@keywitness/crypto-unit/tke/command-block'
import type { UnitKind } from './tke-api.ts'
import type { Unit } from './unit.ts'
import { decoded, UnitRefused, unproven } from './unit-refused.ts'

export const ADMINISTRATORS_MAX = 8
const SKI_BYTES = 32
const emptyPattern = '0'.repeat(64)

interface Administrator {
  readonly name: string
  /** 64 hex digits. */
  readonly ski: string
}

export interface Register {
  readonly status: 'Empty' | 'Valid' | 'Full Uncommitted' | 'Full Committed'
  /** 64 hex digits; zeros when empty. */
  readonly pattern: string
}

export interface UnitState {
  readonly unit: Unit
  /** Attributes by index. */
  readonly attributes: ReadonlyMap<number, number>
  readonly signatureThreshold: number
  readonly revocationThreshold: number
  /** Nobody must sign yet. */
  readonly isImprint: boolean
  readonly administrators: readonly Administrator[]
  readonly newRegister: Register
  readonly currentRegister: Register
  /** 16 bytes. */
  readonly controlPoints: Buffer
}

/** @throws CliError `VERIFICATION_FAILED` when an answer is not the unit's own, or what it signed and what came differ */
export async function readUnit(unit: Unit): Promise<UnitState> {
  const attributesOf = await readAttributes(unit)
  const signatureThreshold = attributesOf.get(attributes.SIGNATURE_THRESHOLD) ?? 0
  return {
    unit,
    attributes: attributesOf,
    signatureThreshold,
    revocationThreshold: attributesOf.get(attributes.REVOCATION_THRESHOLD) ?? 0,
    isImprint: signatureThreshold === 0,
    administrators: await readAdministrators(unit),
    ...(await readRegisters(unit)),
    controlPoints: Buffer.from((await unit.query(queries.CONTROL_POINTS)).payload),
  }
}

async function readAttributes(unit: Unit): Promise<Map<number, number>> {
  const { payload } = await unit.query(queries.ATTRIBUTES)
  return decoded(unit.location, () => decodeAttributes(Buffer.from(payload)))
}

async function readAdministrators(unit: Unit): Promise<Administrator[]> {
  const skis = Buffer.from((await unit.query(queries.ADMINISTRATORS)).payload)
  if (skis.length % SKI_BYTES !== 0 || skis.length > ADMINISTRATORS_MAX * SKI_BYTES) {
    throw unproven(unit.location, 'its list of administrators is malformed')
  }
  const administrators: Administrator[] = []
  for (let at = 0; at < skis.length; at += SKI_BYTES) {
    const ski = skis.subarray(at, at + SKI_BYTES)
    const { payload } = await unit.query(queries.ADMINISTRATORS, ski)
    const { name, ski: own } = decoded(unit.location, () => parseAdministratorCertificate(payload))
    if (own !== ski.toString('hex')) throw unproven(unit.location, 'a certificate is of another administrator')
    administrators.push({ name, ski: own })
  }
  // The order means nothing, and differs between units.
  return administrators.toSorted((a, b) => (a.ski < b.ski ? -1 : 1))
}

/** Which flags stand at byte 71 of the domain information. */
const flags = { CURRENT: 2, NEW: 4, COMMITTED: 8 } as const

/** The patterns are compared with those that the unit signs; only whether the new one is committed stands unsigned. */
export async function readRegisters(unit: Unit): Promise<Pick<UnitState, 'newRegister' | 'currentRegister'>> {
  const info = await unit.info()
  const flag = info[71] ?? 0
  const current = await signedPattern(unit, queries.CURRENT_PATTERN)
  const next = await signedPattern(unit, queries.NEW_PATTERN)
  compare(unit, 'current', (flag & flags.CURRENT) === 0 ? emptyPattern : info.toString('hex', 4, 36), current)
  compare(unit, 'new', (flag & flags.NEW) === 0 ? emptyPattern : info.toString('hex', 36, 68), next)
  const full = (flag & flags.COMMITTED) === 0 ? 'Full Uncommitted' : 'Full Committed'
  return {
    currentRegister: { status: current === emptyPattern ? 'Empty' : 'Valid', pattern: current },
    newRegister: { status: next === emptyPattern ? 'Empty' : full, pattern: next },
  }
}

/** Return codes with which units say that a register is empty (TKE reference, section 5). */
const NOT_FOUND = 96

async function signedPattern(unit: Unit, id: number): Promise<string> {
  try {
    const { payload } = await unit.query(id)
    return payload.length === 32 ? Buffer.from(payload).toString('hex') : emptyPattern
  } catch (error) {
    if (error instanceof UnitRefused && error.returnCode === NOT_FOUND) return emptyPattern
    throw error
  }
}

function compare(unit: Unit, register: string, shown: string, signed: string): void {
  if (shown === signed) return
  throw unproven(unit.location, `its ${register} master key register is another one than it signed`)
}

/** Verification patterns of the parts in the new register, as the unit signs them; undefined where it cannot say. */
export async function readPartPatterns(unit: Unit): Promise<string[] | undefined> {
  try {
    const { payload } = await unit.query(queries.PART_PATTERNS)
    const text = Buffer.from(payload).toString('hex')
    return text.match(/.{64}/g) ?? undefined
  } catch (error) {
    if (error instanceof UnitRefused) return undefined
    throw error
  }
}

/**
 * Attributes as the public client writes them when it sets thresholds (TKE reference, section 3.3): importing in one
 * part and zeroizing with one signature allowed; exporting and random keys only where a unit keeps the backup.
 */
export function attributesFor(
  state: UnitState,
  signatureThreshold: number,
  revocationThreshold: number,
): (readonly [number, number])[] {
  const kind: UnitKind = state.unit.entry.kind
  const before = state.attributes.get(attributes.PERMISSIONS) ?? 0
  return [
    [attributes.SIGNATURE_THRESHOLD, signatureThreshold],
    [attributes.REVOCATION_THRESHOLD, revocationThreshold],
    [attributes.PERMISSIONS, permissionsFor(kind, before)],
    [attributes.MODE, state.attributes.get(attributes.MODE) ?? 0],
  ]
}

function permissionsFor(kind: UnitKind, before: number): number {
  let bits = before | permissions.ONE_SIGNATURE_ZEROIZE | permissions.IMPORT | permissions.ONE_PART
  if (kind === 'recovery') {
    bits |= permissions.RANDOM | permissions.EXPORT | permissions.DO_NOT_DISTURB
    return (bits & ~permissions.CHANGE_DO_NOT_DISTURB) >>> 0
  }
  bits &= ~permissions.EXPORT
  if ((bits & permissions.CHANGE_DO_NOT_DISTURB) !== 0) {
    bits = (bits | permissions.DO_NOT_DISTURB) & ~permissions.CHANGE_DO_NOT_DISTURB
  }
  return bits >>> 0
}

/** Signatures that a command needs once imprint mode is left (TKE reference, section 4.4). */
export function hasPermission(state: UnitState, permission: number): boolean {
  return ((state.attributes.get(attributes.PERMISSIONS) ?? 0) & permission) !== 0
}
