/** A mute as the API shows it. */
import { timestamp } from '../../http/schema.ts'
import type { Mute } from '../mutes.ts'
import type { AlertingParts } from '../parts.ts'
import { groupsOf } from '../raising/alert-rows.ts'
import { groupKeyOf } from '../raising/outcome.ts'

type MuteViewParts = Pick<AlertingParts, 'alerts' | 'rules'>

export function muteView(parts: MuteViewParts, mute: Mute, now: number): object {
  return {
    id: mute.id,
    ...(mute.rule === null ? {} : { rule: mute.rule }),
    ...groupView(parts, mute),
    ...(mute.query === null ? {} : { query: mute.query }),
    reason: mute.reason,
    until: timestamp(mute.until),
    createdAt: timestamp(mute.createdAt),
    createdBy: { id: mute.createdBy, name: mute.createdByName },
    isActive: mute.state === 'active' && mute.until > now,
    muted: mute.muted,
  }
}

/** Values by field and, where an alert of just this group is kept, what it calls them. */
function groupView({ alerts, rules }: MuteViewParts, { tracker, rule, groups }: Mute): object {
  if (groups === null) return {}
  const group = JSON.parse(groups) as { readonly [field: string]: string }
  const order = (rule === null ? undefined : rules.find(tracker, rule)?.rule.groupBy) ?? []
  const values = order.flatMap((field) => (group[field] === undefined ? [] : [{ value: group[field] }]))
  if (rule === null || values.length === 0 || values.length < order.length) return { group }
  const alert = alerts.newestOf(tracker, rule, groupKeyOf({ group: values }))
  const named = (alert === undefined ? [] : groupsOf(alert)).flatMap(({ field, name }) =>
    name === undefined ? [] : [[field, name] as const],
  )
  return { group, ...(named.length === 0 ? {} : { names: Object.fromEntries(named) }) }
}
