/** Makes alerts of what fires: in one commit the alerts, their events, the messages to channels and how far all is seen. */
import { uuidv7 } from '@keywitness/cadf'
import type { Rule } from '@keywitness/tracker/alerts'
import { type Alongside, alongside, type Audit, type Circumstances } from '../../audit.ts'
import type { Clock } from '../../clock.ts'
import { Refusal } from '../../errors.ts'
import type { Change } from '../../store/store.ts'
import { systemCaller } from '../../system-caller.ts'
import type { TrackerNames } from '../../trail/trackers.ts'
import type { TrackerRow } from '../../trail/trail.ts'
import { countText } from '../count-text.ts'
import type { Fired } from '../engine/messages.ts'
import { alertLimits } from '../limits.ts'
import { countMuted, type Mutes } from '../mutes.ts'
import { moveCursor, ruleJoined, type RuleRow, type Rules } from '../rules/rule-rows.ts'
import { type AlertRow, type Alerts, countFired, eventsOf, insertAlert, insertStep, updateAlert } from './alert-rows.ts'
import { groupKeyOf, manyKey, newAlert, repeated, unknownOf } from './outcome.ts'
import { tellChannels, type TellingParts } from './tell.ts'

export interface RaisingParts extends TellingParts {
  readonly audit: Audit
  readonly clock: Clock
  readonly names: TrackerNames
  readonly serviceName: string
  readonly alerts: Alerts
  readonly rules: Rules
  readonly mutes: Mutes
  /** Makes bookkeeping durable, without an event. */
  readonly carry: (changes: readonly Change[]) => Promise<void>
  /** Messages were queued. */
  readonly queued: () => void
}

export interface Seen {
  readonly fired: readonly Fired[]
  /** Rules that have caught up. */
  readonly joined: readonly { readonly id: string; readonly version: number }[]
  /** Index of the first entry that is not seen; undefined for what no entry tells. */
  readonly cursor?: number
}

/** What one commit does to alerts, before it is written down. */
interface Draft {
  readonly rows: Map<string, { readonly before: AlertRow | undefined; after: AlertRow }>
  readonly recorded: Map<string, 'raise' | 'repeat'>
  readonly told: Map<string, 'alert.raised' | 'alert.repeated'>
  readonly muted: Map<string, number>
  /** How often each rule fired. */
  readonly fired: Map<string, number>
  readonly raised: Map<string, number>
  readonly byId: Map<string, RuleRow | undefined>
}

/** @throws Refusal when it could not be recorded: nothing was changed, and it may be given again */
export async function raise(parts: RaisingParts, tracker: TrackerRow, seen: Seen): Promise<void> {
  const decide = (): { changes: Change[]; events: Alongside[] } => {
    const now = parts.clock.now()
    const draft: Draft = {
      rows: new Map(),
      recorded: new Map(),
      told: new Map(),
      muted: new Map(),
      fired: new Map(),
      raised: new Map(),
      byId: new Map(),
    }
    for (const fired of seen.fired) take(parts, tracker, draft, fired, now)
    const messages = [...draft.told].flatMap(([key, type]) => {
      const drafted = draft.rows.get(key)
      if (drafted === undefined) return []
      const queued = tellChannels(parts, tracker, type, drafted.after, now)
      // Told is what somebody was told.
      if (queued.length > 0) draft.rows.set(key, { ...drafted, after: { ...drafted.after, toldAt: now } })
      return queued
    })
    const changes = [
      ...cursorChanges(parts, tracker, seen),
      ...[...draft.rows.values()].map(({ before, after }) =>
        before === undefined ? insertAlert(after) : updateAlert(before, after),
      ),
      ...[...draft.muted].map(([id, firings]) => countMuted(id, firings)),
      ...[...draft.fired].map(([rule, firings]) => countFired(tracker.id, rule, firings, now)),
      ...stepsOf(parts, draft, now),
      ...messages,
    ]
    const events = [...draft.recorded].map(([key, what]) =>
      eventOf(parts, tracker, what, (draft.rows.get(key) as { after: AlertRow }).after),
    )
    return { changes, events }
  }
  const { changes, events } = decide()
  if (events.length > 0) await record(parts, tracker, decide)
  else if (changes.length > 0) await parts.carry(changes)
  parts.queued()
}

