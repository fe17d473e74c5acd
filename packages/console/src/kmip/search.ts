/**
 * What the KMIP page shows, as it stands in the address: the open adapter, in which states its objects are shown and which
 * is open, the form of a new adapter, the guide of a client.
 */
import { objectStates, type ObjectState } from '../api/key-states.ts'

export interface KmipSearch {
  /** Id of the open adapter. */
  readonly adapter?: string
  readonly view?: 'new' | 'vcenter'
  /** Where the form of a new adapter leads back to; without it, to the adapters. */
  readonly back?: 'vcenter'
  /** States of the objects that are shown; without it, of all. */
  readonly state?: readonly ObjectState[]
  /** Id of the open object. */
  readonly object?: string
}

/** What of it makes sense at another instance. */
export const kmipKept: readonly (keyof KmipSearch)[] = ['view']

const idPattern = /^[A-Za-z0-9-]{1,64}$/

/** Reads an address. What is malformed is left out, never guessed. */
export function parseKmipSearch(raw: Readonly<Record<string, unknown>>): KmipSearch {
  const { adapter, view, back, object } = raw
  const state = objectStates.filter((each) => textsOf(raw['state']).includes(String(each)))
  return {
    ...(typeof adapter === 'string' && idPattern.test(adapter) && { adapter }),
    ...(state.length > 0 && { state }),
    ...(typeof object === 'string' && idPattern.test(object) && { object }),
    ...((view === 'new' || view === 'vcenter') && { view }),
    ...(view === 'new' && back === 'vcenter' && { back }),
  }
}

/** Of one value or of several, as an address has them. */
function textsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(String)
  return typeof value === 'string' || typeof value === 'number' ? String(value).split(',') : []
}
