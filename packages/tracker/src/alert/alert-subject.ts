/** One entry as rules look at it: made once, given to all of them. */
import type { FieldSource } from '@keywitness/cadf'
import { producerOf } from '../entry-facts.ts'
import { EntrySubject } from '../search/entry-subject.ts'
import { type EventKind, kindOf } from './event-kind.ts'

/** Where an address is, as far as a database of locations knows. */
export interface Location {
  /** ISO 3166-1, two letters. */
  readonly country?: string
  /** Autonomous system, `AS64500`. */
  readonly network?: string
  /** Degrees, north and east positive. */
  readonly latitude?: number
  readonly longitude?: number
}

export type Locate = (address: string) => Location | undefined

const addressSources: readonly FieldSource[] = [{ path: 'initiator.host.address' }]

export class AlertSubject {
  /** The entry's index in the log. */
  readonly index: number
  readonly entry: EntrySubject
  /** Milliseconds since the epoch: the event's own time. */
  readonly time: number
  readonly #bytes: Uint8Array
  #kind: EventKind | undefined
  #producer: string | undefined
  #location: { readonly locate: Locate; readonly found: Location | undefined } | undefined

  /**
   * @param bytes the whole entry
   * @param timeIfNone milliseconds; for an event that says no time, such as when its entry was received
   */
  constructor(index: number, bytes: Uint8Array, timeIfNone: number) {
    this.index = index
    this.entry = new EntrySubject(index, bytes)
    this.time = this.entry.fields.time ?? timeIfNone
    this.#bytes = bytes
  }

  /** Undefined when the event has none. */
  get action(): string | undefined {
    return this.entry.fields.action
  }

  /** Undefined when it is of none. */
  get kind(): EventKind | undefined {
    return (this.#kind ??= kindOf(this.entry))
  }

  /** UUID of who numbered the event; empty for an entry that is not in the entry format. */
  get producer(): string {
    return (this.#producer ??= producerOf(this.#bytes) ?? '')
  }

  /** Address that the request came from; empty when the event has none. */
  get address(): string {
    const [address] = this.entry.values(addressSources)
    return typeof address === 'string' ? address : ''
  }

  /** Where the initiator's address is. */
  location(locate: Locate): Location | undefined {
    if (this.#location?.locate !== locate) {
      const { address } = this
      this.#location = { locate, found: address === '' ? undefined : locate(address) }
    }
    return this.#location.found
  }
}