/**
 * All of the events, or none: also of a refusal nothing is recorded, for a tracker's place may be another log's by then.
 * @throws Refusal; also when what is decided anew has no event any more, because somebody closed an alert meanwhile
 */
export async function record(
  parts: Pick<RaisingParts, 'audit' | 'names' | 'serviceName'>,
  tracker: TrackerRow,
  decide: () => { changes: Change[]; events: Alongside[] },
): Promise<void> {
  // Of a tracker that was removed nothing is told any more.
  const conditions = [{ sql: 'SELECT 1 FROM trackers WHERE id = ?', params: [tracker.id] }]
  await parts.audit.witnessAll(circumstancesOf(parts, tracker), () => {
    const { changes, events } = decide()
    if (events.length === 0) return Promise.reject(new Refusal('CONFLICT'))
    const told = events.map(({ action, seen }) => ({ action, seen, code: 200 }))
    return Promise.resolve({ result: undefined, parts: told, changes, conditions })
  })
}

export function circumstancesOf(
  { names, serviceName }: Pick<RaisingParts, 'names' | 'serviceName'>,
  tracker: TrackerRow,
): Circumstances {
  const { account, location } = tracker
  return {
    caller: systemCaller(account, serviceName),
    destination: { account, location },
    logSourceCRN: names.crn(tracker),
  }
}

function cursorChanges({ rules }: RaisingParts, tracker: TrackerRow, { cursor, joined }: Seen): Change[] {
  const from = cursor === undefined ? undefined : rules.cursor(tracker.id)
  const caughtUp = joined.filter(({ id, version }) => {
    const row = rules.find(tracker.id, id)
    return row?.version === version && row.isEnabled && !row.hasJoined
  })
  return [
    ...(from === undefined || cursor === undefined || cursor === from ? [] : [moveCursor(tracker.id, from, cursor)]),
    ...caughtUp.map((rule) => ruleJoined({ ...rule, tracker: tracker.id })),
  ]
}

function take(parts: RaisingParts, tracker: TrackerRow, draft: Draft, given: Fired, now: number): void {
  const row = ruleIn(parts, tracker, draft, given.rule)
  // Changed or turned off since it fired.
  if (row === undefined || row.version !== given.version || !row.isEnabled) return
  const muteable = stillMuted(parts, tracker, given, now)
  const own = groupOf(parts, tracker, draft, row.rule, groupKeyOf(muteable))
  const lastTrigger = row.rule.when.kind === 'watch' ? sameTrigger(parts, tracker, own, muteable) : own.lastTrigger
  const fired = unknownOf(lastTrigger, muteable)
  if (fired === undefined) return
  const isOfMany = own.open === undefined && isTooMany(parts, tracker, draft, row.rule, now)
  const known = isOfMany ? groupOf(parts, tracker, draft, row.rule, manyKey).open : own.open
  const { triggers = [fired.trigger] } = fired
  if (fired.mute !== undefined) draft.muted.set(fired.mute, (draft.muted.get(fired.mute) ?? 0) + triggers.length)
  draft.fired.set(row.id, (draft.fired.get(row.id) ?? 0) + triggers.length)
  if (known === undefined) {
    const id = uuidv7(now, parts.random(10))
    const after = newAlert(row.rule, fired, { id, tracker: tracker.id, version: row.version, now, isOfMany })
    const key = keyOf(row.rule, after.groupKey)
    draft.rows.set(key, { before: undefined, after })
    draft.recorded.set(key, 'raise')
    draft.raised.set(row.id, (draft.raised.get(row.id) ?? 0) + 1)
    if (fired.mute === undefined) draft.told.set(key, 'alert.raised')
    return
  }
  const key = keyOf(row.rule, known.groupKey)
  const { after, isRecorded, isTold } = repeated(known, row, fired, now)
  const drafted = draft.rows.get(key)
  draft.rows.set(key, { before: drafted === undefined ? known : drafted.before, after })
  if (isRecorded && !draft.recorded.has(key)) draft.recorded.set(key, 'repeat')
  if (isTold && !draft.told.has(key)) draft.told.set(key, known.toldAt === null ? 'alert.raised' : 'alert.repeated')
}

