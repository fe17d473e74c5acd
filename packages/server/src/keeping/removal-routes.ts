/** Removed trackers over the API: when, by whom, and their final checkpoints. */
import type { FastifyInstance } from 'fastify'
import { addAccountRoute } from '../http/account-route.ts'
import { timestamp } from '../http/schema.ts'
import type { RemovedTracker, Removals } from './removal.ts'
import type { TrackerRequestParts } from '../trail/tracker-request.ts'

/** Told at once: an account removes few. */
const listedMax = 1_000

export function addRemovalRoutes(
  app: FastifyInstance,
  { door, access, names, removals }: TrackerRequestParts & { readonly removals: Removals },
): void {
  addAccountRoute(app, door, {
    method: 'GET',
    url: '/v1/removed-trackers',
    action: 'activity-tracker.instance.list',
    schema: {
      summary: 'Trackers that were removed, with their final checkpoints; their files are in the data folder’s archive',
      tags: ['trail'],
    },
    operation: ({ caller }, seen) => {
      const found = removals
        .removed(caller.account, listedMax)
        .filter(({ location }) => access.mayReadTracker(caller, location))
      seen.response.totalResources = found.length
      return {
        code: 200,
        result: { body: { trackers: found.map((row) => ({ ...viewOf(row), crn: names.crn(row) })) } },
      }
    },
  })
}

function viewOf(row: RemovedTracker): object {
  return {
    id: row.id,
    location: row.location,
    origin: row.origin,
    state: row.state,
    createdAt: timestamp(row.created_at),
    removedAt: timestamp(row.removed_at),
    removedBy: row.removed_by,
    size: row.size,
    checkpoint: row.note,
  }
}
