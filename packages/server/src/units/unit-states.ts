/** The committed states of the crypto units, and the changes that commit a new one. */
import type { UnitIdentity } from '@keywitness/crypto-unit/messages'
import type { Change, Reader } from '../store/store.ts'

export interface CommittedUnit {
  readonly instance: string
  readonly unit: string
  readonly type: UnitIdentity['type']
  readonly location: string
  readonly serial: string
  readonly revision: number
}

export interface SealedUnit extends CommittedUnit {
  readonly sealed: Uint8Array
}

/** Every state has this much room, whatever its length: the next one overwrites it where it stands. */
const SLOT_BYTES = 16_384

const columns = 'unit, instance, type, location, serial, revision'

/** Every unit of every instance: what a starting process loads. */
export function allUnits(store: Reader): SealedUnit[] {
  return store.all(
    `SELECT ${columns}, substr(s.sealed, 1, bytes) AS sealed
     FROM unit_states JOIN unit_state_slots s USING (slot) ORDER BY unit`,
  )
}

/** Instances that have units. */
export function instancesWithUnits(store: Reader): string[] {
  return store
    .all<{ instance: string }>('SELECT DISTINCT instance FROM unit_states ORDER BY instance')
    .map(({ instance }) => instance)
}

export function unitsOf(store: Reader, instance: string): CommittedUnit[] {
  return store.all(`SELECT ${columns} FROM unit_states WHERE instance = ? ORDER BY location`, instance)
}

export function findUnit(store: Reader, instance: string, unit: string): CommittedUnit | undefined {
  return store.get(`SELECT ${columns} FROM unit_states WHERE unit = ? AND instance = ?`, unit, instance)
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
export function insertUnit(identity: UnitIdentity, revision: number, sealed: Uint8Array): Change[] {
  const { unit, instance, type, location, serial } = identity
  return [
    { sql: 'INSERT INTO unit_state_slots (sealed) VALUES (?)', params: [slotOf(sealed)], rows: 1 },
    {
      sql: `INSERT INTO unit_states (unit, instance, type, location, serial, revision, slot, bytes)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, last_insert_rowid(), ?7
            WHERE NOT EXISTS (SELECT 1 FROM unit_states WHERE unit = ?1 OR location = ?4)`,
      params: [unit, instance, type, location, serial, revision, sealed.length],
      rows: 1,
    },
  ]
}

/** Holds only while the revision the new state was made from is the committed one. */
export function replaceState(unit: string, from: number, to: number, sealed: Uint8Array): Change[] {
  return [
    {
      sql: 'UPDATE unit_states SET revision = ?, bytes = ? WHERE unit = ? AND revision = ?',
      params: [to, sealed.length, unit, from],
      rows: 1,
    },
    {
      sql: 'UPDATE unit_state_slots SET sealed = ? WHERE slot = (SELECT slot FROM unit_states WHERE unit = ?)',
      params: [slotOf(sealed), unit],
      rows: 1,
    },
  ]
}

function slotOf(sealed: Uint8Array): Uint8Array {
  if (sealed.length > SLOT_BYTES) throw new Error('a sealed state is larger than its slot')
  const slot = new Uint8Array(SLOT_BYTES)
  slot.set(sealed)
  return slot
}
