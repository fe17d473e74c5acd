/** What this package throws: one class, one stable code per kind of fault, never the offending value. */

export type EventErrorCode =
  /** The action is in no catalogue entry, or is never emitted. */
  | 'UNKNOWN_ACTION'
  | 'UNKNOWN_VARIANT'
  /** A request or response field that the action's catalogue entry does not list. */
  | 'UNKNOWN_FIELD'
  /** A value outside its field's type. */
  | 'BAD_VALUE'
  | 'TOO_LONG'
  /** A string with a lone surrogate. */
  | 'ILL_FORMED_TEXT'
  | 'NOT_FINITE'
  | 'TOO_DEEP'
  /** A value that JSON has no form for. */
  | 'NOT_JSON'
  /** Bytes that are JSON but not the one canonical form. */
  | 'NOT_CANONICAL'
  /** JSON that is not an entry or not an event. */
  | 'BAD_SHAPE'
  | 'ENTRY_TOO_LARGE'

/** A value that must not, or cannot, become part of an event. `at` names the member; the value itself is never held. */
export class EventError extends Error {
  readonly code: EventErrorCode
  readonly at: string

  constructor(code: EventErrorCode, at: string, explanation: string) {
    super(`${at}: ${explanation}`)
    this.name = 'EventError'
    this.code = code
    this.at = at
  }
}

/** The canonical entry is longer than the tile format can hold (65,535 bytes). */
export class EntryTooLarge extends EventError {
  readonly bytes: number

  constructor(bytes: number) {
    super('ENTRY_TOO_LARGE', 'entry', `${bytes} bytes are more than an entry may have`)
    this.name = 'EntryTooLarge'
    this.bytes = bytes
  }
}
