/** Whether the silence can be trusted: what the status of alerting, or its absence, means for whoever sees no alert. */
import type { AlertingStatus, AlertSeverity, EngineHealth } from '../api/alert-types.ts'
import type { ApiError } from '../api/problem.ts'

/** What is known of alerting: the newest status, and why there is none newer. */
export interface Alerting {
  readonly status: AlertingStatus | undefined
  /** Of the newest attempt; undefined when it succeeded. */
  readonly error: ApiError | undefined
  /** When the status was answered, milliseconds; 0 when never. */
  readonly at: number
}

/**
 * `asking`: nothing is known yet. `unknown`: the status cannot be read, which is as bad as trouble. `untold`: alerts are
 * raised, and nobody is told.
 */
export type Verdict = 'asking' | 'unknown' | 'trouble' | 'untold' | 'trusted'

export function judge({ status, error }: Pick<Alerting, 'status' | 'error'>): Verdict {
  if (error !== undefined) return 'unknown'
  if (status === undefined) return 'asking'
  const codes = status.troubles.map(({ code }) => code)
  const { engine, rules } = status
  const isWatched = engine.state === 'running' && rules.on > 0 && rules.suspended.length === 0
  if (!isWatched || codes.some((code) => code !== 'NO_CHANNEL')) return 'trouble'
  return codes.length > 0 ? 'untold' : 'trusted'
}

/** What people must know on every page: alerts are not raised, or late, or nobody knows. */
export type EngineNews = Extract<EngineHealth['state'], 'behind' | 'failed'> | 'unknown'

export function engineNews({ status, error }: Pick<Alerting, 'status' | 'error'>): EngineNews | undefined {
  // Who may not read the trail is told so by the page itself.
  if (error !== undefined) return error.kind === 'forbidden' || error.kind === 'unauthenticated' ? undefined : 'unknown'
  const state = status?.engine.state
  return state === 'behind' || state === 'failed' ? state : undefined
}

export interface OpenCount {
  readonly total: number
  readonly gravest: AlertSeverity | undefined
  readonly critical: number
}

/** Open alerts, muted ones aside: nobody wants to be reminded of those. */
export function openCount(status: AlertingStatus | undefined): OpenCount {
  const { critical = 0, warning = 0, info = 0 } = status?.counts.open ?? {}
  const gravest = critical > 0 ? 'critical' : warning > 0 ? 'warning' : info > 0 ? 'info' : undefined
  return { total: critical + warning + info, gravest, critical }
}

export interface ChannelCounts {
  readonly on: number
  readonly failing: number
  readonly untried: number
  readonly waiting: number
  readonly dead: number
}

export function channelCounts({ channels }: Pick<AlertingStatus, 'channels'>): ChannelCounts {
  const sum = (member: 'waiting' | 'dead'): number => channels.reduce((total, channel) => total + channel[member], 0)
  return {
    on: channels.filter(({ isOn }) => isOn).length,
    failing: channels.filter(({ state }) => state === 'failing').length,
    untried: channels.filter(({ state }) => state === 'untried').length,
    waiting: sum('waiting'),
    dead: sum('dead'),
  }
}
