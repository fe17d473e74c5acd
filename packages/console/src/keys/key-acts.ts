/** What can be done to a key: what its state allows, and of that, what one's roles permit. */
import type { KeyStateName } from '../api/key-states.ts'
import type { InventoryKey } from '../api/keys-api.ts'

const actNames = [
  'rotate',
  'enable',
  'disable',
  'restore',
  'purge',
  'addAlias',
  'move',
  'setRotation',
  'requireTwo',
  'authorise',
  'approve',
  'withdraw',
  'delete',
] as const
export type ActName = (typeof actNames)[number]

/** What each takes. */
export const permissionOf: Readonly<Record<ActName | 'removeAlias', string>> = {
  rotate: 'keys.rotate',
  enable: 'keys.suspend',
  disable: 'keys.suspend',
  authorise: 'keys.set-for-deletion',
  approve: 'keys.delete',
  withdraw: 'keys.set-for-deletion',
  delete: 'keys.delete',
  restore: 'keys.restore',
  purge: 'keys.purge',
  addAlias: 'aliases.create',
  removeAlias: 'aliases.delete',
  move: 'keys.patch',
  setRotation: 'key-policies',
  requireTwo: 'key-policies',
}

/** These end what the key protects: the name of the key is asked for. */
export const destroys: ReadonlySet<ActName> = new Set(['delete', 'approve', 'purge'])

const aliasesMax = 5

export interface KeyActs {
  readonly possible: readonly ActName[]
  /** What the key's state allows, and one's roles do not. */
  readonly notMine: readonly ActName[]
}

/**
 * @param me id of who is signed in
 * @param now by the server's clock, milliseconds
 */
export function actsOf(key: InventoryKey, me: string, now: number, may: (permission: string) => boolean): KeyActs {
  const allowed = actNames.filter((act) => allows[act](key, me, now))
  return {
    possible: allowed.filter((act) => may(permissionOf[act])),
    notMine: allowed.filter((act) => !may(permissionOf[act])),
  }
}

const isIn =
  (...states: KeyStateName[]) =>
  ({ state }: InventoryKey): boolean =>
    states.includes(state)
const isAlive = isIn('active', 'suspended', 'deactivated')

/** As the service decides it; what else it may refuse, it says in words. */
const allows: Readonly<Record<ActName, (key: InventoryKey, me: string, now: number) => boolean>> = {
  // New material of an imported key comes from where its material came from, and never through a browser.
  rotate: (key) => key.state === 'active' && key.kind === 'root' && !key.imported,
  enable: (key) => key.state === 'suspended' && key.kind === 'root',
  disable: (key) => key.state === 'active' && key.kind === 'root',
  authorise: (key) => isAlive(key) && key.needsTwo && key.deletion === null,
  approve: (key, me) => isAlive(key) && key.deletion !== null && key.deletion.by.id !== me,
  withdraw: (key) => isAlive(key) && key.deletion !== null,
  delete: (key) => isAlive(key) && !key.needsTwo,
  restore: (key, _me, now) => key.restoreUntil !== undefined && Date.parse(key.restoreUntil) > now,
  purge: (key, _me, now) =>
    key.state === 'destroyed' && key.purgeFrom !== undefined && Date.parse(key.purgeFrom) <= now,
  addAlias: (key) => key.state !== 'destroyed' && key.aliases.length < aliasesMax,
  move: (key) => key.state !== 'destroyed',
  setRotation: (key) => isIn('active', 'suspended')(key) && key.kind === 'root' && !key.imported,
  requireTwo: (key) => isAlive(key) && !key.needsTwo,
}
