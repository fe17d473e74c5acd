/** What a channel is told: one neutral message for all kinds, JSON in the queue. Each channel renders it in its own way. */
import { oneLine, someLines } from './clean-text.ts'

const alertMessageFormat = 'keywitness-alert/1'

export const alertMessageTypes = [
  'alert.raised',
  'alert.repeated',
  'alert.acknowledged',
  'alert.closed',
  'alert.reopened',
  'alerting.changed',
  'channel.test',
  'channel.heartbeat',
  'digest',
] as const
export type AlertMessageType = (typeof alertMessageTypes)[number]

export type Severity = 'info' | 'warning' | 'critical'

export interface Person {
  readonly id: string
  readonly name: string
}

/** A value that the alert's events have in common. `name`: what a value that is an id is called. */
interface GroupValue {
  readonly field: string
  readonly value: string
  readonly name?: string
}

interface AlertedEvent {
  readonly id: string
  /** In the log. */
  readonly index: number
  readonly time: string
  /** What happened, in a sentence. */
  readonly sentence: string
}

export interface AlertFacts {
  readonly id: string
  readonly rule: { readonly id: string; readonly name: string; readonly version: number }
  readonly severity: Severity
  readonly state: 'open' | 'acknowledged' | 'closed'
  readonly group: readonly GroupValue[]
  /** Events, and firings grouped into it. */
  readonly count: number
  readonly firstAt: string
  readonly lastAt: string
  /** The newest, at most `messageLimits.events`. */
  readonly events: readonly AlertedEvent[]
}

export interface BySeverity {
  readonly critical: number
  readonly warning: number
  readonly info: number
}

/** What happened in a period, for whoever reads it once a day or once a week. */
export interface Digest {
  readonly period: { readonly from: string; readonly to: string }
  /** Raised and closed in the period; open at its end. */
  readonly alerts: { readonly raised: BySeverity; readonly closed: BySeverity; readonly open: BySeverity }
  readonly openAlerts: readonly {
    readonly title: string
    readonly severity: Severity
    readonly since: string
    readonly id: string
  }[]
  readonly events: { readonly total: number; readonly failures: number; readonly critical: number }
  /** How many rules are on; names of those that are suspended, and of those whose events went on while they never fired. */
  readonly rules: { readonly on: number; readonly suspended: readonly string[]; readonly dead: readonly string[] }
  readonly channels: readonly { readonly name: string; readonly state: string }[]
  /** Without `rule`: of all. */
  readonly mutes: readonly { readonly rule?: string; readonly reason: string; readonly until: string }[]
  readonly engine: { readonly state: string; readonly lagMs: number }
  /** The whole signed note, to the byte. Left out while nothing is signed. */
  readonly checkpoint?: string
  /** A command that checks it. */
  readonly verify?: string
}

export interface AlertMessage {
  readonly format: typeof alertMessageFormat
  readonly type: AlertMessageType
  readonly tracker: { readonly location: string; readonly origin: string }
  /** RFC 3339. */
  readonly at: string
  /** One line. */
  readonly title: string
  /** What happened. */
  readonly text: string
  /** What to do about it; may have several lines. */
  readonly remedy?: string
  readonly alert?: AlertFacts
  /** Who acknowledged, closed, reopened. */
  readonly by?: Person
  /** May have several lines. */
  readonly comment?: string
  /** Of the alert in the console. */
  readonly url?: string
  readonly digest?: Digest
}

/** Characters and counts. The longest message they allow stays below what the queue takes; a test says so. */
export const messageLimits = {
  /** Ids, times and states. */
  mark: 64,
  name: 120,
  title: 200,
  text: 1_000,
  value: 256,
  sentence: 200,
  url: 1_024,
  events: 10,
  group: 4,
  openAlerts: 20,
  /** Of each of its lists of rules and channels what a digest names. */
  names: 12,
  mutes: 10,
  reason: 150,
  checkpoint: 8_192,
} as const

/**
 * A message within its bounds: texts are made plain and cut, lists are cut, and a digest has nothing of an
 * alert's.
 * @throws RangeError when the checkpoint is longer than any: cut, it would prove nothing
 */
