/** `rule.suspend`: the server turns off a rule that holds up all others, and says so. */
import type { Audit } from '../../audit.ts'
import { systemCaller } from '../../system-caller.ts'
import type { TrackerRow } from '../../trail/trail.ts'
import type { AlertEngine } from '../engine/engine.ts'
import { circumstancesOf } from '../raising/raise.ts'
import { type ChangeParts, suspendRule } from './change-rule.ts'
import type { RuleRow } from './rule-rows.ts'

export interface SuspendingParts extends ChangeParts {
  readonly audit: Audit
  readonly serviceName: string
  readonly engine: Pick<AlertEngine, 'changed'>
}

/** Nothing happens to a rule that was changed or turned off since. */
export async function suspendCostly(
  parts: SuspendingParts,
  tracker: TrackerRow,
  { id, version }: Pick<RuleRow, 'id' | 'version'>,
  why: string,
): Promise<void> {
  const current = (): RuleRow | undefined => {
    const row = parts.rules.find(tracker.id, id)
    return row?.version === version && row.isEnabled ? row : undefined
  }
  if (current() === undefined) return
  const target = { id: parts.names.crn(tracker), name: tracker.location }
  const by = systemCaller(tracker.account, parts.serviceName)
  await parts.audit.witness('activity-tracker.rule.suspend', circumstancesOf(parts, tracker), target, (seen) => {
    const before = current()
    seen.request.rule = id
    if (before === undefined) return { code: 200, result: undefined }
    const { changes, event } = suspendRule(parts, tracker, before, why, by)
    Object.assign(seen, event.seen)
    return { code: 200, result: undefined, changes, settled: () => parts.engine.changed(tracker) }
  })
}
