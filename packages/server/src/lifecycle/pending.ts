/** What a service still has to acknowledge: for one that asks instead of being told. */
import type { Reader } from '../store/store.ts'
import { actionColumns, type LifecycleAction } from './actions.ts'
import { lifecycleLimits } from './limits.ts'
import type { LifecycleNews } from './message.ts'

interface PendingNews extends LifecycleNews {
  /** Resources the service has not acknowledged: the first by CRN, and how many there are. */
  readonly resources: readonly string[]
  readonly totalResources: number
}

export interface Pending {
  /** Actions whose time is not over, oldest first, those after `after`. */
  list(owner: string, now: number, after: string, limit: number): PendingNews[]
}

/**
 * Acknowledgements are taken until the four hours are over, also of an action that ended in a contradiction.
 * The indexes are named because the order asked for would lead through all that is kept for thirty days.
 */
const open = `SELECT * FROM lifecycle_actions INDEXED BY lifecycle_due WHERE state = 'pending' AND due_at > ?1
  UNION ALL SELECT * FROM lifecycle_actions INDEXED BY lifecycle_finished
    WHERE state <> 'pending' AND due_at > ?1 AND state = 'conflict'`

const ofOwner = "FROM lifecycle_acknowledgements WHERE action = open.id AND owner = ?2 AND state = 'pending'"

const pendingActions = `WITH open AS (${open}) SELECT ${actionColumns},
    (SELECT crn FROM instances WHERE guid = open.instance) AS instanceCrn,
    (SELECT ring FROM keys WHERE keys.instance = open.instance AND keys.id = open.key) AS ring,
    (SELECT count(*) ${ofOwner}) AS totalResources
  FROM open WHERE id > ?3 AND EXISTS (SELECT 1 ${ofOwner}) ORDER BY id LIMIT ?4`

const pendingResources = `SELECT crn FROM lifecycle_acknowledgements
  WHERE action = ? AND owner = ? AND state = 'pending' ORDER BY crn LIMIT ${lifecycleLimits.resourcesTold}`

type PendingRow = LifecycleAction & Pick<PendingNews, 'instanceCrn' | 'ring' | 'totalResources'>

export function readPending(reader: Reader): Pending {
  return {
    list: (owner, now, after, limit) =>
      reader
        .all<PendingRow>(pendingActions, now, owner, after, limit)
        .map(({ instanceCrn, ring, totalResources, ...action }) => ({
          action,
          instanceCrn,
          ring,
          totalResources,
          resources: reader.all<{ crn: string }>(pendingResources, action.id, owner).map(({ crn }) => crn),
        })),
  }
}
