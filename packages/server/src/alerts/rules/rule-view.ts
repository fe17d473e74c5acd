/** A rule as the API shows it: the rule itself, whether it is on, and how it has been. */
import type { TrackerRow } from '../../trail/trail.ts'
import { timestamp } from '../../http/schema.ts'
import type { AlertingParts } from '../parts.ts'
import { needOf } from './read-rule.ts'
import { isSameRule } from './rule-facts.ts'
import type { RuleRow } from './rule-rows.ts'

/** A rule that is on this long and never fired is told of as dead. */
const deadAfterMs = 30 * 24 * 3_600_000

export interface RuleView {
  readonly rule: RuleRow['rule']
  readonly version: number
  readonly state: 'on' | 'off' | 'learning' | 'suspended' | 'needs'
  readonly [member: string]: unknown
}

/** Views of rules of one tracker; what is the same for all is read once. */
export function ruleViews(parts: AlertingParts, tracker: TrackerRow): (row: RuleRow) => RuleView {
  const { engine, alerts, hasLocations, clock } = parts
  const health = engine.ruleHealth(tracker)
  const fired = new Map(alerts.firedOf(tracker.id).map((one) => [one.rule, one]))
  return (row) => {
    const known = health.get(row.id)
    const seen = known?.version === row.version ? known : undefined
    const need = needOf(row.rule, hasLocations)
    const firings = fired.get(row.id)
    return {
      rule: row.rule,
      version: row.version,
      state: stateOf(row, need, seen?.state === 'learning'),
      ...(need === undefined ? {} : { needs: need }),
      ...(row.suspended === null ? {} : { suspended: row.suspended }),
      ...(row.shipped === null ? {} : { pack: isSameRule(row.shipped, row.rule) ? 'same' : 'changed' }),
      changedAt: timestamp(row.changedAt),
      changedBy: { id: row.changedBy, name: row.changedByName },
      ...(row.enabledAt === null ? {} : { enabledAt: timestamp(row.enabledAt) }),
      matched: seen?.matched ?? 0,
      ...(seen?.lastMatch === undefined ? {} : { lastMatch: timestamp(seen.lastMatch) }),
      isSaturated: seen?.isSaturated ?? false,
      fired: firings?.fired ?? 0,
      ...(firings === undefined ? {} : { lastFired: timestamp(firings.lastFired) }),
      isDead: isDead(row, firings?.lastFired, clock.now(), deadAfterMs),
    }
  }
}

function stateOf(row: RuleRow, need: string | undefined, isLearning: boolean): RuleView['state'] {
  if (row.suspended !== null) return 'suspended'
  if (!row.isEnabled) return need === undefined ? 'off' : 'needs'
  return isLearning ? 'learning' : 'on'
}

/** On for so long, and it did not fire in that time. */
export function isDead(row: RuleRow, lastFired: number | undefined, now: number, afterMs: number): boolean {
  if (!row.isEnabled || row.enabledAt === null || now - row.enabledAt < afterMs) return false
  return lastFired === undefined || now - lastFired >= afterMs
}
