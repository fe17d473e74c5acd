/** Gives a tracker the rules that the product ships, once: from then on its events are watched. */
import { packCalendars, rulePack } from '@keywitness/tracker/alerts'
import type { Change } from '../../store/store.ts'
import type { TrackerRow } from '../../trail/trail.ts'
import type { AlertingParts } from '../parts.ts'
import { circumstancesOf } from '../raising/raise.ts'
import { putRule } from './change-rule.ts'
import { needOf } from './read-rule.ts'
import { beginEngine, type RuleRow, writeCalendar, writeRule } from './rule-rows.ts'

/** Trackers of this server that have no rules yet. */
export function trackersWithoutRules({ reader, trail }: Pick<AlertingParts, 'reader' | 'trail'>): TrackerRow[] {
  return reader
    .all<TrackerRow>('SELECT * FROM trackers WHERE id NOT IN (SELECT tracker FROM alert_engines)')
    .filter((row) => trail.remotes.find(row) === undefined)
}

/** One event for all of them: what each is stands in its first version. */
export async function installPack(parts: AlertingParts, tracker: TrackerRow): Promise<void> {
  const { names, trail, engine } = parts
  const circumstances = circumstancesOf(parts, tracker)
  const target = { id: names.crn(tracker), name: tracker.location }
  await parts.audit.witness('activity-tracker.rule.import', circumstances, target, (seen) => {
    // What is in the log already is nothing new.
    const from = trail.growth(tracker).size
    seen.request = { mode: 'pack' }
    seen.response = { created: rulePack.length, updated: 0, removed: 0, unchanged: 0 }
    const rules = rulePack.flatMap(({ rule, isOn }): Change[] => {
      const { after } = putRule(parts, tracker, rule, circumstances.caller, rule)
      const isEnabled = isOn && needOf(rule, parts.hasLocations) === undefined
      const row: RuleRow = {
        ...(after as RuleRow),
        liveFrom: from,
        isEnabled,
        enabledAt: isEnabled ? parts.clock.now() : null,
      }
      return writeRule(row, undefined)
    })
    return {
      code: 200,
      result: undefined,
      changes: [
        beginEngine(tracker.id, from),
        ...packCalendars.map((calendar) => writeCalendar(tracker.id, calendar, true)),
        ...rules,
      ],
      settled: () => engine.watch(tracker),
    }
  })
}
