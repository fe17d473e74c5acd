/** The digest: what happened in a day or a week, with the newest checkpoint, so that a mailbox keeps a head of the log. */
import { uuidv7 } from '@keywitness/cadf'
import type { Logger } from 'pino'
import type { Messages } from '../../outbound/messages.ts'
import type { Reader } from '../../store/store.ts'
import type { TimerJob } from '../../timers/timers.ts'
import type { TrackerRow } from '../../trail/trail.ts'
import { countText } from '../count-text.ts'
import { alertMessage, type BySeverity, type Digest } from '../channels/alert-message.ts'
import type { ChannelRow } from '../channels/channel-rows.ts'
import { channelState } from '../channels/channel-state.ts'
import { eachAlone, trackerOf } from '../jobs.ts'
import type { AlertingParts } from '../parts.ts'
import type { Alerts } from '../raising/alert-rows.ts'
import { circumstancesOf } from '../raising/raise.ts'
import { messageTo } from '../raising/tell.ts'
import { alertingStatus } from './status.ts'

export interface DigestParts extends AlertingParts {
  readonly messages: Messages
  readonly log: Logger
}

interface DigestSettings {
  readonly digest?: 'daily' | 'weekly'
  readonly digestAt?: string
  readonly zone?: string
}

const minute = 60_000
const day = 24 * 60 * minute
const defaultAt = '07:00'
const openListed = 20

/** Sends each digest at its time of day: once, also when the server was not running then. */
export function digestJob(parts: DigestParts): TimerJob {
  const { channels, clock, reader } = parts
  let lookedAt = Number.NEGATIVE_INFINITY
  return {
    name: 'digests',
    nextDue: () => (clock.monotonic() - lookedAt >= minute ? 0 : undefined),
    run: async (now) => {
      lookedAt = clock.monotonic()
      await eachAlone(channels.all(), parts.log, async (channel) => {
        const period = duePeriod(channel, now)
        const tracker = period === undefined ? undefined : trackerOf(reader, channel.tracker)
        if (period !== undefined && tracker !== undefined) await sendDigest(parts, tracker, channel, period)
      })
    },
  }
}

interface Period {
  readonly from: number
  readonly to: number
}

/** The period whose digest is due; undefined when none is. */
function duePeriod(channel: ChannelRow, now: number): Period | undefined {
  const { digest, digestAt = defaultAt, zone = 'UTC' } = JSON.parse(channel.settings) as DigestSettings
  if (channel.kind !== 'email' || digest === undefined) return undefined
  const due = latestDue(now, digestAt, zone, digest === 'weekly')
  const since = channel.digestAt ?? channel.createdAt
  return due > since ? { from: due - (digest === 'weekly' ? 7 * day : day), to: due } : undefined
}

/** The latest moment up to now that has this time of day in this zone; of weeks: on a Monday. */
export function latestDue(now: number, at: string, zone: string, isWeekly: boolean): number {
  const clockOf = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  // To the minute, backwards: a day whose clock skips the time has none, which the day before then stands for.
  const start = Math.floor(now / minute) * minute
  const limit = start - 8 * day
  for (let time = start; time > limit; time -= stepTo(clockOf, time, at)) {
    const { clock, weekday } = partsOf(clockOf, time)
    if (clock === at && (!isWeekly || weekday === 'Mon')) return time
  }
  return limit
}

/** How far back the next moment may be that has the time of day: never past it. */
function stepTo(clockOf: Intl.DateTimeFormat, time: number, at: string): number {
  const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))
  const ahead = (minutesOf(partsOf(clockOf, time).clock) - minutesOf(at) + 1_440) % 1_440
  // Two hours are left for a change of summer time, which are then gone minute by minute.
  return ahead > 120 ? (ahead - 120) * minute : ahead === 0 ? 20 * 60 * minute : minute
}

function partsOf(clockOf: Intl.DateTimeFormat, time: number): { clock: string; weekday: string } {
  const parts = new Map(clockOf.formatToParts(time).map(({ type, value }) => [type, value]))
  return { clock: `${parts.get('hour') ?? ''}:${parts.get('minute') ?? ''}`, weekday: parts.get('weekday') ?? '' }
}

