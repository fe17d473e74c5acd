/** What becomes of a firing: a new alert, one more time of an open one, or nothing that was not known. Pure. */
import type { Rule } from '@keywitness/tracker/alerts'
import type { Fired, ToldEvent } from '../engine/messages.ts'
import { alertLimits } from '../limits.ts'
import type { RuleRow } from '../rules/rule-rows.ts'
import { type AlertRow, eventsOf } from './alert-rows.ts'
import { textOf, titleOf } from './alert-text.ts'

/** Events that an alert names, the newest. */
const namedEventsMax = 10

/** Groups of a rule that has too many at once become one. */
export const manyKey = '*'

export function groupKeyOf({ group }: { readonly group: readonly { readonly value: string }[] }): string {
  return JSON.stringify(group.map(({ value }) => value))
}

export interface NewAlertFacts {
  readonly id: string
  readonly tracker: string
  readonly version: number
  readonly now: number
  /** It stands for all groups of its rule that come now. */
  readonly isOfMany: boolean
}

export function newAlert(rule: Rule, fired: Fired, facts: NewAlertFacts): AlertRow {
  const { now, isOfMany } = facts
  const title = isOfMany ? `${rule.name}: many more` : titleOf(rule, fired)
  return {
    id: facts.id,
    tracker: facts.tracker,
    rule: rule.id,
    ruleBody: bodyOf(rule),
    ruleVersion: facts.version,
    severity: rule.severity,
    groupKey: isOfMany ? manyKey : groupKeyOf(fired),
    groups: JSON.stringify(isOfMany ? [] : fired.group),
    title,
    text: textOf(rule, fired, isOfMany),
    state: 'open',
    mute: fired.mute ?? null,
    count: triggersOf(fired).length,
    lastTrigger: fired.trigger,
    events: JSON.stringify(fired.events.slice(-namedEventsMax)),
    firstAt: fired.at,
    lastAt: fired.at,
    raisedAt: now,
    repeatRecordedAt: now,
    repeatPending: 0,
    toldAt: null,
    assignee: null,
    assigneeName: null,
    closedAt: null,
    revision: 1,
  }
}

/**
 * What of it was not committed already: firings of a group come in the order of what makes them fire. Undefined when nothing
 * is left.
 */
export function unknownOf(lastTrigger: number | undefined, fired: Fired): Fired | undefined {
  if (lastTrigger === undefined) return fired
  const triggers = triggersOf(fired).filter((trigger) => trigger > lastTrigger)
  return triggers.length === 0 ? undefined : { ...fired, triggers }
}

function triggersOf({ trigger, triggers = [trigger] }: Fired): readonly number[] {
  return triggers
}

export interface Repeated {
  readonly after: AlertRow
  /** It becomes an event now; else one tells of it later. */
  readonly isRecorded: boolean
  /** Channels are told now. */
  readonly isTold: boolean
}

/** An open alert fires once more. */
export function repeated(
  before: AlertRow,
  { rule, version }: Pick<RuleRow, 'rule' | 'version'>,
  fired: Fired,
  now: number,
): Repeated {
  const isMuted = fired.mute !== undefined
  const isRecorded = now - before.repeatRecordedAt >= alertLimits.repeatEventMs
  const isOverdue = before.toldAt === null || now - before.toldAt >= alertLimits.repeatTellMs
  const isTold = !isMuted && before.state === 'open' && isOverdue
  const after: AlertRow = {
    ...before,
    // What the rule says now of whom to tell.
    ruleBody: bodyOf(rule),
    ruleVersion: version,
    severity: rule.severity,
    text: textOf(rule, fired, before.groupKey === manyKey),
    mute: fired.mute ?? null,
    count: before.count + triggersOf(fired).length,
    // Of many groups the newest of all; what no event tells is in no order.
    lastTrigger: rule.when.kind === 'watch' ? fired.trigger : Math.max(before.lastTrigger, fired.trigger),
    events: JSON.stringify(newestEvents(eventsOf(before), fired.events)),
    lastAt: Math.max(before.lastAt, fired.at),
    repeatRecordedAt: isRecorded ? now : before.repeatRecordedAt,
    repeatPending: isRecorded ? 0 : 1,
  }
  return { after, isRecorded, isTold }
}

/** Its lists may be long. */
function bodyOf(rule: Rule): string {
  return JSON.stringify({ ...rule, lists: undefined })
}

function newestEvents(known: readonly ToldEvent[], more: readonly ToldEvent[]): ToldEvent[] {
  const byIndex = new Map([...known, ...more].map((event) => [event.index, event]))
  return [...byIndex.values()].toSorted((a, b) => a.index - b.index).slice(-namedEventsMax)
}
