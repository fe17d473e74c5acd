/** What an event means and what its reader can do: the seed's "Analyzing failed events", by data. */
import type { ExplanationCondition, ExplanationSpec } from './catalogue/entry.ts'
import { generalExplanations } from './catalogue/explanations.ts'
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
 * says comes first; what holds for a status code of any action is said only when the entry says nothing.
 */
export function explain(event: ActivityEvent): Explanation[] {
  const entry = catalogue.entry(event.action)
  const own = entry?.explanations.filter(({ when }) => applies(when, event)) ?? []
  const specs = own.length > 0 ? own : generalExplanations.filter(({ when }) => applies(when, event))
  return specs.map((spec) => explanationOf(spec, event))
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
