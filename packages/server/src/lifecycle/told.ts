/** What services are told of, and which state of their data keys they must then have (reference section 8.9). */
import type { KeyState } from '../keys/states.ts'

/** Lifecycle actions of a key. `sync` repeats the last of the others. */
export type LifecycleAct = 'delete' | 'restore' | 'rotate' | 'enable' | 'disable' | 'sync'

export type ToldAct = Exclude<LifecycleAct, 'sync'>

/** `eventType` in messages and events; `rotation` is the one the published sample shows. */
export const eventTypes = {
  delete: 'deletion',
  restore: 'restoration',
  rotate: 'rotation',
  enable: 'enabling',
  disable: 'disabling',
} as const satisfies Record<ToldAct, string>

/** `type` of the message. */
export const messageTypes = {
  delete: 'key.deleted',
  restore: 'key.restored',
  rotate: 'key.rotated',
  enable: 'key.enabled',
  disable: 'key.disabled',
} as const satisfies Record<ToldAct, string>

/** The event that says whether all services did their part. */
export const completions = {
  delete: 'hs-crypto.secrets.ack-delete',
  restore: 'hs-crypto.secrets.ack-restore',
  rotate: 'hs-crypto.secrets.ack-rotate',
  enable: 'hs-crypto.secrets.ack-enable',
  disable: 'hs-crypto.secrets.ack-disable',
} as const satisfies Record<ToldAct, string>

/** States a service reports of the data keys that the key protects. */
export const adopterStates = ['DEK_ENABLED', 'DEK_DISABLED', 'DEK_DELETED'] as const

export type AdopterState = (typeof adopterStates)[number]

/** Data keys may be used while the key is active, and are erased when it is destroyed. */
export function adopterStateFor(state: KeyState): AdopterState {
  if (state === 5) return 'DEK_DELETED'
  return state === 1 ? 'DEK_ENABLED' : 'DEK_DISABLED'
}
