/** Tells channels of an alert: one neutral message for each that is to know, queued with what it tells of. */
import { uuidv7 } from '@keywitness/cadf'
import { queueMessage } from '../../outbound/messages.ts'
import type { Change } from '../../store/store.ts'
import { type AlertMessage, alertMessage, type AlertMessageType, type Person } from '../channels/alert-message.ts'
import { type Channels, type ChannelRow, isToldOf } from '../channels/channel-rows.ts'
import { alertLimits } from '../limits.ts'
import { type AlertRow, eventsOf, groupsOf, ruleOf } from './alert-rows.ts'

export interface Told {
  readonly location: string
  readonly origin: string
}

export interface TellingParts {
  readonly channels: Channels
  readonly random: (bytes: number) => Uint8Array
  /** Where people open the console, ending in a slash; undefined when nobody said. */
  readonly consoleUrl: () => string | undefined
}

/** Of a step by somebody: who, and what was said. */
export interface StepFacts {
  readonly by?: Person
  readonly comment?: string
}

export function tellChannels(
  parts: TellingParts,
  tracker: Told,
  type: AlertMessageType,
  row: AlertRow,
  now: number,
  step: StepFacts = {},
): Change[] {
  const rule = ruleOf(row)
  const to = parts.channels.list(row.tracker).filter((channel) => isToldOf(channel, rule, row.severity))
  if (to.length === 0) return []
  const base = parts.consoleUrl()
  const message = alertMessage({
    type,
    tracker,
    at: new Date(now).toISOString(),
    title: row.title,
    text: row.text,
    remedy: rule.remedy,
    alert: {
      id: row.id,
      rule: { id: rule.id, name: rule.name, version: row.ruleVersion },
      severity: row.severity,
      state: row.state,
      group: groupsOf(row),
      count: row.count,
      firstAt: new Date(row.firstAt).toISOString(),
      lastAt: new Date(row.lastAt).toISOString(),
      events: eventsOf(row),
    },
    ...step,
    ...(base === undefined ? {} : { url: alertUrl(base, tracker.location, row.id) }),
  })
  return to.map((channel) => messageTo(channel, message, now, parts.random))
}

export function messageTo(
  { target }: Pick<ChannelRow, 'target'>,
  message: AlertMessage,
  now: number,
  random: (bytes: number) => Uint8Array,
  {
    id = uuidv7(now, random(10)),
    keptMs = alertLimits.messageMs,
  }: { readonly id?: string; readonly keptMs?: number } = {},
): Change {
  const { type } = message
  return queueMessage({ id, target, type, body: JSON.stringify(message), expiresAt: now + keptMs }, now)
}

/** Where the console shows an alert. */
function alertUrl(base: string, location: string, alert: string): string {
  return new URL(`alerts/${encodeURIComponent(location)}?alert=${encodeURIComponent(alert)}`, base).href
}
