/** States of managed objects, and the dates that change them by themselves (KMIP 1.4, sections 3.22 to 3.27). */
import { Refusal } from '../../errors.ts'
import type { ObjectState } from '../management/rows.ts'
import { attributeValue, type Attributes, dateOf, put } from '../attributes/attribute-set.ts'
import { hasState, type KmipObject } from './kmip-object.ts'

export const PRE_ACTIVE: ObjectState = 1
export const ACTIVE: ObjectState = 2
export const DEACTIVATED: ObjectState = 3
export const COMPROMISED: ObjectState = 4

/** The dates in the order that they must have, where they are set (section 3.24). */
export const orderedDates = ['Activation Date', 'Process Start Date', 'Protect Stop Date', 'Deactivation Date'] as const

/** Later than any date that can be told in milliseconds: what it would change is never due. */
const furthestSeconds = 8_640_000_000_000n

/** Whether they are. Those of a revoked object need not be: it ended before they came. */
export function areInOrder(attributes: Attributes): boolean {
  const set = orderedDates.map((name) => dateOf(attributes, name)).filter((date) => date !== undefined)
  return set.every((date, place) => place === 0 || date >= (set[place - 1] ?? date))
}

/** @throws Refusal `KMIP_INVALID_FIELD` when the dates that an object is given are not in order */
export function checkDates(attributes: Attributes): void {
  if (!areInOrder(attributes)) {
    throw new Refusal('KMIP_INVALID_FIELD', {
      message: 'The dates of an object must be in order: activation, process start, protect stop, deactivation.',
    })
  }
}

/** The date that will change the object's state next, seconds since the epoch. */
function nextDate({ state, attributes }: Pick<KmipObject, 'state' | 'attributes'>): bigint | undefined {
  if (state === PRE_ACTIVE) return dateOf(attributes, 'Activation Date')
  return state === ACTIVE ? dateOf(attributes, 'Deactivation Date') : undefined
}

/** When that is, milliseconds since the epoch; undefined when nothing will. */
export function dueAt(object: Pick<KmipObject, 'type' | 'state' | 'attributes'>): number | undefined {
  const date = hasState(object) ? nextDate(object) : undefined
  if (date === undefined || date > furthestSeconds) return undefined
  return Math.max(0, Number(date) * 1_000)
}

/** A change of state that one of the dates brought, at the time of that date. */
export interface Transition {
  readonly from: ObjectState
  readonly to: ObjectState
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly after: KmipObject
}

/**
 * What the dates have brought by `now`, one after the other. Last Change Date is the time of the date, not ours; of a date
 * that was past already when it was set, that is the time when it was set.
 */
export function transitionsBy(object: KmipObject, now: number): Transition[] {
  const transitions: Transition[] = []
  let current = object
  for (let at = dueAt(current); at !== undefined && at <= now; at = dueAt(current)) {
    const to = current.state === PRE_ACTIVE ? ACTIVE : DEACTIVATED
    const date = BigInt(Math.floor(at / 1_000))
    const before = dateOf(current.attributes, 'Last Change Date') ?? date
    const changed = attributeValue.date(date > before ? date : before)
    const attributes = put(current.attributes, 'Last Change Date', changed)
    const after: KmipObject = { ...current, state: to, attributes }
    transitions.push({ from: current.state, to, at, after })
    current = after
  }
  return transitions
}

/** The object as its dates have it by `now`, milliseconds since the epoch. */
export function asOf(object: KmipObject, now: number): KmipObject {
  return transitionsBy(object, now).at(-1)?.after ?? object
}

/** Whether a key may protect now: encrypt, make a MAC, wrap (section 3.22, and the dates of 3.25 and 3.26). */
export function requireProtecting(object: KmipObject, nowSeconds: bigint): void {
  const stop = dateOf(object.attributes, 'Protect Stop Date')
  if (object.state === ACTIVE && (stop === undefined || nowSeconds < stop)) return
  throw new Refusal('KMIP_WRONG_STATE', { message: 'Only an active key protects, until its protect stop date.' })
}

/** Whether a key may process what was protected: decrypt, verify, unwrap. */
export function requireProcessing(object: KmipObject, nowSeconds: bigint): void {
  const start = dateOf(object.attributes, 'Process Start Date')
  const isStarted = start === undefined || nowSeconds >= start
  if (isStarted && object.state >= ACTIVE && object.state <= COMPROMISED) return
  throw new Refusal('KMIP_WRONG_STATE', {
    message: 'Only a key that is or was active processes, from its process start date on.',
  })
}
