/** What an event means and what its reader can do: the seed's "Analyzing failed events", by data. */
import type { ExplanationCondition, ExplanationSpec } from './catalogue/entry.ts'
import { generalExplanations } from './catalogue/explanations.ts'
import { familyExplanations } from './catalogue/family-explanations.ts'
import { catalogue } from './catalogue.ts'
import type { ActivityEvent } from './event.ts'
import { refusalOf } from './reason.ts'
import { memberOf } from './variant.ts'

export interface Explanation {
  readonly meaning: string
  readonly remedy: string
  /** The call that tells more, ready to be made. */
  readonly call?: string
}

/**
 * Explanations of an event, the likeliest first; none for an event that explains itself. What is known of the very refusal
 * drives out what holds for its status code. Of both, what the action's own entry says comes first; what holds in its
 * family is said only when the entry says nothing, and what holds anywhere only when neither does.
 */
export function explain(event: ActivityEvent): Explanation[] {
  const entry = catalogue.entry(event.action)
  const family = entry === undefined ? undefined : familyExplanations[entry.family]
  const sources: readonly (readonly ExplanationSpec[] | undefined)[] = [
    entry?.explanations,
    family,
    generalExplanations,
  ]
  for (const isOfRefusal of [true, false]) {
    for (const specs of sources) {
      const known = specs?.filter(({ when }) => (when.refusals !== undefined) === isOfRefusal) ?? []
      const found = known.filter(({ when }) => applies(when, event))
      if (found.length > 0) return found.map((spec) => explanationOf(spec, event))
    }
  }
  return []
}

function applies(when: ExplanationCondition, event: ActivityEvent): boolean {
  const { responseData } = event
  return (
    (when.outcome === undefined || when.outcome === event.outcome) &&
    (when.codes === undefined || when.codes.includes(event.reason.reasonCode)) &&
    (when.refusals === undefined || when.refusals.includes(refusalOf(event.reason) ?? '')) &&
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