export function alertMessage(facts: Omit<AlertMessage, 'format'>): AlertMessage {
  const { type, tracker, at, title, text, remedy, alert, by, comment, url, digest } = facts
  const link = url === undefined ? undefined : webUrl(url)
  const head = {
    format: alertMessageFormat,
    type,
    tracker: { location: name(tracker.location), origin: oneLine(tracker.origin, messageLimits.value) },
    at: mark(at),
    // A heading of nothing would say nothing, and not every channel takes one.
    title: oneLine(title, messageLimits.title) || type,
    text: oneLine(text, messageLimits.text),
    ...(remedy === undefined ? {} : { remedy: someLines(remedy, messageLimits.text) }),
    ...(link === undefined ? {} : { url: link }),
  } as const
  if (type === 'digest') return { ...head, ...(digest === undefined ? {} : { digest: digestFacts(digest) }) }
  return {
    ...head,
    ...(alert === undefined ? {} : { alert: alertFacts(alert) }),
    ...(by === undefined ? {} : { by: { id: mark(by.id), name: name(by.name) } }),
    ...(comment === undefined ? {} : { comment: someLines(comment, messageLimits.text) }),
  }
}

/**
 * The message in a body of the queue, within its bounds again; undefined when it is none. What its members are is taken from
 * whoever queued it.
 */
export function readAlertMessage(body: string): AlertMessage | undefined {
  try {
    const read = JSON.parse(body) as AlertMessage
    if (read.format !== alertMessageFormat || !alertMessageTypes.includes(read.type)) return undefined
    const message = alertMessage(read)
    return message.type === 'digest' && message.digest === undefined ? undefined : message
  } catch {
    return undefined
  }
}

/** An http or https URL as it is written out in full; undefined for anything else. */
export function webUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const isWeb = (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' && url.password === ''
  return isWeb && url.href.length <= messageLimits.url ? url.href : undefined
}

function alertFacts(alert: AlertFacts): AlertFacts {
  const { rule, group, events } = alert
  return {
    id: mark(alert.id),
    rule: { id: mark(rule.id), name: name(rule.name), version: rule.version },
    severity: severityOf(alert.severity),
    state: alert.state,
    group: group.slice(0, messageLimits.group).map((one) => ({
      field: name(one.field),
      value: oneLine(one.value, messageLimits.value),
      ...(one.name === undefined ? {} : { name: name(one.name) }),
    })),
    count: alert.count,
    firstAt: mark(alert.firstAt),
    lastAt: mark(alert.lastAt),
    events: events.slice(0, messageLimits.events).map(({ id, index, time, sentence }) => ({
      id: mark(id),
      index,
      time: mark(time),
      sentence: oneLine(sentence, messageLimits.sentence),
    })),
  }
}

function digestFacts(digest: Digest): Digest {
  const { period, alerts, openAlerts, events, rules, channels, mutes, engine, checkpoint, verify } = digest
  if ((checkpoint?.length ?? 0) > messageLimits.checkpoint) throw new RangeError('the checkpoint is too long')
  return {
    period: { from: mark(period.from), to: mark(period.to) },
    alerts,
    openAlerts: openAlerts.slice(0, messageLimits.openAlerts).map(({ title, severity, since, id }) => ({
      title: oneLine(title, messageLimits.title),
      severity: severityOf(severity),
      since: mark(since),
      id: mark(id),
    })),
    events,
    rules: { on: rules.on, suspended: names(rules.suspended), dead: names(rules.dead) },
    channels: channels
      .slice(0, messageLimits.names)
      .map((channel) => ({ name: name(channel.name), state: mark(channel.state) })),
    mutes: mutes.slice(0, messageLimits.mutes).map(({ rule, reason, until }) => ({
      ...(rule === undefined ? {} : { rule: mark(rule) }),
      reason: oneLine(reason, messageLimits.reason),
      until: mark(until),
    })),
    engine: { state: mark(engine.state), lagMs: engine.lagMs },
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(verify === undefined ? {} : { verify: oneLine(verify, messageLimits.value) }),
  }
}

function severityOf(severity: Severity): Severity {
  return severity === 'critical' || severity === 'warning' ? severity : 'info'
}

function mark(text: string): string {
  return oneLine(text, messageLimits.mark)
}

function name(text: string): string {
  return oneLine(text, messageLimits.name)
}

function names(list: readonly string[]): string[] {
  return list.slice(0, messageLimits.names).map(name)
}
