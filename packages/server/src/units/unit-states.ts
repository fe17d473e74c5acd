/** The committed states of the crypto units, and the changes that commit a new one. */
import type { UnitIdentity } from '@keywitness/crypto-unit/messages'
import type { Change, Reader } from '../store/store.ts'

export interface CommittedUnit {
  readonly instance: string
  readonly unit: string
  readonly type: UnitIdentity['type']
  readonly location: string
  readonly revision: number
  readonly sealed: Uint8Array
}

/** Every unit of every instance: what a starting process loads. */
export function allUnits(store: Reader): CommittedUnit[] {
  return store.all('SELECT instance, unit, type, location, revision, sealed FROM unit_states ORDER BY unit')
}

export function unitsOf(store: Reader, instance: string): CommittedUnit[] {
  return store.all(
    'SELECT instance, unit, type, location, revision, sealed FROM unit_states WHERE instance = ? ORDER BY location',
    instance,
  )
}

/** How many units stand in an availability zone: the next one's place. `zone` is the location's beginning. */
export function countInZone(store: Reader, zone: string): number {
  const row = store.get<{ count: number }>(
    'SELECT count(*) AS count FROM unit_states WHERE substr(location, 1, length(?1)) = ?1',
    zone,
  )
  return row?.count ?? 0
}

/** Holds only while the place and the id are free. */
export function insertUnit(identity: UnitIdentity, revision: number, sealed: Uint8Array): Change {
  const { unit, instance, type, location } = identity
  return {
    sql: `INSERT INTO unit_states (unit, instance, type, location, revision, sealed)
          SELECT ?1, ?2, ?3, ?4, ?5, ?6
          WHERE NOT EXISTS (SELECT 1 FROM unit_states WHERE unit = ?1 OR location = ?4)`,
    params: [unit, instance, type, location, revision, sealed],
    rows: 1,
  }
}

/** Holds only while the revision the new state was made from is the committed one. */
export function replaceState(unit: string, from: number, to: number, sealed: Uint8Array): Change {
  return {
    sql: 'UPDATE unit_states SET revision = ?, sealed = ? WHERE unit = ? AND revision = ?',
    params: [to, sealed, unit, from],
    rows: 1,
  }
}
