/** Changes of one rule: a new version, turned on or off, deleted. What each becomes, and the event that says so. */
import type { Rule } from '@keywitness/tracker/alerts'
import { type Alongside, alongside } from '../../audit.ts'
import { Refusal } from '../../errors.ts'
import type { Change } from '../../store/store.ts'
import type { TrackerRow } from '../../trail/trail.ts'
import { alertLimits } from '../limits.ts'
import type { AlertingParts } from '../parts.ts'
import { needOf } from './read-rule.ts'
import { ruleFacts } from './rule-facts.ts'
import { deleteRule, type RuleRow, writeRule } from './rule-rows.ts'

export interface Editor {
  readonly id: string
  readonly name: string
}

export interface RuleChange {
  readonly id: string
  readonly changes: readonly Change[]
  readonly event: Alongside
  /** That a rule which was on needs something now, and went off with the change. */
  readonly off?: Alongside
  /** The rule afterwards; undefined when it is gone. */
  readonly after: RuleRow | undefined
}

export interface ChangeParts extends Pick<AlertingParts, 'rules' | 'names' | 'clock' | 'hasLocations'> {
  readonly trail: Pick<AlertingParts['trail'], 'growth'>
}

/** A new rule begins turned off; one that is on begins anew with what it is now. */
export function putRule(
  parts: ChangeParts,
  tracker: TrackerRow,
  rule: Rule,
  by: Editor,
  shipped: Rule | null = null,
): RuleChange {
  const before = parts.rules.find(tracker.id, rule.id)
  const version = parts.rules.newestVersion(tracker.id, rule.id) + 1
  const need = needOf(rule, parts.hasLocations)
  const stays = before?.isEnabled === true && need === undefined
  const now = parts.clock.now()
  const after: RuleRow = {
    tracker: tracker.id,
    id: rule.id,
    version,
    rule,
    isEnabled: stays,
    // One that stays on goes on where its last version was: between the two nothing is passed over.
    liveFrom: stays ? (parts.rules.cursor(tracker.id) ?? 0) : parts.trail.growth(tracker).size,
    hasJoined: false,
    enabledAt: stays ? (before.enabledAt ?? now) : null,
    suspended: null,
    shipped: shipped ?? before?.shipped ?? null,
    changedAt: laterThan(before, now),
    changedBy: by.id,
    changedByName: by.name,
  }
  const action = before === undefined ? 'activity-tracker.rule.create' : 'activity-tracker.rule.update'
  return {
    id: rule.id,
    changes: writeRule(after, before),
    after,
    event: alongside(action, {
      target: targetOf(parts, tracker),
      request: { rule: rule.id, ...ruleFacts('initialValue', before?.rule), ...ruleFacts('newValue', rule) },
      response: { ruleVersion: version },
    }),
    ...(before?.isEnabled === true && !stays ? { off: turnEvent(parts, tracker, before, false, need ?? '') } : {}),
  }
}

/**
 * One that is so already stays as it is: what it remembers is not forgotten.
 * @throws Refusal RULE_NEEDS, QUOTA_EXCEEDED
 */
export function turnRule(
  parts: ChangeParts,
  tracker: TrackerRow,
  before: RuleRow,
  isEnabled: boolean,
  reason: string,
  by: Editor,
): RuleChange {
  const event = turnEvent(parts, tracker, before, isEnabled, reason)
  if (before.isEnabled === isEnabled && before.suspended === null) {
    return { id: before.id, changes: [], after: before, event }
  }
  if (isEnabled) {
    const need = needOf(before.rule, parts.hasLocations)
    if (need !== undefined) throw new Refusal('RULE_NEEDS', { message: need })
    if (parts.rules.counts(tracker.id, before.id).othersOn >= alertLimits.rulesOn) throw new Refusal('QUOTA_EXCEEDED')
  }
  const now = parts.clock.now()
  const after: RuleRow = {
    ...before,
    isEnabled,
    liveFrom: parts.trail.growth(tracker).size,
    hasJoined: false,
    enabledAt: isEnabled ? now : null,
    suspended: null,
    changedAt: laterThan(before, now),
    changedBy: by.id,
    changedByName: by.name,
  }
  return { id: before.id, changes: writeRule(after, before), after, event }
}

function turnEvent(
  parts: ChangeParts,
  tracker: TrackerRow,
  before: RuleRow,
  isEnabled: boolean,
  reason: string,
): Alongside {
  return alongside(isEnabled ? 'activity-tracker.rule.enable' : 'activity-tracker.rule.disable', {
    target: targetOf(parts, tracker),
    request: {
      rule: before.id,
      reason,
      'initialValue.ruleEnabled': before.isEnabled,
      'newValue.ruleEnabled': isEnabled,
    },
    response: {},
  })
}

export function removeRule(
  parts: ChangeParts,
  tracker: TrackerRow,
  before: RuleRow,
  reason: string,
  by: Editor,
): RuleChange {
  const changedAt = laterThan(before, parts.clock.now())
  return {
    id: before.id,
    changes: deleteRule(before, { changedAt, changedBy: by.id, changedByName: by.name }),
    after: undefined,
    event: alongside('activity-tracker.rule.delete', {
      target: targetOf(parts, tracker),
      request: { rule: before.id, reason, ...ruleFacts('initialValue', before.rule) },
      response: {},
    }),
  }
}

/** The server turns a rule off that holds up all others. */
export function suspendRule(
  parts: ChangeParts,
  tracker: TrackerRow,
  before: RuleRow,
  why: string,
  by: Editor,
): RuleChange {
  const { changes, after, event } = turnRule(parts, tracker, before, false, why, by)
  const suspended = { ...(after as RuleRow), suspended: why }
  return {
    id: before.id,
    changes: [...changes.slice(0, -1), ...writeRule(suspended, before)],
    after: suspended,
    event: alongside('activity-tracker.rule.suspend', event.seen as never),
  }
}

function targetOf({ names }: Pick<ChangeParts, 'names'>, tracker: TrackerRow): { id: string; name: string } {
  return { id: names.crn(tracker), name: tracker.location }
}

/** Times of change tell changes apart: no two of a rule have the same. */
function laterThan(before: Pick<RuleRow, 'changedAt'> | undefined, now: number): number {
  return before === undefined ? now : Math.max(now, before.changedAt + 1)
}
