/** Trackers as rows and names: one per account and location, with an origin that is theirs for ever. */
import { randomUUID } from 'node:crypto'
import type { Change } from '../store/store.ts'
import type { TrackerRow } from './trail.ts'

export interface TrackerNames {
  /** CRN of a tracker. */
  crn(row: Pick<TrackerRow, 'account' | 'location' | 'id'>): string
  /** CRN of the tracking service of an account, where no tracker is meant. */
  serviceCrn(account: string): string
  origin(row: Pick<TrackerRow, 'location' | 'id'>): string
  insert(row: TrackerRow, createdBy: string): Change
}

/** CRN of a tracker by its origin, which names service, location and tracker. */
export function crnOfTracker({ account, origin }: Pick<TrackerRow, 'account' | 'origin'>): string {
  const [cname, location, id] = origin.split('/')
  return `crn:v1:${cname}:public:activity-tracker:${location}:a/${account}:${id}::`
}

export function trackerNames(cname: string): TrackerNames {
  return {
    crn: ({ account, location, id }) => `crn:v1:${cname}:public:activity-tracker:${location}:a/${account}:${id}::`,
    serviceCrn: (account) => `crn:v1:${cname}:public:activity-tracker::a/${account}:::`,
    origin: ({ location, id }) => `${cname}/${location}/${id}`,
    insert: (row, createdBy) => ({
      sql: `INSERT INTO trackers (account, location, id, origin, created_at, created_by)
        SELECT ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM trackers WHERE account = ? AND location = ?)`,
      params: [row.account, row.location, row.id, row.origin, row.created_at, createdBy, row.account, row.location],
      rows: 1,
    }),
  }
}

export function newTracker(names: TrackerNames, account: string, location: string, now: number): TrackerRow {
  const id = randomUUID()
  return { account, location, id, origin: names.origin({ location, id }), created_at: now }
}
