/** The states of a key, and which of them allow what (reference: kms-rest-api.md, section 8.1; NIST SP 800-57). */
import { Refusal } from '../errors.ts'

/** 0 pre-active, 1 active, 2 suspended, 3 deactivated, 5 destroyed. 4 (compromised) does not exist here. */
export type KeyState = 0 | 1 | 2 | 3 | 5

export const ACTIVE = 1
export const SUSPENDED = 2
export const DEACTIVATED = 3
export const DESTROYED = 5

/** As people read them. */
export const stateNames = {
  0: 'pre-active',
  1: 'active',
  2: 'suspended',
  3: 'deactivated',
  5: 'destroyed',
} as const satisfies Readonly<Record<KeyState, string>>

export type StateName = (typeof stateNames)[KeyState]

/** What is done to one key, as far as its state decides, with the states that allow it. */
export const allowedStates = {
  read: [0, 1, 2, 3, 5],
  /** The payload of a standard key: a destroyed key shows its metadata only. */
  'read payload': [0, 1, 2, 3],
  wrap: [1],
  unwrap: [1, 3],
  rewrap: [1, 3],
  rotate: [1],
  'rotate as in Key Protect': [1, 3],
  disable: [1],
  enable: [2],
  'set for deletion': [1, 2, 3],
  'unset for deletion': [1, 2, 3],
  sync: [1, 2, 3, 5],
  'set a rotation policy': [1, 2],
  /** A deactivated key can still be deleted, and so be kept from being deleted by one person. */
  'set a dual authorisation policy': [1, 2, 3],
  delete: [1, 2, 3],
  restore: [5],
  purge: [5],
  'list versions': [1],
  'list versions of any state': [1, 2, 3, 5],
} as const satisfies Record<string, readonly KeyState[]>

export type KeyAct = keyof typeof allowedStates

/** What the state is decided from. */
export interface Stateful {
  readonly state: KeyState
  /** Milliseconds since the epoch, or null. */
  readonly expiresAt: number | null
}

/** The state at a time: an active key is deactivated from its expiration on, whether or not that was written down yet. */
export function stateAt(key: Stateful, now: number): KeyState {
  return key.state === ACTIVE && key.expiresAt !== null && key.expiresAt <= now ? DEACTIVATED : key.state
}

export function isAllowed(act: KeyAct, state: KeyState): boolean {
  return (allowedStates[act] as readonly KeyState[]).includes(state)
}

/** @throws Refusal `KEY_DELETED_ERR` (410) on a destroyed key, `KEY_ACTION_INVALID_STATE_ERR` (409) in any other wrong state */
export function requireState(act: KeyAct, key: Stateful, now: number): void {
  const state = stateAt(key, now)
  if (isAllowed(act, state)) return
  if (state === DESTROYED) throw new Refusal('KEY_DELETED_ERR')
  const needed = allowedStates[act].map((allowed) => stateNames[allowed]).join(' or ')
  throw new Refusal('KEY_ACTION_INVALID_STATE_ERR', {
    message: `The key is ${stateNames[state]}; to ${act} it must be ${needed}.`,
  })
}
