/** Trackers as rows and names: one per account and location, with an origin that is theirs for ever. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Change } from '../store/store.ts'
import type { TrackerPlace } from './messages.ts'
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
        SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (SELECT 1 FROM trackers WHERE account = ?1 AND location = ?2)
        AND NOT EXISTS (SELECT 1 FROM removed_trackers WHERE account = ?1 AND location = ?2 AND state = 'closing')`,
      params: [row.account, row.location, row.id, row.origin, row.created_at, createdBy],
      rows: 1,
    }),
  }
}

export function newTracker(names: TrackerNames, account: string, location: string, now: number): TrackerRow {
  const id = randomUUID()
  return { account, location, id, origin: names.origin({ location, id }), created_at: now }
}

/** Where a tracker keeps its files. The checkpoint key lies outside the tracker's own folder (design 7). */
export function placeOf(dataFolder: string, row: Pick<TrackerRow, 'account' | 'location' | 'origin'>): TrackerPlace {
  const { account, location, origin } = row
  return {
    account,
    location,
    origin,
    folder: join(dataFolder, 'trackers', account, location),
    keyFolder: join(dataFolder, 'checkpoints', account, location),
  }
}
