/** What no event tells: looked at by the serving thread itself, so that it is told also when the engine is not. */
import type { Rule, WatchCondition } from '@keywitness/tracker/alerts'
import { parseDuration } from '@keywitness/tracker/alerts'
import type { TrackerRow } from '../../trail/trail.ts'
import { countText } from '../count-text.ts'
import type { ChannelRow } from '../channels/channel-rows.ts'
import type { Fired } from '../engine/messages.ts'
import { isMuteOf, liveMute } from '../mutes.ts'
import type { AlertingParts } from '../parts.ts'
import type { RuleRow } from '../rules/rule-rows.ts'
import { isDead } from '../rules/rule-view.ts'

/** Something that is not as it should be. */
interface Finding {
  readonly text: string
  /** When it began, milliseconds since the epoch: what is found again of the same beginning is not told twice. */
  readonly since: number
  readonly group?: Fired['group']
}

export type WatchParts = Pick<AlertingParts, 'engine' | 'rules' | 'mutes' | 'alerts' | 'channels' | 'trail' | 'clock'>

/** Rules that a text names. */
const namedMax = 15

export class WatchRules {
  readonly #parts: WatchParts
  /** Since when what is watched of a tracker has been wrong. */
  readonly #since = new Map<string, { readonly mark: number; readonly since: number }>()

  constructor(parts: WatchParts) {
    this.#parts = parts
  }

  /** What the watch rules of a tracker find now, as if they had fired for an event. */
  look(tracker: TrackerRow): Fired[] {
    const { rules, clock } = this.#parts
    const mutes = this.#parts.mutes.active(tracker.id).map(liveMute)
    const muteOf = (rule: string, group: Fired['group']): string | undefined =>
      mutes.find((mute) => mute.query === undefined && isMuteOf(mute, rule, group, clock.now()))?.id
    return rules.watches(tracker.id).flatMap((row) => {
      const { when } = row.rule
      if (when.kind !== 'watch') return []
      return this.#findings(tracker, row.rule, when).map((finding) =>
        firedOf(row, finding, muteOf(row.id, finding.group ?? [])),
      )
    })
  }

  #findings(tracker: TrackerRow, rule: Rule, { of, beyond }: WatchCondition): Finding[] {
    const beyondMs = parseDuration(beyond)
    switch (of) {
      case 'checkpoint':
        return this.#checkpoint(tracker, rule, beyondMs)
      case 'engine':
        return this.#engine(tracker, rule, beyondMs)
      case 'channel':
        return this.#channels(tracker, beyondMs)
      case 'dead-rule':
        return this.#deadRules(tracker, beyondMs)
    }
  }

  #checkpoint(tracker: TrackerRow, rule: Rule, beyondMs: number): Finding[] {
    const { size, covered } = this.#parts.trail.growth(tracker)
    const since = this.#wrongSince(tracker, rule, covered < size ? covered : undefined)
    if (since === undefined || this.#parts.clock.now() - since < beyondMs) return []
    return [
      {
        since,
        text: `${countText(size - covered)} entries are not covered by a signed checkpoint, since ${timeText(since)}.`,
      },
    ]
  }

  #engine(tracker: TrackerRow, rule: Rule, beyondMs: number): Finding[] {
    const { state, lagMs, lagEvents, problem } = this.#parts.engine.health(tracker)
    const isWrong = state === 'failed' || lagMs > beyondMs
    const since = this.#wrongSince(tracker, rule, isWrong ? 0 : undefined)
    if (since === undefined || (state === 'failed' && this.#parts.clock.now() - since < beyondMs)) return []
    const why = problem ?? `The oldest of ${countText(lagEvents)} events has waited for ${Math.round(lagMs / 1_000)} s.`
    return [{ since, text: `Rules do not see what is recorded in time: ${why}` }]
  }

  #channels(tracker: TrackerRow, beyondMs: number): Finding[] {
    const now = this.#parts.clock.now()
    return this.#parts.channels.list(tracker.id).flatMap((channel) => {
      const { failingSince, isOn } = channel
      if (isOn === 0 || failingSince === null || now - failingSince < beyondMs) return []
      return [channelFinding(channel, failingSince)]
    })
  }

  /** Told once in such a time, all of them together. */
  #deadRules(tracker: TrackerRow, beyondMs: number): Finding[] {
    const { rules, alerts, clock } = this.#parts
    const now = clock.now()
    const fired = new Map(alerts.firedOf(tracker.id).map(({ rule, lastFired }) => [rule, lastFired]))
    const dead = rules.list(tracker.id).filter((row) => isDead(row, fired.get(row.id), now, beyondMs))
    if (dead.length === 0) return []
    const names = dead.slice(0, namedMax).map(({ rule }) => rule.name)
    const more = dead.length > names.length ? `, and ${dead.length - names.length} more` : ''
    return [{ since: Math.floor(now / beyondMs) * beyondMs, text: `On, and never fired: ${names.join(', ')}${more}.` }]
  }

  /** @param mark what it is stuck at; undefined when nothing is wrong */
  #wrongSince(tracker: TrackerRow, rule: Rule, mark: number | undefined): number | undefined {
    const key = `${tracker.id} ${rule.id}`
    if (mark === undefined) {
      this.#since.delete(key)
      return undefined
    }
    const known = this.#since.get(key)
    if (known?.mark === mark) return known.since
    const since = this.#parts.clock.now()
    this.#since.set(key, { mark, since })
    return since
  }
}

function channelFinding({ id, name, problem }: ChannelRow, since: number): Finding {
  return {
    since,
    group: [{ field: 'channel', value: id, name }],
    text: `Nothing has reached the channel ${name} since ${timeText(since)}: ${problem ?? 'no answer'}.`,
  }
}

function firedOf({ id, version }: RuleRow, { text, since, group = [] }: Finding, mute: string | undefined): Fired {
  const fired = { rule: id, version, group, trigger: since, at: since, count: 1, facts: { text }, events: [] }
  return mute === undefined ? fired : { ...fired, mute }
}

function timeText(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')
}
