/** Which master key each instance works with, its rotation, and what is wrapped under which: in the server store. */
import type { UnitReport } from '@keywitness/crypto-unit/messages'
import type { Change, Condition, Reader } from '../store/store.ts'
import { Refusal } from '../errors.ts'

export interface Rotation {
  readonly instance: string
  /** Verification patterns of the key that goes and the key that comes, 64 hex digits. */
  readonly former: string
  readonly pattern: string
  /** `started`: blobs are wrapped anew; `rewrapped`: units may activate; `finished`: no unit has the former key. */
  readonly state: 'started' | 'rewrapped' | 'finished'
  /** Blobs under the former key when it began. */
  readonly total: number
  /** Blobs that do not open. */
  readonly broken: number
  readonly startedAt: number
  readonly startedBy: string
}

export interface MasterKeys {
  /** Verification pattern of the master key that an instance works with. */
  inForce(instance: string): string | undefined
  /** Of every instance that has one. */
  all(): { readonly instance: string; readonly pattern: string }[]
  /** The last rotation. */
  rotation(instance: string): Rotation | undefined
  /** Rotations whose blobs are not all wrapped anew. */
  started(): Rotation[]
  /** How many blobs of the instance are wrapped under a master key. */
  countUnder(instance: string, pattern: string): number
}

/** Blobs of an instance under one master key, and its EP11 objects, which name half of the pattern. */
const under = `FROM key_material m JOIN key_versions v ON v.slot = m.slot
  WHERE substr(m.blob, 5, 32) = unhex(?2) AND v.instance = ?1`
const objectsUnder = 'FROM keystore_objects WHERE instance = ?1 AND wkid = substr(?2, 1, 32)'

const rotationColumns =
  'instance, former, pattern, state, total, broken, started_at AS startedAt, started_by AS startedBy'

export function readMasterKeys(store: Reader): MasterKeys {
  return {
    inForce: (instance) =>
      store.get<{ pattern: string }>('SELECT pattern FROM master_keys WHERE instance = ?', instance)?.pattern,
    all: () => store.all('SELECT instance, pattern FROM master_keys'),
    rotation: (instance) =>
      store.get(`SELECT ${rotationColumns} FROM master_key_rotations WHERE instance = ?`, instance),
    started: () => store.all(`SELECT ${rotationColumns} FROM master_key_rotations WHERE state = 'started'`),
    countUnder: (instance, pattern) =>
      store.get<{ count: number }>(
        `SELECT (SELECT count(*) ${under}) + (SELECT count(*) ${objectsUnder}) AS count`,
        instance,
        pattern,
      )?.count ?? 0,
  }
}

/** That nothing is wrapped under a master key any more. */
export function nothingUnder(instance: string, pattern: string): Condition {
  return {
    sql: `SELECT 1 WHERE NOT EXISTS (SELECT 1 ${under}) AND NOT EXISTS (SELECT 1 ${objectsUnder})`,
    params: [instance, pattern],
  }
}

/**
 * That what is under the master key of this id is walked or works: a new object under any other would be lost. `wkid`: half
 * of its pattern, 32 hex digits.
 */
export function worksUnder(instance: string, wkid: string): Condition {
  return {
    sql: `SELECT 1 FROM master_keys WHERE instance = ?1 AND substr(pattern, 1, 32) = ?2
      UNION ALL SELECT 1 FROM master_key_rotations
      WHERE instance = ?1 AND state = 'started' AND substr(former, 1, 32) = ?2`,
    params: [instance, wkid],
  }
}

export function putInForce(instance: string, pattern: string, now: number): Change {
  return {
    sql: `INSERT INTO master_keys (instance, pattern, since) VALUES (?, ?, ?)
          ON CONFLICT (instance) DO UPDATE SET pattern = excluded.pattern, since = excluded.since`,
    params: [instance, pattern, now],
    rows: 1,
  }
}

/** Holds while no other rotation of the instance is under way, and its master key is the one that goes. */
export function insertRotation(rotation: Omit<Rotation, 'state' | 'broken'>): Change {
  const { instance, former, pattern, total, startedAt, startedBy } = rotation
  return {
    sql: `INSERT INTO master_key_rotations
            (instance, former, pattern, state, total, started_at, started_by, updated_at)
          SELECT ?1, ?2, ?3, 'started', ?4, ?5, ?6, ?5
          WHERE EXISTS (SELECT 1 FROM master_keys WHERE instance = ?1 AND pattern = ?2)
          ON CONFLICT (instance) DO UPDATE SET former = excluded.former, pattern = excluded.pattern, state = 'started',
            total = excluded.total, broken = 0, started_at = excluded.started_at, started_by = excluded.started_by,
            updated_at = excluded.updated_at
          WHERE master_key_rotations.state = 'finished'`,
    params: [instance, former, pattern, total, startedAt, startedBy],
    rows: 1,
  }
}

export function moveRotation(instance: string, from: Rotation['state'], to: Rotation['state'], now: number): Change {
  return {
    sql: 'UPDATE master_key_rotations SET state = ?, updated_at = ? WHERE instance = ? AND state = ?',
    params: [to, now, instance, from],
    rows: 1,
  }
}

export function noteBroken(instance: string, broken: number, now: number): Change {
  return {
    sql: 'UPDATE master_key_rotations SET broken = ?, updated_at = ? WHERE instance = ?',
    params: [broken, now, instance],
    rows: 1,
  }
}

/** What a change of a unit's registers means for its instance. */
interface Consequences {
  readonly changes: readonly Change[]
  readonly conditions: readonly Condition[]
  /** The master key in force afterwards, when it is another one. */
  readonly inForce?: string
}

