/** Rights as they are told are those that are decided by: for every role, at every place it can be granted on. */
import { expect, test } from 'vitest'
import type { Caller } from '../caller.ts'
import { Refusal } from '../errors.ts'
import type { Instance } from '../instances/instance.ts'
import {
  type AccountPermission,
  accountPermissions,
  type InstancePermission,
  instancePermissions,
  instanceRoles,
  type KeystorePermission,
  keystorePermissions,
  type Role,
  type TrackerPermission,
  trackerPermissions,
  trackerRoles,
} from './permissions.ts'
import { type Permission, rightsOf } from './rights.ts'
import type { RoleGrant } from './role-grants.ts'
import { createAccess } from './roles.ts'

const account = 'a'.repeat(32)
const guid = '11111111-1111-4111-8111-111111111111'
const keystore = '44444444-4444-4444-8444-444444444444'
const caller: Caller = { id: 'KWid-1', name: 'Ana', kind: 'user', account, credential: 'token', isPrivate: false }
const instance: Instance = {
  guid,
  name: 'one',
  account,
  location: 'us-south',
  resourceGroup: account,
  crn: `crn:v1:keywitness:public:hs-crypto:us-south:a/${account}:${guid}::`,
  createdAt: 0,
}

function grantOf(role: Role, place: Partial<RoleGrant>): RoleGrant {
  const nowhere = { scope: 'account', scopeId: '', keyRing: '', resourceType: '', resource: '' } as const
  return { id: 'x', account, identity: caller.id, role, ...nowhere, createdAt: 0, createdBy: '', ...place }
}

function isAllowed(question: () => void): boolean {
  try {
    question()
    return true
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}

/** What the decisions say, asked one by one. */
function decided(grant: RoleGrant): Permission[] {
  const access = createAccess({ inForce: () => [grant] })
  const namesOf = <Name extends string>(table: Readonly<Record<Name, unknown>>) => Object.keys(table) as Name[]
  const onInstance = namesOf<InstancePermission>(instancePermissions).filter((name) =>
    isAllowed(() => access.rings(caller, instance, name)),
  )
  const onKeystores = namesOf<KeystorePermission>(keystorePermissions).filter((name) =>
    isAllowed(() => access.keystores(caller, instance, name)),
  )
  const onTracker = namesOf<TrackerPermission>(trackerPermissions).filter((name) =>
    isAllowed(() => access.requireTracker(caller, 'us-south', name)),
  )
  const onAccount = namesOf<AccountPermission>(accountPermissions).filter((name) => access.mayOnAccount(caller, name))
  return [...onInstance, ...onKeystores, ...onTracker, ...onAccount].toSorted()
}

const places: [string, Partial<RoleGrant>][] = [
  ['the account', {}],
  ['an instance', { scope: 'instance', scopeId: guid }],
  ['a key ring', { scope: 'instance', scopeId: guid, keyRing: 'payments' }],
  ['an EP11 keystore', { scope: 'instance', scopeId: guid, resourceType: 'keystore', resource: keystore }],
  ['an EP11 key', { scope: 'instance', scopeId: guid, resourceType: 'key', resource: keystore }],
  ['a tracker', { scope: 'tracker', scopeId: 'us-south' }],
]

test.each(places)('on %s each role is told with exactly what is decided by it', (_name, place) => {
  // Instance roles are never granted on a tracker, nor roles of trackers on an instance.
  const roles =
    place.scope === 'tracker'
      ? trackerRoles
      : place.scope === 'instance'
        ? instanceRoles
        : [...instanceRoles, ...trackerRoles]
  for (const role of roles) {
    const grant = grantOf(role, place)
    const [right, ...others] = rightsOf([grant])
    expect(others).toEqual([])
    expect(right?.roles).toEqual([role])
    expect(right?.can, role).toEqual(decided(grant))
  }
})

test('roles at one place are told together, each place once, the account first', () => {
  const rights = rightsOf([
    grantOf('Auditor', { scope: 'tracker', scopeId: 'us-south' }),
    grantOf('Writer', { scope: 'instance', scopeId: guid, keyRing: 'payments' }),
    grantOf('Officer', {}),
    grantOf('Reader', { scope: 'instance', scopeId: guid, keyRing: 'payments' }),
  ])
  expect(rights.map(({ scope, roles }) => [scope, roles])).toEqual([
    [{ kind: 'account' }, ['Officer']],
    [{ kind: 'instance', id: guid, keyRing: 'payments' }, ['Reader', 'Writer']],
    [{ kind: 'tracker', id: 'us-south' }, ['Auditor']],
  ])
  expect(rights[0]?.can).toEqual(['trail.read', 'trail.watch'])
  expect(rightsOf([])).toEqual([])
})