async function sendDigest(parts: DigestParts, tracker: TrackerRow, channel: ChannelRow, period: Period): Promise<void> {
  const digest = await digestOf(parts, tracker, period)
  const target = { id: parts.names.crn(tracker), name: tracker.location }
  await parts.audit.witness('activity-tracker.digest.send', circumstancesOf(parts, tracker), target, (seen) => {
    const now = parts.clock.now()
    const id = uuidv7(now, parts.random(10))
    const size = /^\d+$/m.exec(digest.checkpoint ?? '')?.[0]
    seen.request = { channel: channel.id, ...(size === undefined ? {} : { checkpointSize: Number(size) }) }
    seen.response = { messageId: id }
    const message = alertMessage({
      type: 'digest',
      tracker,
      at: new Date(now).toISOString(),
      title: `Audit trail of ${tracker.location}: ${titleOf(digest)}`,
      text: `From ${digest.period.from} to ${digest.period.to}.`,
      digest,
    })
    return {
      code: 200,
      result: undefined,
      changes: [
        {
          sql: 'UPDATE alert_channels SET digest_at = ? WHERE tracker = ? AND id = ? AND digest_at IS ?',
          params: [now, channel.tracker, channel.id, channel.digestAt],
          rows: 1,
        },
        messageTo(channel, message, now, parts.random, { id }),
      ],
      settled: parts.queued,
    }
  })
}

function titleOf({ alerts, events }: Digest): string {
  const raised = alerts.raised.critical + alerts.raised.warning + alerts.raised.info
  return `${countText(raised)} alert${raised === 1 ? '' : 's'}, ${countText(events.total)} events`
}

async function digestOf(parts: DigestParts, tracker: TrackerRow, period: Period): Promise<Digest> {
  const { trail, alerts, reader, mutes } = parts
  const status = alertingStatus(parts, parts.messages, tracker)
  const count = async (query: string): Promise<number> =>
    (await trail.ask(tracker, 'count', { filter: { ...period, query, now: period.to } })).total
  const checkpoint = await trail.ask(tracker, 'checkpoint', {})
  // What is handed out is kept for ever: consistency with it can always be shown.
  if (checkpoint !== undefined) trail.keep(tracker, checkpoint)
  const open = alerts.list(tracker.id, { states: ['open', 'acknowledged'], after: '', limit: openListed })
  return {
    period: { from: new Date(period.from).toISOString(), to: new Date(period.to).toISOString() },
    alerts: {
      raised: bySeverity(reader, tracker, 'raised_at', period),
      closed: bySeverity(reader, tracker, 'closed_at', period),
      open: notClosed(alerts, tracker),
    },
    openAlerts: open.map(({ title, severity, raisedAt, id, mute, state }) => ({
      title: `${title}${mute !== null ? ' (muted)' : state === 'acknowledged' ? ' (acknowledged)' : ''}`,
      severity,
      since: new Date(raisedAt).toISOString(),
      id,
    })),
    events: {
      total: await count(''),
      failures: await count('outcome:failure'),
      critical: await count('severity:critical'),
    },
    rules: { on: status.rules.on, suspended: status.rules.suspended, dead: status.rules.dead },
    channels: parts.channels.list(tracker.id).map((channel) => ({ name: channel.name, state: channelState(channel) })),
    mutes: mutes.active(tracker.id).map(({ rule, reason, until }) => ({
      reason,
      until: new Date(until).toISOString(),
      ...(rule === null ? {} : { rule }),
    })),
    engine: { state: status.engine.state, lagMs: status.engine.lagMs },
    ...(checkpoint === undefined ? {} : { checkpoint, verify: 'keywitness log verify --head checkpoint.txt' }),
  }
}

/** Those that are acknowledged or muted are among them, as in the list. */
function notClosed(alerts: Alerts, { id }: TrackerRow): BySeverity {
  const sums = { critical: 0, warning: 0, info: 0 }
  for (const { severity, count } of alerts.counts(id)) sums[severity] += count
  return sums
}

const counted = {
  raised_at:
    'SELECT severity, count(*) AS count FROM alerts WHERE tracker = ? AND raised_at >= ? AND raised_at < ? GROUP BY 1',
  closed_at:
    'SELECT severity, count(*) AS count FROM alerts WHERE tracker = ? AND closed_at >= ? AND closed_at < ? GROUP BY 1',
} as const

function bySeverity(reader: Reader, { id }: TrackerRow, when: keyof typeof counted, { from, to }: Period): BySeverity {
  const found = { critical: 0, warning: 0, info: 0 }
  for (const row of reader.all<{ severity: keyof BySeverity; count: number }>(counted[when], id, from, to)) {
    found[row.severity] = row.count
  }
  return found
}
