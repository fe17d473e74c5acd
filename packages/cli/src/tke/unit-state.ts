/** What a crypto unit is like: thresholds, administrators, registers, control points, all from answers it signed. */
import { parseAdministratorCertificate } from '@keywitness/crypto-unit/tke/administrator-certificate'
import { attributes, decodeAttributes } from '@keywitness/crypto-unit/tke/attributes'
import { queries } from '@keywitness/crypto-unit/tke/command-block'
import { permissionsFor } from './permissions.ts'
import type { Unit } from './unit.ts'
import { decoded, UnitMoved, UnitRefused, unproven } from './unit-refused.ts'

export const ADMINISTRATORS_MAX = 8
const SKI_BYTES = 32
const emptyPattern = '0'.repeat(64)

export interface Administrator {
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

/**
 * All answers are of one moment of the unit: one life, one counter. When somebody changes it meanwhile, it is read once more.
 *
 * @throws UnitMoved; CliError `VERIFICATION_FAILED` when an answer is not the unit's own, or what it signed and what came differ
 */
export async function readUnit(unit: Unit): Promise<UnitState> {
  unit.look()
  const state = await readState(unit).catch((error: unknown) => {
    if (!(error instanceof UnitMoved)) throw error
    unit.look()
    return readState(unit)
  })
  await unit.remember()
  return state
}

/** The same unit as commands from here have left it. @throws UnitMoved when anybody else's came in between */
export async function readAgain({ unit }: UnitState): Promise<UnitState> {
  return readState(unit)
}

async function readState(unit: Unit): Promise<UnitState> {
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

/** Key identifiers of those installed, 64 hex digits each. */
export async function readSkis(unit: Unit): Promise<string[]> {
  const skis = Buffer.from((await unit.query(queries.ADMINISTRATORS)).payload)
  if (skis.length % SKI_BYTES !== 0 || skis.length > ADMINISTRATORS_MAX * SKI_BYTES) {
    throw unproven(unit.location, 'its list of administrators is malformed')
  }
  return skis.toString('hex').match(/.{64}/g) ?? []
}

async function readAdministrators(unit: Unit): Promise<Administrator[]> {
  const administrators: Administrator[] = []
  for (const ski of await readSkis(unit)) {
    const { payload } = await unit.query(queries.ADMINISTRATORS, Buffer.from(ski, 'hex'))
    const { name, ski: own } = decoded(unit.location, () => parseAdministratorCertificate(payload))
    if (own !== ski) throw unproven(unit.location, 'a certificate is of another administrator')
    administrators.push({ name, ski })
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

/** Attributes that set these thresholds, and the permissions that go with the kind of the unit. */
export function attributesFor(
  state: UnitState,
  signatureThreshold: number,
  revocationThreshold: number,
): (readonly [number, number])[] {
  const before = state.attributes.get(attributes.PERMISSIONS) ?? 0
  return [
    [attributes.SIGNATURE_THRESHOLD, signatureThreshold],
    [attributes.REVOCATION_THRESHOLD, revocationThreshold],
    [attributes.PERMISSIONS, permissionsFor(state.unit.entry.kind, before)],
    [attributes.MODE, state.attributes.get(attributes.MODE) ?? 0],
  ]
}

/** Signatures that a command needs once imprint mode is left (TKE reference, section 4.4). */
export function hasPermission(state: UnitState, permission: number): boolean {
  return ((state.attributes.get(attributes.PERMISSIONS) ?? 0) & permission) !== 0
}