/**
 * Decides whether a unit's new registers may be, and with which master key the instance works then. What a command asks
 * for openly (zeroize, clear the current register) is done; what would lose keys by a slip is refused: a master key that
 * key material is wrapped under is replaced by a rotation only.
 * @param others reports of the instance's other units, without those on hold: what they have, nobody can count on
 * @param isGivingUp the command says that it gives up what is there: zeroize, or clear the current register
 * @throws Refusal `MASTER_KEY_IN_USE`, `ROTATION_UNDER_WAY`
 */
export function consequencesOf(
  keys: MasterKeys,
  before: UnitReport,
  after: UnitReport,
  others: readonly UnitReport[],
  now: number,
  isGivingUp: boolean,
): Consequences {
  if (registersOf(before) === registersOf(after)) return { changes: [], conditions: [] }
  const rotation = keys.rotation(before.instance)
  const decided =
    rotation === undefined || rotation.state === 'finished'
      ? outsideRotation(keys, before, after, others, now, isGivingUp)
      : duringRotation(rotation, before, after, others, now)
  // A rotation that begins or moves on beside it has it decided anew.
  return { ...decided, conditions: [...decided.conditions, sameRotation(before.instance, rotation)] }
}

function outsideRotation(
  keys: MasterKeys,
  before: UnitReport,
  after: UnitReport,
  others: readonly UnitReport[],
  now: number,
  isGivingUp: boolean,
): Consequences {
  const { instance } = before
  const pattern = after.currentRegister.pattern
  const inForce = keys.inForce(instance)
  const losing = isGivingUp
    ? []
    : heldBy(before).filter((one) => !holds(after, one) && keys.countUnder(instance, one) > 0)
  const isLost = losing.some((one) => one === inForce || others.every((other) => !holds(other, one)))
  if (isLost) throw new Refusal('MASTER_KEY_IN_USE')
  // That somebody else has what is given up here was true of the others as they are.
  const asTheyAre = others.map(sameRevision)
  const none = { changes: [], conditions: losing.length > 0 ? asTheyAre : [] }
  // Which master key the instance works with is decided by its operational units; failover units follow.
  if (before.type !== 'operational' || pattern === undefined || pattern === before.currentRegister.pattern) return none
  if (inForce === pattern) return none
  const isWrapping = inForce !== undefined && keys.countUnder(instance, inForce) > 0
  const isHeld = others.some(({ type, currentRegister }) => type !== 'recovery' && currentRegister.pattern === inForce)
  if (isWrapping && isHeld) return { changes: [], conditions: asTheyAre }
  const conditions = inForce === undefined || isWrapping ? asTheyAre : [nothingUnder(instance, inForce)]
  return {
    changes: [putInForce(instance, pattern, now)],
    conditions: [...conditions, ...none.conditions],
    inForce: pattern,
  }
}

/**
 * The key that goes is needed until nothing is under it, the one that comes from now on. No unit gives up what it has of
 * them, but for being zeroized; one that has not all of it, because it was, may be loaded again.
 */
function duringRotation(
  rotation: Rotation,
  before: UnitReport,
  after: UnitReport,
  others: readonly UnitReport[],
  now: number,
): Consequences {
  const { instance, former, pattern, state } = rotation
  const isZeroized = after.imprint && !before.imprint
  const needed = state === 'started' ? [former, pattern] : [pattern]
  const givesUp = needed.some((one) => holds(before, one) && !holds(after, one))
  const isActivating = after.currentRegister.pattern === pattern && before.currentRegister.pattern !== pattern
  const isJoining = needed.some((one) => !holds(before, one))
  if (!isZeroized && (givesUp || !(isActivating || isJoining))) throw new Refusal('ROTATION_UNDER_WAY')
  if (state === 'started') return { changes: [], conditions: [] }
  const isLast = [after, ...others].every(({ currentRegister }) => currentRegister.pattern !== former)
  return {
    changes: isLast ? [moveRotation(instance, 'rewrapped', 'finished', now)] : [],
    conditions: [...(isActivating ? [nothingUnder(instance, former)] : []), ...others.map(sameRevision)],
  }
}

function registersOf({ currentRegister, newRegister }: UnitReport): string {
  return [currentRegister, newRegister].map((register) => `${register.state} ${register.pattern ?? ''}`).join(' ')
}

function heldBy({ currentRegister, newRegister }: UnitReport): string[] {
  const { pattern } = currentRegister
  const coming = newRegister.state === 'committed' ? newRegister.pattern : undefined
  return [pattern, coming].filter((one) => one !== undefined)
}

/** Whether a unit can open what is wrapped under a master key. */
function holds({ currentRegister, newRegister }: UnitReport, pattern: string): boolean {
  return currentRegister.pattern === pattern || (newRegister.state === 'committed' && newRegister.pattern === pattern)
}

/** That a unit's committed state is the one it reported. */
export function sameRevision({ unit, revision }: Pick<UnitReport, 'unit' | 'revision'>): Condition {
  return { sql: 'SELECT 1 FROM unit_states WHERE unit = ? AND revision = ?', params: [unit, revision] }
}

/** That no rotation of the instance has begun or moved on. */
function sameRotation(instance: string, rotation: Rotation | undefined): Condition {
  const states = 'SELECT pattern || state AS now FROM master_key_rotations WHERE instance = ?'
  return rotation === undefined
    ? { sql: `SELECT 1 WHERE NOT EXISTS (${states})`, params: [instance] }
    : { sql: `SELECT 1 FROM (${states}) WHERE now = ?`, params: [instance, rotation.pattern + rotation.state] }
}
