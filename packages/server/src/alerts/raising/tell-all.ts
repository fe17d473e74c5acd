/**
 * Tells all channels that are on of what makes alerting see or say less, and of what was left unsaid. It is queued with the
 * change itself: no rule decides about it, no mute holds for it, and no severity is too low.
 */
import type { Change } from '../../store/store.ts'
import type { TrackerRow } from '../../trail/trail.ts'
import { alertMessage, type Person } from '../channels/alert-message.ts'
import type { ChannelRow } from '../channels/channel-rows.ts'
import { guardRules } from '../guard-rules.ts'
import { endMute, type Mute } from '../mutes.ts'
import { isSameRule } from '../rules/rule-facts.ts'
import type { RuleRow, Rules } from '../rules/rule-rows.ts'
import { type Alerts, unmuteAlerts } from './alert-rows.ts'
import { messageTo, type TellingParts } from './tell.ts'

interface Notice {
  readonly title: string
  readonly text: string
  readonly remedy: string
  readonly by?: Person
}

interface RuleParts extends TellingParts {
  readonly rules: Rules
}

function tellAll(
  { channels, random }: TellingParts,
  tracker: TrackerRow,
  notice: Notice,
  now: number,
  but?: string,
): Change[] {
  const message = alertMessage({
    type: 'alerting.changed',
    tracker,
    at: new Date(now).toISOString(),
    ...notice,
  })
  const to = channels.list(tracker.id).filter(({ id, isOn }) => isOn === 1 && id !== but)
  return to.map((channel) => messageTo(channel, message, now, random))
}

/** Of a mute that holds for more than one rule, or for one that watches over alerting. */
export function tellOfMute(parts: RuleParts, tracker: TrackerRow, mute: Mute, by: Person, now: number): Change[] {
  if (mute.rule !== null && !guardRules.has(mute.rule)) return []
  const what =
    mute.rule !== null
      ? `alerts of the rule “${parts.rules.find(tracker.id, mute.rule)?.rule.name ?? mute.rule}”`
      : mute.groups === null && mute.query === null
        ? 'all alerts'
        : 'alerts of all rules that a group or a query finds'
  const notice = {
    title: `${by.name} muted ${what}`,
    text: `Until ${new Date(mute.until).toISOString()} nobody is told of them. Reason: ${mute.reason}`,
    remedy: 'If nobody announced it, end the mute, and ask who made it.',
    by,
  }
  return tellAll(parts, tracker, notice, now)
}

/** The mute is over: alerts that it kept quiet and that are not closed count as any other, and that there are some is told. */
export function endedMute(
  parts: TellingParts & { readonly alerts: Alerts },
  tracker: TrackerRow,
  mute: Mute,
  state: 'lapsed' | 'ended',
  now: number,
): Change[] {
  const { all, open } = parts.alerts.mutedBy(tracker.id, mute.id)
  const notice = {
    title: `${open} alert${open === 1 ? ' that was muted is' : 's that were muted are'} open`,
    text: `They were raised while a mute held, and nobody was told. Its reason: ${mute.reason}`,
    remedy: 'Look at them: keywitness alerts list, or the page of alerts in the console.',
  }
  return [
    endMute(mute.id, state),
    ...(all === 0 ? [] : [unmuteAlerts(tracker.id, mute.id, all)]),
    ...(open === 0 ? [] : tellAll(parts, tracker, notice, now)),
  ]
}

/** Of rules that watch over alerting and are on: they are changed, turned off, or deleted. */
export function tellOfGuards(
  parts: RuleParts,
  tracker: TrackerRow,
  made: readonly { readonly id: string; readonly after: RuleRow | undefined }[],
  by: Person,
  now: number,
): Change[] {
  const ends = new Map(made.map(({ id, after }) => [id, after]))
  return [...ends].flatMap(([id, after]) => {
    const before = guardRules.has(id) ? parts.rules.find(tracker.id, id) : undefined
    if (before?.isEnabled !== true) return []
    const isOn = after?.isEnabled === true
    if (isOn && isSameRule(before.rule, after.rule)) return []
    const what = after === undefined ? 'deleted' : isOn ? 'changed' : 'turned off'
    const notice = {
      title: `${by.name} ${what} the rule “${before.rule.name}”`,
      text: 'It watches over alerting itself: what is muted, turned off or changed from now on may be told to nobody.',
      remedy: 'If nobody announced it, set the rule back to its earlier version, and ask who did it.',
      by: { id: by.id, name: by.name },
    }
    return tellAll(parts, tracker, notice, now)
  })
}

/** The other channels are told of one that goes, or is turned off. */
export function tellOfChannel(
  parts: TellingParts,
  tracker: TrackerRow,
  channel: Pick<ChannelRow, 'id' | 'name'>,
  what: 'deleted' | 'turned off',
  by: Person,
  now: number,
): Change[] {
  const notice = {
    title: `${by.name} ${what} the channel “${channel.name}”`,
    text: 'Nothing is told there any more.',
    remedy: 'If nobody announced it, turn it on again or make it anew, and ask who did it.',
    by: { id: by.id, name: by.name },
  }
  return tellAll(parts, tracker, notice, now, channel.id)
}
