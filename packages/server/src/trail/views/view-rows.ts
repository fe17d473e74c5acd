/** Saved views in the server store: a person's own ones of a tracker, and those shared with all who read it. */
import type { Change, Reader } from '../../store/store.ts'

export interface ViewRow {
  /** UUID. */
  readonly id: string
  /** Id of the tracker. */
  readonly tracker: string
  readonly owner: string
  readonly ownerName: string
  readonly isShared: 0 | 1
  readonly name: string
  /** Empty: none. */
  readonly category: string
  /** In the query language; empty for every event. */
  readonly query: string
  readonly from: string | null
  readonly to: string | null
  readonly by: 'severity' | 'outcome'
  readonly version: number
  readonly createdAt: number
  readonly updatedAt: number
}

/** Views of one person, and shared ones, of a tracker. */
const ownViewsMax = 200
const sharedViewsMax = 500

const columns = `id, tracker, owner, owner_name AS ownerName, is_shared AS isShared, name, category, query,
  time_from AS "from", time_to AS "to", told_by AS "by", version, created_at AS createdAt, updated_at AS updatedAt`

export interface Views {
  /** One that the person may see. */
  find(tracker: string, owner: string, id: string): ViewRow | undefined
  /** Those that the person may see, by name. */
  list(tracker: string, owner: string): ViewRow[]
  /** The one that has this name: among the person's own, or among the shared ones. */
  named(view: Pick<ViewRow, 'tracker' | 'owner' | 'isShared' | 'name'>): { readonly id: string } | undefined
  /** Of the same kind: the person's own, or shared ones. */
  count(view: Pick<ViewRow, 'tracker' | 'owner' | 'isShared'>): number
}

const sameKind = 'tracker = ?1 AND is_shared = ?2 AND (is_shared = 1 OR owner = ?3)'

export function readViews(reader: Reader): Views {
  return {
    find: (tracker, owner, id) =>
      reader.get<ViewRow>(
        `SELECT ${columns} FROM saved_views WHERE id = ? AND tracker = ? AND (is_shared = 1 OR owner = ?)`,
        id,
        tracker,
        owner,
      ),
    list: (tracker, owner) =>
      reader.all<ViewRow>(
        `SELECT ${columns} FROM saved_views WHERE tracker = ? AND (is_shared = 1 OR owner = ?) ORDER BY name, id`,
        tracker,
        owner,
      ),
    named: ({ tracker, isShared, owner, name }) =>
      reader.get(`SELECT id FROM saved_views WHERE ${sameKind} AND name = ?4`, tracker, isShared, owner, name),
    count: ({ tracker, isShared, owner }) =>
      reader.get<{ n: number }>(`SELECT count(*) AS n FROM saved_views WHERE ${sameKind}`, tracker, isShared, owner)
        ?.n ?? 0,
  }
}

export function viewsMax({ isShared }: Pick<ViewRow, 'isShared'>): number {
  return isShared === 1 ? sharedViewsMax : ownViewsMax
}

/** Nobody else saves the last one that there is room for at the same time. */
export function insertView(view: ViewRow): Change {
  const { id, tracker, owner, ownerName, isShared, name, category, query, from, to, by, createdAt } = view
  return {
    sql: `INSERT INTO saved_views (tracker, is_shared, owner, id, owner_name, name, category, query, time_from, time_to,
        told_by, version, created_at, updated_at)
      SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1, ?12, ?12
      WHERE (SELECT count(*) FROM saved_views WHERE ${sameKind}) < ?13`,
    params: [tracker, isShared, owner, id, ownerName, name, category, query, from, to, by, createdAt, viewsMax(view)],
    rows: 1,
  }
}

/** What it was when this was decided, it must still be. */
export function updateView(before: ViewRow, after: ViewRow): Change {
  const { id, isShared, name, category, query, from, to, by, version, updatedAt } = after
  return {
    sql: `UPDATE saved_views SET is_shared = ?, name = ?, category = ?, query = ?, time_from = ?, time_to = ?,
      told_by = ?, version = ?, updated_at = ? WHERE id = ? AND version = ?`,
    params: [isShared, name, category, query, from, to, by, version, updatedAt, id, before.version],
    rows: 1,
  }
}

export function deleteView({ id, version }: ViewRow): Change {
  return { sql: 'DELETE FROM saved_views WHERE id = ? AND version = ?', params: [id, version], rows: 1 }
}
