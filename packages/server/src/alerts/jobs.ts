/** What falls due in alerting: what fired on and was not told yet, mutes whose time is over, and what was kept long enough. */
import type { Logger } from 'pino'
import type { Reader } from '../store/store.ts'
import type { TimerJob } from '../timers/timers.ts'
import type { TrackerRow } from '../trail/trail.ts'
import { alertLimits } from './limits.ts'
import { endMute } from './mutes.ts'
import { rulesChanged } from './parts.ts'
import { type AlertRow, repeatSettled, updateAlert } from './raising/alert-rows.ts'
import { endedMute } from './raising/tell-all.ts'
import { circumstancesOf, eventOf, type RaisingParts, record } from './raising/raise.ts'
import { tellChannels } from './raising/tell.ts'
import type { AlertingParts } from './parts.ts'

export interface AlertJobParts extends RaisingParts {
  readonly log: Logger
  readonly reader: Reader
  readonly engine: Pick<AlertingParts['engine'], 'changed'>
}

/** Done in one turn. */
const atOnce = 50
/** How often closed alerts are looked through. */
const outdatedEveryMs = 3_600_000

export function alertJobs(parts: AlertJobParts): TimerJob[] {
  const { alerts, mutes, clock, carry } = parts
  let outdatedAt = clock.monotonic()
  return [
    {
      name: 'alerts that fire on',
      nextDue: () => {
        const oldest = alerts.nextRepeat()
        return oldest === undefined ? undefined : oldest + alertLimits.repeatEventMs
      },
      run: async (now) => {
        const rows = alerts.repeating(now - alertLimits.repeatEventMs, atOnce)
        await eachAlone(rows, parts.log, (row) => tellRepeat(parts, row))
      },
    },
    {
      name: 'mutes whose time is over',
      nextDue: () => mutes.nextLapse(),
      run: async (now) => {
        await eachAlone(mutes.lapsed(now, atOnce), parts.log, ({ id, tracker }) => lapse(parts, id, tracker))
      },
    },
    {
      name: 'closed alerts kept long enough',
      nextDue: () => (clock.monotonic() - outdatedAt >= outdatedEveryMs ? 0 : undefined),
      run: async (now) => {
        outdatedAt = clock.monotonic()
        const outdated = alerts.outdated(now)
        if (outdated.length > 0) await carry(outdated)
      },
      isFinal: true,
    },
  ]
}

/** How often it fired since becomes an event; channels are told when they were not for long. */
async function tellRepeat(parts: AlertJobParts, { id, tracker: trackerId }: AlertRow): Promise<void> {
  const tracker = trackerOf(parts.reader, trackerId)
  // Of a tracker that was removed nothing is told any more.
  if (tracker === undefined) return await parts.carry([repeatSettled(id)])
  const decide = (): Parameters<typeof record>[2] extends () => infer Decided ? Decided : never => {
    const before = parts.alerts.find(trackerId, id)
    if (before === undefined || before.repeatPending === 0) return { changes: [], events: [] }
    const now = parts.clock.now()
    const isQuiet = before.toldAt === null || now - before.toldAt >= alertLimits.repeatTellMs
    const isDue = before.state === 'open' && before.mute === null && isQuiet
    const settled: AlertRow = { ...before, repeatPending: 0, repeatRecordedAt: now }
    const messages = isDue ? tellChannels(parts, tracker, 'alert.repeated', settled, now) : []
    const after = messages.length === 0 ? settled : { ...settled, toldAt: now }
    return {
      changes: [updateAlert(before, after), ...messages],
      events: [eventOf(parts, tracker, 'repeat', after)],
    }
  }
  if (decide().events.length === 0) return
  await record(parts, tracker, decide)
  parts.queued()
}

async function lapse(parts: AlertJobParts, id: string, trackerId: string): Promise<void> {
  const tracker = trackerOf(parts.reader, trackerId)
  // Of a tracker that was removed: nobody is told of anything there any more.
  if (tracker === undefined) return await parts.carry([endMute(id, 'lapsed')])
  const target = { id: parts.names.crn(tracker), name: tracker.location }
  await parts.audit.witness('activity-tracker.mute.lapse', circumstancesOf(parts, tracker), target, (seen) => {
    const mute = parts.mutes.find(trackerId, id)
    seen.request = { mute: id, ...(mute?.rule === null || mute?.rule === undefined ? {} : { rule: mute.rule }) }
    seen.response = { muted: mute?.muted ?? 0 }
    const changes = mute?.state === 'active' ? endedMute(parts, tracker, mute, 'lapsed', parts.clock.now()) : []
    return { code: 200, result: undefined, changes, settled: rulesChanged(parts, tracker) }
  })
}

/** Work of several trackers: what cannot be done for one is done for the others; it is tried again. */
export async function eachAlone<T>(items: readonly T[], log: Logger, work: (item: T) => Promise<void>): Promise<void> {
  for (const item of items) {
    await work(item).catch((error: unknown) => log.error({ err: error }, 'work of alerting could not be done yet'))
  }
}

export function trackerOf(reader: Reader, id: string): TrackerRow | undefined {
  return reader.get<TrackerRow>('SELECT * FROM trackers WHERE id = ?', id)
}
