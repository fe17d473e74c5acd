/** Rules and calendars as one document: exported, imported, and those that the product ships. */
import { hash } from 'node:crypto'
import { canonicalJson } from '@keywitness/cadf'
import type { Calendar, Rule } from '@keywitness/tracker/alerts'
import { type Alongside, alongside } from '../../audit.ts'
import { Refusal } from '../../errors.ts'
import { isJsonObject, type JsonObject } from '../../http/json.ts'
import type { Change } from '../../store/store.ts'
import type { TrackerRow } from '../../trail/trail.ts'
import { alertLimits } from '../limits.ts'
import type { AlertingParts } from '../parts.ts'
import { tellOfGuards } from '../raising/tell-all.ts'
import { type ChangeParts, type Editor, putRule, removeRule, type RuleChange, turnRule } from './change-rule.ts'
import { listBytesOf, needOf, readCalendar, readRule, tooLongLists } from './read-rule.ts'
import { calendarFacts, isSameRule } from './rule-facts.ts'
import { type RuleRow, writeCalendar, writeRule } from './rule-rows.ts'

const ruleFormat = 'keywitness-rules/1'

interface ImportedRule {
  readonly rule: Rule
  readonly enabled: boolean
}

export interface RuleDocument {
  readonly rules: readonly ImportedRule[]
  readonly calendars: readonly Calendar[]
}

export interface Imported {
  readonly created: number
  readonly updated: number
  readonly removed: number
  readonly unchanged: number
  readonly changes: readonly Change[]
  readonly events: readonly Alongside[]
}

interface ImportParts extends ChangeParts, Pick<AlertingParts, 'channels' | 'random' | 'consoleUrl'> {}

export function exportRules({ rules }: Pick<AlertingParts, 'rules'>, tracker: TrackerRow): object {
  return {
    format: ruleFormat,
    rules: rules.list(tracker.id).map(({ rule, isEnabled }) => ({ rule, enabled: isEnabled })),
    calendars: rules.calendars(tracker.id),
  }
}

/** @throws Refusal INVALID_FIELD_ERR */
export function readDocument(parts: ImportParts, tracker: TrackerRow, body: JsonObject): RuleDocument {
  if (body['format'] !== ruleFormat) throw wrong('format')
  const { rules = [], calendars = [] } = body
  if (!Array.isArray(rules) || rules.length > alertLimits.rules) throw wrong('rules')
  if (!Array.isArray(calendars) || calendars.length > alertLimits.calendars) throw wrong('calendars')
  const readCalendars = calendars.map((value) => {
    const id = isJsonObject(value) ? value['id'] : undefined
    return readCalendar(value, typeof id === 'string' ? id : '')
  })
  const known = {
    calendars: new Set([...parts.rules.calendars(tracker.id), ...readCalendars].map(({ id }) => id)),
    channels: new Set(parts.channels.list(tracker.id).map(({ id }) => id)),
  }
  const read = rules.map((one, place) => {
    const at = `rules.${place}`
    if (!isJsonObject(one)) throw wrong(at)
    return { rule: readRule(one['rule'], undefined, known, `${at}.rule`), enabled: one['enabled'] === true }
  })
  if (new Set(read.map(({ rule }) => rule.id)).size !== read.length) throw wrong('rules')
  return { rules: read, calendars: readCalendars }
}

/**
 * What an import does: each rule that is another is written, turned on or off as the document has it, and has its own event.
 * @param isReplacing whether rules that the document does not have go
 * @throws Refusal QUOTA_EXCEEDED
 */
