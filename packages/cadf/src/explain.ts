/** What an event means and what its reader can do: the seed's "Analyzing failed events", by data. */
import type { ExplanationCondition, ExplanationSpec } from './catalogue/entry.ts'
import { generalExplanations } from './catalogue/explanations.ts'
import { familyExplanations } from './catalogue/family-explanations.ts'
import { catalogue } from './catalogue.ts'
import type { ActivityEvent } from './event.ts'
import { memberOf } from './variant.ts'

export interface Explanation {
  readonly meaning: string
  readonly remedy: string
  /** The call that tells more, ready to be made. */
  readonly call?: string
}

/**
 * Explanations of an event, the likeliest first; none for an event that explains itself. What the action's own entry
 * says comes first; what holds for a status code in its family is said only when the entry says nothing, and what holds
 * for it anywhere only when neither does.
 */
export function explain(event: ActivityEvent): Explanation[] {
  const entry = catalogue.entry(event.action)
  const family = entry === undefined ? undefined : familyExplanations[entry.family]
  for (const specs of [entry?.explanations, family, generalExplanations]) {
    const found = specs?.filter(({ when }) => applies(when, event)) ?? []
    if (found.length > 0) return found.map((spec) => explanationOf(spec, event))
  }
  return []
}

function applies(when: ExplanationCondition, event: ActivityEvent): boolean {
  const { responseData } = event
  return (
    (when.outcome === undefined || when.outcome === event.outcome) &&
    (when.codes === undefined || when.codes.includes(event.reason.reasonCode)) &&
    (when.present ?? []).every((name) => memberOf(responseData, name) !== undefined) &&
    (when.absent ?? []).every((name) => memberOf(responseData, name) === undefined) &&
    Object.entries(when.equal ?? {}).every(([name, value]) => memberOf(responseData, name) === value)
  )
}

function explanationOf({ meaning, remedy, call }: ExplanationSpec, event: ActivityEvent): Explanation {
  if (call === undefined) return { meaning, remedy }
  const id = event.target.id.slice(event.target.id.lastIndexOf(':') + 1)
  return { meaning, remedy, call: call.replace('{id}', id === '' ? '{id}' : id) }
}
