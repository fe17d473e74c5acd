/** Requests about a tracker of the caller’s account: which it is, whether the caller may, where it is recorded. */
import type { Audit, Circumstances } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { Refusal } from '../errors.ts'
import type { AccountRequestHead } from '../http/account-route.ts'
import type { Door } from '../http/door.ts'
import type { Access } from '../iam/roles.ts'
import type { TrackerPermission } from '../iam/permissions.ts'
import type { Reader } from '../store/store.ts'
import type { TrackerNames } from './trackers.ts'
import type { TrackerRow, Trail } from './trail.ts'

export interface TrackerRequestParts {
  readonly door: Door
  readonly access: Access
  readonly audit: Audit
  readonly reader: Reader
  readonly trail: Trail
  readonly names: TrackerNames
  readonly clock: Clock
  readonly serviceName: string
}

type Head = Pick<AccountRequestHead, 'caller' | 'params'>

/** The tracker that a request names, if the caller's account has it. */
export function namedTracker(
  { trail }: Pick<TrackerRequestParts, 'trail'>,
  { caller, params }: Head,
): TrackerRow | undefined {
  return trail.tracker(caller.account, params['location'] ?? '')
}

/**
 * Permission first, existence second: an unknown location and a foreign one answer the same.
 * @throws Refusal UNAUTHORIZED_ERR, NOT_FOUND
 */
export function requireTracker(parts: TrackerRequestParts, head: Head, permission: TrackerPermission): TrackerRow {
  parts.access.requireTracker(head.caller, head.params['location'] ?? '', permission)
  const row = namedTracker(parts, head)
  if (row === undefined) throw new Refusal('NOT_FOUND')
  return row
}

/**
 * What a server keeps can be let go, or held, only where it is kept.
 * @throws Refusal TRACKER_ELSEWHERE
 */
export function refuseElsewhere({ trail }: Pick<TrackerRequestParts, 'trail'>, row: TrackerRow): void {
  if (trail.remotes.find(row) !== undefined) throw new Refusal('TRACKER_ELSEWHERE')
}

/** Where a request about a tracker is recorded: in that tracker. */
export function placeIn(parts: TrackerRequestParts) {
  return (head: Head): Pick<Circumstances, 'destination' | 'logSourceCRN'> | undefined => {
    const row = namedTracker(parts, head)
    if (row === undefined) return undefined
    return { destination: { account: row.account, location: row.location }, logSourceCRN: parts.names.crn(row) }
  }
}

export function targetIn(parts: TrackerRequestParts) {
  return (head: Head): { id: string; name: string } => {
    const row = namedTracker(parts, head)
    if (row === undefined) return { id: parts.names.serviceCrn(head.caller.account), name: '' }
    return { id: parts.names.crn(row), name: row.location }
  }
}
