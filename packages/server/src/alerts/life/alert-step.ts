/** Steps of an alert's life by people: what each needs, what it changes, what its event says. */
import type { ActionName } from '@keywitness/cadf'
import { Refusal } from '../../errors.ts'
import type { AlertRow, AlertState, StepKind } from '../raising/alert-rows.ts'

export interface Person {
  readonly id: string
  readonly name: string
}

export interface StepSpec {
  /** Last part of the path. */
  readonly path: string
  readonly action: Extract<ActionName, `activity-tracker.alert.${string}`>
  readonly kind: StepKind
  readonly summary: string
  /** Whether something must be said. */
  readonly needsComment: boolean
  /** Channels are told. */
  readonly tells?: 'alert.acknowledged' | 'alert.closed' | 'alert.reopened'
  /** The alert afterwards. @throws Refusal when it is in no state for this */
  readonly after: (row: AlertRow, by: Person, now: number, assignee: Person | undefined) => AlertRow
}

export const steps: readonly StepSpec[] = [
  {
    path: 'acknowledge',
    action: 'activity-tracker.alert.acknowledge',
    kind: 'acknowledged',
    summary: 'Acknowledge an alert: somebody looks after it. It is assigned to whoever does, unless it is to somebody',
    needsComment: false,
    tells: 'alert.acknowledged',
    after: (row, by) => ({
      ...notClosed(row),
      state: 'acknowledged',
      assignee: row.assignee ?? by.id,
      assigneeName: row.assigneeName ?? by.name,
    }),
  },
  {
    path: 'assign',
    action: 'activity-tracker.alert.assign',
    kind: 'assigned',
    summary: 'Assign an alert to somebody, or to nobody',
    needsComment: false,
    after: (row, _by, _now, assignee) => ({
      ...notClosed(row),
      assignee: assignee?.id ?? null,
      assigneeName: assignee?.name ?? null,
    }),
  },
  {
    path: 'comment',
    action: 'activity-tracker.alert.comment',
    kind: 'commented',
    summary: 'Say something about an alert',
    needsComment: true,
    after: (row) => row,
  },
  {
    path: 'close',
    action: 'activity-tracker.alert.close',
    kind: 'closed',
    summary: 'Close an alert: what fires from now on raises another',
    needsComment: true,
    tells: 'alert.closed',
    after: (row, _by, now) => ({ ...notClosed(row), state: 'closed', closedAt: now, repeatPending: 0 }),
  },
  {
    path: 'reopen',
    action: 'activity-tracker.alert.reopen',
    kind: 'reopened',
    summary: 'Open a closed alert again, unless another of its rule and group is open',
    needsComment: true,
    tells: 'alert.reopened',
    after: (row) => {
      if (row.state !== 'closed') throw new Refusal('ALERT_NOT_CLOSED')
      return { ...row, state: 'open', closedAt: null }
    },
  },
]

function notClosed(row: AlertRow): AlertRow {
  if (row.state === 'closed') throw new Refusal('ALERT_CLOSED')
  return row
}

export interface StateFacts {
  readonly 'initialValue.state': AlertState
  readonly 'newValue.state': AlertState
}

export function stateFacts(before: AlertRow, after: AlertRow): StateFacts {
  return { 'initialValue.state': before.state, 'newValue.state': after.state }
}
