/** What one message has done so far: later items of a batch see it, and all of it is committed at the end or nothing. */
import type { Change, Condition } from '../store/store.ts'
import { addObject, replaceObject, stillInState } from './objects/object-changes.ts'
import type { KmipObject } from './objects/kmip-object.ts'
import type { ObjectStore, Place } from './objects/object-store.ts'
import { keysOf, nameKey } from './objects/found-by.ts'
import { asOf, type Transition, transitionsBy } from './objects/states.ts'

/** A change of state that fell due before anybody wrote it down. */
export interface DueTransition extends Transition {
  readonly object: KmipObject
}

export interface WorkspaceParts {
  readonly objects: Pick<ObjectStore, 'find' | 'named'>
  readonly place: Place
  /** Milliseconds since the epoch; the same for all items of a message. */
  readonly now: number
}

interface Entry {
  /** As it is stored; undefined for what this message makes. */
  readonly stored: KmipObject | undefined
  current: KmipObject
}

export class Workspace {
  readonly #parts: WorkspaceParts
  readonly #entries = new Map<string, Entry>()
  readonly #conditions: Condition[] = []
  readonly #due: DueTransition[] = []

  constructor(parts: WorkspaceParts) {
    this.#parts = parts
  }

  /** The object as earlier items left it, with what its dates have brought by now; undefined when there is none. */
  find(id: string): KmipObject | undefined {
    const known = this.#entries.get(id)
    if (known !== undefined) return known.current
    const stored = this.#parts.objects.find(this.#parts.place, id)
    if (stored === undefined) return undefined
    const transitions = transitionsBy(stored, this.#parts.now)
    const current = transitions.at(-1)?.after ?? stored
    for (const transition of transitions) this.#due.push({ ...transition, object: stored })
    this.#entries.set(stored.id, { stored, current })
    return current
  }

  /** An object that was just read as it is by now, without a word of it to anybody: Locate looks at thousands. */
  glance(stored: KmipObject): KmipObject {
    return this.#entries.get(stored.id)?.current ?? asOf(stored, this.#parts.now)
  }

  /** Objects that this message made or changed, as they are now: what the store does not tell of them yet. */
  changed(): KmipObject[] {
    return [...this.#entries.values()].filter(({ stored, current }) => stored !== current).map(({ current }) => current)
  }

  /** Id of the object that has a name now. */
  named(name: string): string | undefined {
    const key = nameKey(this.#parts.place, name)
    for (const { current } of this.#entries.values()) {
      if (keysOf(current).names.some((held) => held.equals(key))) return current.id
    }
    const id = this.#parts.objects.named(this.#parts.place, name)
    // Known here, and it has the name no more.
    return id !== undefined && this.#entries.has(id) ? undefined : id
  }

  add(object: KmipObject): void {
    this.#entries.set(object.id, { stored: undefined, current: object })
  }

  replace(after: KmipObject): void {
    const entry = this.#entries.get(after.id)
    if (entry === undefined) throw new Error('kmip: an object that was not read is replaced')
    entry.current = after
  }

  /** What must still hold at commit, for an item that was decided on a state. */
  require(...conditions: readonly Condition[]): void {
    this.#conditions.push(...conditions)
  }

  /** The object must not have left its state when this is numbered. */
  relyOn(object: KmipObject): void {
    if (this.#entries.get(object.id)?.stored?.state === object.state) this.require(stillInState(object))
  }

  /** Changes of state that dates brought, in the order of their times. */
  due(): readonly DueTransition[] {
    return this.#due.toSorted((one, other) => one.at - other.at)
  }

  conditions(): readonly Condition[] {
    return this.#conditions
  }

  /** Ids of the objects that the message read, changed or made. */
  touched(): string[] {
    return [...this.#entries.keys()]
  }

  changes(): Change[] {
    const changes = [...this.#entries.values()].flatMap(({ stored, current }) => {
      if (stored === undefined) return addObject(current)
      return stored === current ? [] : replaceObject(stored, current)
    })
    // A name that one object gave up may be another's by now: it must be free before it is taken.
    const isRelease = ({ sql }: Change): boolean => sql.startsWith('DELETE')
    return [...changes.filter(isRelease), ...changes.filter((change) => !isRelease(change))]
  }
}
