/** Reading adapters, certificates and objects: the statements that find them, each one constant text. */
import type { Reader } from '../../store/store.ts'
import { headColumns, type HeadRow } from '../objects/object-row.ts'
import {
  type AdapterRow,
  adapterColumns,
  certificateColumns,
  type ObjectState,
  type WholeCertificateRow,
} from './rows.ts'

export interface Page {
  readonly limit: number
  readonly offset: number
}

/** One page, and how many there are in all. */
export interface Paged<Row> {
  readonly rows: readonly Row[]
  readonly total: number
}

/** An object as far as a list looks at it. */
export interface ListedRow extends HeadRow {
  readonly attributes: Uint8Array
}

/** All lists are in order of creation. Adapters and certificates are found by id or by name. */
export interface KmipStore {
  adapters(instance: string, crk: string | undefined, page: Page): Paged<AdapterRow>
  adapter(instance: string, idOrName: string): AdapterRow | undefined
  adapterCount(instance: string): number
  certificates(adapter: AdapterRow, page: Page): Paged<WholeCertificateRow>
  certificate(adapter: AdapterRow, idOrName: string): WholeCertificateRow | undefined
  /** Whether an adapter of any instance in the location has it. */
  hasFingerprint(location: string, fingerprint: string): boolean
  /** Numbers of the objects of a page. */
  pickObjects(adapter: AdapterRow, states: ReadonlySet<ObjectState>, page: Page): Paged<number>
  /** Those of them that are still there, in the order given. */
  listedObjects(adapter: AdapterRow, numbers: readonly number[]): ListedRow[]
  countObjects(adapter: AdapterRow, states: ReadonlySet<ObjectState>): number
  /** Objects that are not destroyed. */
  remaining(adapter: AdapterRow): number
}

const ofInstance = 'FROM kmip_adapters WHERE instance = ?1 AND (?2 IS NULL OR crk = ?2)'
const certificatesOf = 'FROM kmip_certificates WHERE instance = ?1 AND adapter = ?2'
/** The rows of other pages are passed over by their index. */
const objectsPage = `SELECT number FROM kmip_objects INDEXED BY kmip_objects_created
  WHERE instance = ?1 AND adapter = ?2 AND (1 << state) & ?3 <> 0 ORDER BY created_at, id LIMIT ?4 OFFSET ?5`
const inOrder = 'ORDER BY created_at, id'

const sql = {
  adapters: `SELECT ${adapterColumns} ${ofInstance} ${inOrder} LIMIT ?3 OFFSET ?4`,
  countAdapters: `SELECT count(*) AS total ${ofInstance}`,
  adapter: `SELECT ${adapterColumns} FROM kmip_adapters WHERE instance = ?1 AND (id = ?2 OR name = ?3)`,
  certificates: `SELECT ${certificateColumns}, certificate ${certificatesOf} ${inOrder} LIMIT ?3 OFFSET ?4`,
  countCertificates: `SELECT count(*) AS total ${certificatesOf}`,
  certificate: `SELECT ${certificateColumns}, certificate ${certificatesOf} AND (id = ?3 OR name = ?4)`,
  fingerprint: 'SELECT 1 AS found FROM kmip_certificates WHERE location = ? AND fingerprint = ?',
  pickObjects: objectsPage,
  listedObjects: `SELECT ${headColumns}, attributes
    FROM (SELECT value AS number, key AS place FROM json_each(?3)) CROSS JOIN kmip_objects USING (number)
    WHERE instance = ?1 AND adapter = ?2 ORDER BY place`,
  countObjects: `SELECT coalesce(sum(total), 0) AS total FROM kmip_object_totals
    WHERE instance = ?1 AND adapter = ?2 AND (1 << state) & ?3 <> 0`,
} as const

const liveStates: ReadonlySet<ObjectState> = new Set([1, 2, 3, 4])

export function kmipStore(reader: Reader): KmipStore {
  const totalOf = (statement: string, ...params: (string | number | null)[]): number =>
    reader.get<{ total: number }>(statement, ...params)?.total ?? 0
  return {
    adapters: (instance, crk, { limit, offset }) => ({
      rows: reader.all<AdapterRow>(sql.adapters, instance, crk ?? null, limit, offset),
      total: totalOf(sql.countAdapters, instance, crk ?? null),
    }),
    adapter: (instance, idOrName) => reader.get<AdapterRow>(sql.adapter, instance, idOrName.toLowerCase(), idOrName),
    adapterCount: (instance) => totalOf(sql.countAdapters, instance, null),
    certificates: ({ instance, id }, { limit, offset }) => ({
      rows: reader.all<WholeCertificateRow>(sql.certificates, instance, id, limit, offset),
      total: totalOf(sql.countCertificates, instance, id),
    }),
    certificate: ({ instance, id }, idOrName) =>
      reader.get<WholeCertificateRow>(sql.certificate, instance, id, idOrName.toLowerCase(), idOrName),
    hasFingerprint: (location, fingerprint) => reader.get(sql.fingerprint, location, fingerprint) !== undefined,
    pickObjects: ({ instance, id }, states, { limit, offset }) => ({
      rows: reader
        .all<{ number: number }>(sql.pickObjects, instance, id, maskOf(states), limit, offset)
        .map(({ number }) => number),
      total: totalOf(sql.countObjects, instance, id, maskOf(states)),
    }),
    listedObjects: ({ instance, id }, numbers) =>
      reader.all<ListedRow>(sql.listedObjects, instance, id, JSON.stringify(numbers)),
    countObjects: ({ instance, id }, states) => totalOf(sql.countObjects, instance, id, maskOf(states)),
    remaining: ({ instance, id }) => totalOf(sql.countObjects, instance, id, maskOf(liveStates)),
  }
}

function maskOf(states: ReadonlySet<ObjectState>): number {
  let mask = 0
  for (const state of states) mask |= 1 << state
  return mask
}
