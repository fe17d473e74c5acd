/** The committed new master key takes the current one's place; what stored keys suffer from when nothing was re-wrapped. */
import type { Danger } from './consent.ts'
import type { Step } from './each-unit.ts'
import type { Signer } from './signers.ts'
import type { UnitState } from './unit-state.ts'

/** What becomes of stored keys when another master key takes the current one's place. */
export const unusable: Danger = {
  name: 'keys-become-unusable',
  words:
    'what is stored under the current master key can be used no more until that master key comes back, from its parts or from a recovery unit that still has it',
}

/** New becomes current; nothing where that has happened. */
export async function activate(state: UnitState, signers: readonly Signer[]): Promise<Step> {
  const { unit, newRegister, currentRegister } = state
  if (newRegister.status === 'Empty') return { isAlready: true, note: currentRegister.pattern }
  await unit.command('ACTIVATE', Buffer.from(newRegister.pattern, 'hex'), signers)
  return { note: newRegister.pattern }
}