function keyOf(rule: Rule, groupKey: string): string {
  return `${rule.id} ${groupKey}`
}

/** A rule is read once for a commit, however often it fired. */
function ruleIn({ rules }: RaisingParts, tracker: TrackerRow, { byId }: Draft, id: string): RuleRow | undefined {
  if (!byId.has(id)) byId.set(id, rules.find(tracker.id, id))
  return byId.get(id)
}

/** What no event tells is told apart by when it began, by a clock that may have been wrong before: in no order. */
function sameTrigger({ alerts }: RaisingParts, tracker: TrackerRow, own: Group, fired: Fired): number | undefined {
  const isKnown =
    own.lastTrigger === fired.trigger || alerts.hasFired(tracker.id, fired.rule, groupKeyOf(fired), fired.trigger)
  return isKnown ? fired.trigger : undefined
}

interface Group {
  readonly open: AlertRow | undefined
  readonly lastTrigger: number | undefined
}

/** As this commit leaves it so far. */
function groupOf({ alerts }: RaisingParts, tracker: TrackerRow, draft: Draft, rule: Rule, groupKey: string): Group {
  const drafted = draft.rows.get(keyOf(rule, groupKey))?.after
  if (drafted !== undefined) return { open: drafted, lastTrigger: drafted.lastTrigger }
  return {
    open: alerts.openOf(tracker.id, rule.id, groupKey),
    lastTrigger: alerts.lastTrigger(tracker.id, rule.id, groupKey),
  }
}

/** A mute that ended between the firing and now mutes nothing any more. */
function stillMuted({ mutes }: RaisingParts, tracker: TrackerRow, fired: Fired, now: number): Fired {
  const mute = fired.mute === undefined ? undefined : mutes.find(tracker.id, fired.mute)
  if (mute?.state === 'active' && mute.until > now) return fired
  const { mute: _over, ...rest } = fired
  return rest
}

function isTooMany({ alerts }: RaisingParts, tracker: TrackerRow, draft: Draft, rule: Rule, now: number): boolean {
  const here = draft.raised.get(rule.id) ?? 0
  if (alerts.raisedSince(tracker.id, rule.id, now - alertLimits.raisedWithinMs) + here >= alertLimits.raised)
    return true
  return alerts.openCount(tracker.id) + draft.rows.size >= alertLimits.open
}

function stepsOf({ serviceName }: RaisingParts, { rows, told, recorded }: Draft, now: number): Change[] {
  const by = { by: 'iam-ServiceId-keywitness', byName: serviceName }
  return [...rows].flatMap(([key, { after }]) => {
    if (recorded.get(key) === 'raise') {
      return [insertStep(after.id, { kind: 'raised', at: now, ...by, text: after.text })]
    }
    if (!told.has(key)) return []
    return [
      insertStep(after.id, {
        kind: 'repeated',
        at: now,
        ...by,
        text: `${countText(after.count)} times so far. ${after.text}`,
      }),
    ]
  })
}

export function eventOf(
  { names }: Pick<RaisingParts, 'names'>,
  tracker: TrackerRow,
  what: 'raise' | 'repeat',
  row: AlertRow,
): Alongside {
  const events = eventsOf(row)
  const [first] = events
  const last = events.at(-1)
  return alongside(`activity-tracker.alert.${what}`, {
    target: { id: names.crn(tracker), name: row.title },
    request: {
      rule: row.rule,
      alertSeverity: row.severity,
      count: row.count,
      isMuted: row.mute !== null,
      ...(first === undefined ? {} : { firstIndex: first.index }),
      ...(last === undefined ? {} : { lastIndex: last.index }),
    },
    response: { alert: row.id },
  })
}
