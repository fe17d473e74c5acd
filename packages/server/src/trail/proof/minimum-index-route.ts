/** The log's minimum index: which entries left it by its retention, as a note that the log has signed. */
import { Refusal } from '../../errors.ts'
import type { AddLogRoute } from './log-routes.ts'
import type { Trail } from '../trail.ts'

export function addMinimumIndexRoute(addUnrecorded: AddLogRoute, trail: Trail): void {
  addUnrecorded(
    '/v1/trackers/:location/log/minimum-index',
    { summary: 'Signed note of the index below which entries were pruned; 404 when none was' },
    async (row) => {
      const minimum = await trail.ask(row, 'minimum', {})
      if (minimum === undefined) throw new Refusal('NOT_FOUND')
      return { body: minimum.note, type: 'text/plain; charset=utf-8' }
    },
  )
}
