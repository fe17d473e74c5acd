/** An event in the words and parts that rows and panel show; each event is described once. */
import { type ActivityEvent, type InstanceName, parseEventTime, sentence, whoOf, wordsOf } from '@keywitness/cadf'

export interface Description {
  /** Milliseconds since the epoch; undefined when the event's time has no known form. */
  readonly time: number | undefined
  readonly sentence: string
  /** The sentence in three parts: before, the target's name, after. The name is empty when the sentence lacks it. */
  readonly parts: readonly [string, string, string]
  readonly who: string
  readonly kind: InitiatorKind
  /** First part of the action: `hs-crypto`. */
  readonly service: string
  /** The action's title by the catalogue. */
  readonly title: string | undefined
  /** Current name, where the event carries a former one. */
  readonly currentAction: string | undefined
}

export type InitiatorKind = 'user' | 'service' | 'certificate' | 'unknown'

const described = new WeakMap<InstanceName, WeakMap<ActivityEvent, Description>>()
const unnamed: InstanceName = () => undefined

/** @param instanceName the same function for as long as it knows the same */
export function describe(event: ActivityEvent, instanceName = unnamed): Description {
  const names = attempt(() => event.requestData['scope']) === undefined ? unnamed : instanceName
  const alike = described.get(names) ?? new WeakMap<ActivityEvent, Description>()
  described.set(names, alike)
  const known = alike.get(event)
  if (known !== undefined) return known
  const text = attempt(() => sentence(event, names)) ?? event.message
  const words = wordsOf(event.action)
  const description: Description = {
    time: attempt(() => parseEventTime(event.eventTime)),
    sentence: text,
    parts: partsOf(text, event.target.name),
    who: attempt(() => whoOf(event.initiator)) ?? event.initiator.id,
    kind: kindOf(event.initiator.typeURI),
    service: event.action.slice(0, Math.max(0, event.action.indexOf('.'))) || event.action,
    title: words?.title.replace(/\.$/, ''),
    currentAction: words === undefined || words.action === event.action ? undefined : words.action,
  }
  alike.set(event, description)
  return description
}

function partsOf(text: string, name: string): readonly [string, string, string] {
  // The last occurrence, and not the one at the beginning: that is the initiator.
  const at = name === '' ? -1 : text.lastIndexOf(name)
  if (at < 1) return [text, '', '']
  return [text.slice(0, at), name, text.slice(at + name.length)]
}

function kindOf(typeURI: string): InitiatorKind {
  if (typeURI.endsWith('/user')) return 'user'
  if (typeURI.endsWith('/serviceid')) return 'service'
  return typeURI.endsWith('/certificateid') ? 'certificate' : 'unknown'
}

/** Events of other versions may lack what this version's words need; the row is shown all the same. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}