export function importRules(
  parts: ImportParts,
  tracker: TrackerRow,
  { rules, calendars }: RuleDocument,
  { isReplacing, reason, by }: { readonly isReplacing: boolean; readonly reason: string; readonly by: Editor },
): Imported {
  const counts = { created: 0, updated: 0, removed: 0, unchanged: 0 }
  const made: RuleChange[] = []
  const existing = parts.rules.list(tracker.id)
  const byId = new Map(existing.map((row) => [row.id, row]))
  for (const { rule, enabled } of rules) {
    const before = byId.get(rule.id)
    const isOn = enabled && needOf(rule, parts.hasLocations) === undefined
    const isSame = before !== undefined && isSameRule(before.rule, rule)
    if (isSame && before.isEnabled === isOn) {
      counts.unchanged += 1
      continue
    }
    if (before === undefined) counts.created += 1
    else counts.updated += 1
    if (isSame) made.push(turnRule(parts, tracker, before, isOn, reason, by))
    else made.push(...importRule(parts, tracker, rule, isOn, before, reason, by))
  }
  const wanted = new Set(rules.map(({ rule }) => rule.id))
  for (const row of isReplacing ? existing : []) {
    if (wanted.has(row.id)) continue
    counts.removed += 1
    made.push(removeRule(parts, tracker, row, reason, by))
  }
  refuseTooMuch(rulesAfter(byId, made))
  const ofCalendars = calendarChanges(parts, tracker, calendars)
  return {
    ...counts,
    // Rules may name calendars that come with them; rules that go make room for those that come.
    changes: [
      ...ofCalendars.changes,
      ...made.toReversed().flatMap(({ changes }) => changes),
      ...tellOfGuards(parts, tracker, made, by, parts.clock.now()),
    ],
    events: [...made.flatMap(({ event, off }) => (off === undefined ? [event] : [event, off])), ...ofCalendars.events],
  }
}

/** The rules once all is done. */
function rulesAfter(before: ReadonlyMap<string, RuleRow>, made: readonly RuleChange[]): RuleRow[] {
  const rows = new Map(before)
  for (const { id, after } of made) {
    if (after === undefined) rows.delete(id)
    else rows.set(id, after)
  }
  return [...rows.values()]
}

/** @throws Refusal QUOTA_EXCEEDED */
function refuseTooMuch(rows: readonly RuleRow[]): void {
  const on = rows.filter(({ isEnabled }) => isEnabled).length
  if (rows.length > alertLimits.rules || on > alertLimits.rulesOn) throw new Refusal('QUOTA_EXCEEDED')
  const listBytes = rows.reduce((sum, { rule }) => sum + listBytesOf(rule), 0)
  if (listBytes > alertLimits.allListBytes) throw tooLongLists()
}

/** A rule that is both written and turned on or off becomes so in one go: it has one version more, and two events. */
function importRule(
  parts: ImportParts,
  tracker: TrackerRow,
  rule: Rule,
  isOn: boolean,
  before: RuleRow | undefined,
  reason: string,
  by: Editor,
): RuleChange[] {
  const put = putRule(parts, tracker, rule, by)
  const after = put.after as RuleRow
  if (after.isEnabled === isOn) return [put]
  const turned = turnRule(parts, tracker, after, isOn, reason, by)
  return [
    { ...put, changes: writeRule(turned.after as RuleRow, before) },
    { ...turned, changes: [] },
  ]
}

function calendarChanges(
  { rules, names }: ImportParts,
  tracker: TrackerRow,
  calendars: readonly Calendar[],
): { changes: Change[]; events: Alongside[] } {
  const known = new Map(rules.calendars(tracker.id).map((calendar) => [calendar.id, calendar]))
  const others = calendars.filter((calendar) => {
    const before = known.get(calendar.id)
    return before === undefined || digestOf(before) !== digestOf(calendar)
  })
  return {
    changes: others.map((calendar) => writeCalendar(tracker.id, calendar, !known.has(calendar.id))),
    events: others.map((calendar) =>
      alongside('activity-tracker.calendar.update', {
        target: { id: names.crn(tracker), name: tracker.location },
        request: {
          calendar: calendar.id,
          ...calendarFacts('initialValue', known.get(calendar.id)),
          ...calendarFacts('newValue', calendar),
        },
        response: {},
      }),
    ),
  }
}

function digestOf(calendar: Calendar): string {
  return hash('sha256', canonicalJson(calendar))
}

function wrong(name: string): Refusal {
  return new Refusal('INVALID_FIELD_ERR', { at: { type: 'field', name } })
}
