/** How alerting is, at a glance: whether the silence can be trusted. */
import { timestamp } from '../../http/schema.ts'
import type { Messages } from '../../outbound/messages.ts'
import type { TrackerRow } from '../../trail/trail.ts'
import { countText } from '../count-text.ts'
import { channelState } from '../channels/channel-state.ts'
import { channelSummary } from '../channels/channel-view.ts'
import type { EngineHealth } from '../engine/engine.ts'
import type { AlertingParts } from '../parts.ts'
import { ruleViews } from '../rules/rule-view.ts'

interface Trouble {
  readonly code:
    | 'ENGINE_FAILED'
    | 'ENGINE_BEHIND'
    | 'ENGINE_RECOVERING'
    | 'RULE_SUSPENDED'
    | 'RULE_SATURATED'
    | 'RULE_UNTOLD'
    | 'MUTE_BROKEN'
    | 'CHANNEL_FAILING'
    | 'DEAD_LETTERS'
    | 'ALL_MUTED'
    | 'NO_CHANNEL'
    | 'CHANNELS_OFF'
    | 'NO_RULE'
  readonly text: string
  readonly since?: string
  /** Id of the channel that it is about. */
  readonly channel?: string
}

export interface AlertingStatus {
  readonly engine: EngineHealth
  /** Another text as soon as an alert that is not closed is another: who polls need not list them each time. */
  readonly mark: string
  readonly counts: {
    readonly open: { readonly critical: number; readonly warning: number; readonly info: number }
    readonly acknowledged: number
    readonly muted: number
  }
  readonly rules: {
    readonly on: number
    readonly off: number
    readonly suspended: readonly string[]
    readonly needs: number
    readonly dead: readonly string[]
  }
  readonly mutes: number
  readonly channels: readonly { readonly [member: string]: unknown }[]
  readonly troubles: readonly Trouble[]
}

export function alertingStatus(parts: AlertingParts, messages: Messages, tracker: TrackerRow): AlertingStatus {
  const engine = parts.engine.health(tracker)
  const rows = parts.alerts.counts(tracker.id)
  const open = { critical: 0, warning: 0, info: 0 }
  let acknowledged = 0
  let muted = 0
  for (const { state, severity, isMuted, count } of rows) {
    if (isMuted === 1) muted += count
    else if (state === 'open') open[severity] += count
    else acknowledged += count
  }
  const views = parts.rules.list(tracker.id).map(ruleViews(parts, tracker))
  const inState = (...states: readonly string[]): number => views.filter(({ state }) => states.includes(state)).length
  const suspended = views.filter(({ state }) => state === 'suspended').map(({ rule }) => rule.name)
  const dead = views.filter(({ isDead }) => isDead === true).map(({ rule }) => rule.name)
  const saturated = views.filter(({ isSaturated }) => isSaturated === true).map(({ rule }) => rule.name)
  const channels = parts.channels.list(tracker.id)
  const active = parts.mutes.active(tracker.id)
  const carrying = new Set(channels.flatMap(({ id, isOn }) => (isOn === 1 ? [id] : [])))
  return {
    engine,
    mark: parts.alerts.mark(tracker.id),
    counts: { open, acknowledged, muted },
    rules: { on: inState('on', 'learning'), off: inState('off'), suspended, needs: inState('needs'), dead },
    mutes: active.length,
    channels: channels.map((channel) => channelSummary(channel, messages)),
    troubles: [
      ...engineTroubles(engine),
      ...(inState('on', 'learning') > 0 ? [] : [noRule]),
      ...suspended.map((name): Trouble => ({
        code: 'RULE_SUSPENDED',
        text: `The rule “${name}” was suspended: nobody is told of what it watches for.`,
      })),
      ...saturated.map((name): Trouble => ({
        code: 'RULE_SATURATED',
        text: `The rule “${name}” remembers as much as it may: what it knew longest is forgotten.`,
      })),
      ...views.flatMap(({ rule: { name, channels: named = [] }, state }): Trouble[] => {
        const isUntold = named.length > 0 && !named.some((id) => carrying.has(id))
        if (!isUntold || (state !== 'on' && state !== 'learning')) return []
        return [
          {
            code: 'RULE_UNTOLD',
            text: `All channels that the rule “${name}” names are off: its alerts are seen here only.`,
          },
        ]
      }),
      ...active.flatMap(({ rule, groups, query, until, createdByName, reason }): Trouble[] => {
        if (rule !== null || groups !== null || query !== null) return []
        const text = `${createdByName} muted all alerts until ${timestamp(until)}: ${reason}`
        return [{ code: 'ALL_MUTED', text }]
      }),
      ...parts.engine
        .brokenMutes(tracker)
        .map((id): Trouble => ({ code: 'MUTE_BROKEN', text: `The mute ${id} cannot be read: it mutes nothing.` })),
      ...channels.flatMap((channel): Trouble[] => {
        if (channelState(channel) !== 'failing') return []
        const since = channel.failingSince === null ? {} : { since: timestamp(channel.failingSince) }
        return [
          {
            code: 'CHANNEL_FAILING',
            text: `Nothing reaches the channel “${channel.name}” (${channel.problem ?? 'no answer'}).`,
            channel: channel.id,
            ...since,
          },
        ]
      }),
      ...channels.flatMap((channel): Trouble[] => {
        const letters = messages.count(channel.target, 'dead')
        if (letters === 0) return []
        return [
          {
            code: 'DEAD_LETTERS',
            text: `${countText(letters)} messages to the channel “${channel.name}” were given up; they can be sent again.`,
            channel: channel.id,
          },
        ]
      }),
      ...(channels.length === 0 ? [noChannel] : carrying.size === 0 ? [channelsOff] : []),
    ],
  }
}

const noRule: Trouble = { code: 'NO_RULE', text: 'No rule is on: nothing is watched for.' }

const channelsOff: Trouble = { code: 'CHANNELS_OFF', text: 'All channels are off: nobody is told of alerts.' }

const noChannel: Trouble = { code: 'NO_CHANNEL', text: 'No channel is set up: alerts are seen here only.' }

function engineTroubles({ state, problem, lagEvents, lagMs }: EngineHealth): Trouble[] {
  const waiting = `${countText(lagEvents)} events wait to be seen by the rules, the oldest for ${Math.round(lagMs / 1_000)} s.`
  switch (state) {
    case 'running':
      return []
    case 'failed':
      return [{ code: 'ENGINE_FAILED', text: `Alerts are not raised: ${problem ?? ''}` }]
    case 'recovering':
      return [
        { code: 'ENGINE_RECOVERING', text: `Rules are learning again what they knew before the start. ${waiting}` },
      ]
    case 'behind':
      return [{ code: 'ENGINE_BEHIND', text: `Alerts come late: ${waiting}` }]
  }
}
