/** Heartbeats to channels: said only while all is well, so that whoever waits for them knows what silence means. */
import type { Logger } from 'pino'
import { parseDuration } from '@keywitness/tracker/alerts'
import type { Messages } from '../../outbound/messages.ts'
import type { Change } from '../../store/store.ts'
import type { TimerJob } from '../../timers/timers.ts'
import { countText } from '../count-text.ts'
import { alertMessage } from '../channels/alert-message.ts'
import type { ChannelRow } from '../channels/channel-rows.ts'
import { eachAlone, trackerOf } from '../jobs.ts'
import type { AlertingParts } from '../parts.ts'
import { messageTo } from '../raising/tell.ts'
import { alertingStatus } from './status.ts'

interface HeartbeatParts {
  readonly carry: (changes: readonly Change[]) => Promise<void>
  readonly log: Logger
  readonly messages: Messages
}

const lookEveryMs = 5_000
const waiting =
  "SELECT 1 FROM outbound_messages WHERE target = ? AND state = 'waiting' AND type = 'channel.heartbeat' LIMIT 1"

export function channelHeartbeatJob(parts: AlertingParts, { carry, log, messages }: HeartbeatParts): TimerJob {
  let lookedAt = Number.NEGATIVE_INFINITY
  const monotonic = (): number => parts.clock.monotonic()
  return {
    name: 'heartbeats to channels',
    nextDue: () => (monotonic() - lookedAt >= lookEveryMs ? 0 : undefined),
    run: async (now) => {
      lookedAt = monotonic()
      await eachAlone(parts.channels.all(), log, async (channel) => {
        const changes = heartbeat(parts, messages, channel, now)
        if (changes.length === 0) return
        await carry(changes)
        parts.queued()
      })
    },
  }
}

function heartbeat(parts: AlertingParts, messages: Messages, channel: ChannelRow, now: number): Change[] {
  const every = beatOf(channel)
  if (every === undefined || Math.abs(now - (channel.heartbeatAt ?? 0)) < parseDuration(every)) return []
  // One that waits says no less than two.
  if (parts.reader.get(waiting, channel.target) !== undefined) return []
  const tracker = trackerOf(parts.reader, channel.tracker)
  if (tracker === undefined) return []
  const { engine, troubles } = alertingStatus(parts, messages, tracker)
  // How a channel with heartbeats is, whoever waits for them sees: two that failed would keep each other from trying again.
  const beating = new Set(parts.channels.list(tracker.id).flatMap((one) => (beatOf(one) === undefined ? [] : [one.id])))
  const isWell = troubles.every(
    ({ code, channel: about }) => code === 'DEAD_LETTERS' || (about !== undefined && beating.has(about)),
  )
  if (engine.state !== 'running' || !isWell) return []
  const { size, covered } = parts.trail.growth(tracker)
  const message = alertMessage({
    type: 'channel.heartbeat',
    tracker,
    at: new Date(now).toISOString(),
    title: `Alerting of ${tracker.location} is well`,
    text: `All ${countText(size)} entries of the log are seen by the rules; ${countText(covered)} are covered by a signed checkpoint.`,
  })
  return [
    {
      sql: 'UPDATE alert_channels SET heartbeat_at = ? WHERE tracker = ? AND id = ?',
      params: [now, channel.tracker, channel.id],
      rows: 1,
    },
    messageTo(channel, message, now, parts.random, {
      keptMs: parseDuration(every),
    }),
  ]
}

/** How often a channel has a heartbeat; undefined when it has none. */
function beatOf({ settings }: Pick<ChannelRow, 'settings'>): string | undefined {
  return (JSON.parse(settings) as { readonly heartbeat?: string }).heartbeat
}
