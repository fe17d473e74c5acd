/** The table of roles, cell by cell, and where a role reaches. */
import { expect, test } from 'vitest'
import type { Caller } from '../caller.ts'
import { Refusal } from '../errors.ts'
import type { Instance } from '../instances/instance.ts'
import {
  accountPermissions,
  instancePermissions,
  instanceRoles,
  type keystorePermissions,
  type Role,
  trackerPermissions,
  trackerRoles,
} from './permissions.ts'
import type { RoleGrant } from './role-grants.ts'
import { type Access, createAccess } from './roles.ts'

const account = 'a'.repeat(32)
const caller: Caller = { id: 'KWid-1', name: 'Ana', kind: 'user', account, credential: 'token', isPrivate: false }
const instance: Instance = {
  guid: '11111111-1111-4111-8111-111111111111',
  name: 'one',
  account,
  location: 'us-south',
  resourceGroup: account,
  crn: `crn:v1:keywitness:public:hs-crypto:us-south:a/${account}:11111111-1111-4111-8111-111111111111::`,
  createdAt: 0,
}

function accessWith(...given: Partial<RoleGrant>[]): Access {
  const grants = given.map((grant): RoleGrant => ({
    id: 'x',
    account,
    identity: caller.id,
    role: 'Reader',
    scope: 'instance',
    scopeId: grant.scope === 'account' ? '' : instance.guid,
    keyRing: '',
    resourceType: '',
    resource: '',
    createdAt: 0,
    createdBy: '',
    ...grant,
  }))
  return createAccess({
    inForce: (ofAccount, identity) => (ofAccount === account && identity === caller.id ? grants : []),
  })
}

function allowed(question: () => void): boolean {
  try {
    question()
    return true
  } catch (error) {
    if (error instanceof Refusal && error.code === 'UNAUTHORIZED_ERR') return false
    throw error
  }
}

/** Reference: kms-rest-api.md section 9, grep11.md section 14.5, typed in again. R ReaderPlus W M, then the other roles. */
const table: Record<keyof typeof instancePermissions, readonly Role[]> = {
  'keys.create': ['Writer', 'Manager'],
  'keys.create-with-overrides': ['Manager'],
  'keys.read': ['ReaderPlus', 'Writer', 'Manager'],
  'keys.metadata': ['Reader', 'ReaderPlus', 'Writer', 'Manager'],
  'keys.list': ['Reader', 'ReaderPlus', 'Writer', 'Manager', 'KmipAdapterManager'],
  'keys.versions': ['Reader', 'ReaderPlus', 'Writer', 'Manager'],
  'keys.use': ['Reader', 'ReaderPlus', 'Writer', 'Manager'],
  'keys.rotate': ['Writer', 'Manager'],
  'keys.patch': ['Manager'],
  'keys.suspend': ['Manager'],
  'keys.set-for-deletion': ['Writer', 'Manager'],
  'keys.delete': ['Manager'],
  'keys.restore': ['Manager'],
  'keys.purge': ['KeyPurge'],
  'keys.sync': ['Writer', 'Manager'],
  'key-policies': ['Manager'],
  'instance-policies': ['Manager'],
  'allowed-ip-port': ['Manager'],
  'import-token': ['Writer', 'Manager'],
  'registrations.list': ['Reader', 'ReaderPlus', 'Writer', 'Manager'],
  'registrations.change': ['Reader', 'ReaderPlus', 'Writer', 'Manager'],
  'key-rings.create': ['Writer', 'Manager'],
  'key-rings.list': ['Reader', 'ReaderPlus', 'Writer', 'Manager', 'KmipAdapterManager'],
  'key-rings.delete': ['Manager'],
  'aliases.create': ['Writer', 'Manager'],
  'aliases.delete': ['Manager'],
  'kmip-management': ['Manager', 'KmipAdapterManager'],
  'certificates.administer': ['CertificateAdministrator'],
  'units.administer': ['Manager', 'CryptoUnitAdministrator'],
  'ep11.use': ['Reader', 'ReaderPlus', 'Writer', 'Manager', 'CryptoOperator'],
  'crypto.getmechanismlist': ['Reader', 'ReaderPlus', 'Writer', 'Manager', 'CryptoOperator'],
  'crypto.getmechanisminfo': ['Reader', 'ReaderPlus', 'Writer', 'Manager', 'CryptoOperator'],
  'crypto.generaterandom': ['Reader', 'ReaderPlus', 'Writer', 'Manager', 'CryptoOperator'],
  'crypto.digest': ['Reader', 'ReaderPlus', 'Writer', 'Manager', 'CryptoOperator'],
  'crypto.digestkey': ['Reader', 'ReaderPlus', 'Writer', 'Manager', 'CryptoOperator'],
  'crypto.encrypt': ['Reader', 'ReaderPlus', 'Writer', 'Manager', 'CryptoOperator'],
  'crypto.decrypt': ['Reader', 'ReaderPlus', 'Writer', 'Manager', 'CryptoOperator'],
  'crypto.sign': ['Reader', 'ReaderPlus', 'Writer', 'Manager', 'CryptoOperator'],
  'crypto.verify': ['Reader', 'ReaderPlus', 'Writer', 'Manager', 'CryptoOperator'],
  'crypto.wrapkey': ['Reader', 'ReaderPlus', 'Writer', 'Manager', 'CryptoOperator'],
  'crypto.unwrapkey': ['Reader', 'ReaderPlus', 'Writer', 'Manager', 'CryptoOperator'],
  'crypto.rewrapkeyblob': ['Reader', 'ReaderPlus', 'Writer', 'Manager', 'CryptoOperator'],
  'crypto.getattributevalue': ['Reader', 'ReaderPlus', 'Writer', 'Manager', 'CryptoOperator'],
  'crypto.setattributevalue': ['Reader', 'ReaderPlus', 'Writer', 'Manager', 'CryptoOperator'],
  'crypto.generatekey': ['Writer', 'Manager', 'CryptoOperator'],
  'crypto.generatekeypair': ['Writer', 'Manager', 'CryptoOperator'],
  'crypto.derivekey': ['Writer', 'Manager', 'CryptoOperator'],
  'instance.read': instanceRoles,
}

test.each(Object.keys(table) as (keyof typeof table)[])(
  '%s is permitted to exactly the roles of the table',
  (permission) => {
    const permitted = [...instanceRoles, ...trackerRoles].filter((role) =>
      allowed(() => accessWith({ role }).requireInstance(caller, instance, permission)),
    )
    expect(permitted.toSorted()).toEqual([...table[permission]].toSorted())
  },
)

/** Reference: grep11.md section 14.5, typed in again: the table of roles, and the operators of PKCS #11. */
const keystoreTable: Record<keyof typeof keystorePermissions, readonly Role[]> = {
  'keystores.create': ['Manager', 'KeystoreOperator'],
  'keystores.delete': ['Manager', 'KeystoreOperator'],
  'keystores.list-by-ids': ['Manager', 'KeystoreOperator', 'KeyOperator'],
  'keystores.list-by-attributes': ['Manager', 'KeystoreOperator'],
  'keystore-keys.list': ['Reader', 'ReaderPlus', 'Writer', 'Manager', 'KeyOperator'],
  'keystore-keys.update': ['Reader', 'ReaderPlus', 'Writer', 'Manager', 'KeyOperator'],
  'keystore-keys.store': ['Writer', 'Manager', 'KeyOperator'],
  'keystore-keys.delete': ['Manager', 'KeyOperator'],
}

test.each(Object.keys(keystoreTable) as (keyof typeof keystoreTable)[])(
  '%s is permitted to exactly the roles of the table',
  (permission) => {
    const permitted = [...instanceRoles, ...trackerRoles].filter((role) =>
      allowed(() => accessWith({ role }).requireKeystore(caller, instance, permission, undefined)),
    )
    expect(permitted.toSorted()).toEqual([...keystoreTable[permission]].toSorted())
  },
)

test('a role on one keystore or key counts for that alone, while it is public, and for nothing else of the instance', () => {
  const [id, other] = ['44444444-4444-4444-8444-444444444444', '55555555-5555-4555-8555-555555555555']
  const onStore = accessWith({ role: 'Manager', resourceType: 'keystore', resource: id })
  const reaches = (access: Access, place?: { id: string; isPublic: boolean; key?: string }): boolean =>
    allowed(() => access.requireKeystore(caller, instance, 'keystore-keys.list', place))
  expect(reaches(onStore, { id, isPublic: true })).toBe(true)
  expect(reaches(onStore, { id, isPublic: true, key: other })).toBe(true)
  expect(reaches(onStore, { id, isPublic: false })).toBe(false)
  expect(reaches(onStore, { id: other, isPublic: true, key: id })).toBe(false)
  expect(reaches(onStore)).toBe(false)
  const onKey = accessWith({ role: 'Manager', resourceType: 'key', resource: id })
  expect(reaches(onKey, { id: other, isPublic: true, key: id })).toBe(true)
  expect(reaches(onKey, { id: other, isPublic: true })).toBe(false)
  expect(reaches(onKey, { id: other, isPublic: false, key: id })).toBe(false)
  for (const access of [onStore, onKey]) {
    for (const permission of Object.keys(instancePermissions) as (keyof typeof instancePermissions)[]) {
      expect(allowed(() => access.requireInstance(caller, instance, permission))).toBe(false)
    }
    expect(allowed(() => access.rings(caller, instance, 'keys.list'))).toBe(false)
    expect(access.maySeeInstance(caller, instance)).toBe(true)
  }
  expect(onStore.keystores(caller, instance, 'keystore-keys.list')).toEqual({
    keystores: new Set([id]),
    keys: new Set(),
  })
})

test('a role on a key ring says nothing of keystores, and one in another account neither', () => {
  const onRing = accessWith({ role: 'Manager', keyRing: 'payments' })
  expect(allowed(() => onRing.keystores(caller, instance, 'keystore-keys.list'))).toBe(false)
  const foreign = { ...instance, account: 'b'.repeat(32) }
  const everywhere = accessWith({ role: 'Manager', scope: 'account' })
  expect(everywhere.keystores(caller, instance, 'keystore-keys.list')).toBe('all')
  expect(allowed(() => everywhere.requireKeystore(caller, foreign, 'keystores.create', undefined))).toBe(false)
})

test('without a role nothing is permitted', () => {
  const access = accessWith()
  for (const permission of Object.keys(instancePermissions) as (keyof typeof instancePermissions)[]) {
    expect(allowed(() => access.requireInstance(caller, instance, permission))).toBe(false)
    expect(allowed(() => access.rings(caller, instance, permission))).toBe(false)
  }
  for (const permission of Object.keys(trackerPermissions) as (keyof typeof trackerPermissions)[]) {
    expect(allowed(() => access.requireTracker(caller, 'us-south', permission))).toBe(false)
  }
  for (const permission of Object.keys(accountPermissions) as (keyof typeof accountPermissions)[]) {
    expect(allowed(() => access.requireAccount(caller, permission))).toBe(false)
  }
})

test('a role on a key ring reaches that ring only', () => {
  const access = accessWith({ role: 'Writer', keyRing: 'payments' })
  expect(allowed(() => access.requireInstance(caller, instance, 'keys.create', 'payments'))).toBe(true)
  expect(allowed(() => access.requireInstance(caller, instance, 'keys.create', 'default'))).toBe(false)
  expect(allowed(() => access.requireInstance(caller, instance, 'keys.create'))).toBe(false)
  expect(access.rings(caller, instance, 'keys.list')).toEqual(new Set(['payments']))
  expect(access.maySeeInstance(caller, instance)).toBe(true)
})

test('roles on several rings add up, one on the instance covers them all', () => {
  const rings = [{ keyRing: 'a' }, { keyRing: 'b' }]
  expect(accessWith(...rings).rings(caller, instance, 'keys.list')).toEqual(new Set(['a', 'b']))
  expect(accessWith(...rings, {}).rings(caller, instance, 'keys.list')).toBe('all')
})

test('a role on another instance or on the instance of another account reaches nothing', () => {
  const elsewhere = accessWith({ role: 'Manager', scopeId: '22222222-2222-4222-8222-222222222222' })
  expect(allowed(() => elsewhere.requireInstance(caller, instance, 'keys.list'))).toBe(false)
  const everywhere = accessWith({ role: 'Manager', scope: 'account' })
  expect(allowed(() => everywhere.requireInstance(caller, instance, 'keys.list'))).toBe(true)
  const foreign = { ...instance, account: 'b'.repeat(32) }
  expect(allowed(() => everywhere.requireInstance(caller, foreign, 'keys.list'))).toBe(false)
  const named = accessWith({ role: 'Manager', scopeId: foreign.guid })
  expect(allowed(() => named.requireInstance(caller, foreign, 'keys.list'))).toBe(false)
})

test.each([
  ['Auditor', [true, false, false]],
  ['Officer', [true, true, false]],
  ['Administrator', [true, true, true]],
  ['Manager', [false, false, false]],
] as const)('%s on a tracker may read, watch, administer: %j', (role, expected) => {
  const access = accessWith({ role, scope: 'tracker', scopeId: 'us-south' })
  const permissions = ['trail.read', 'trail.watch', 'trail.administer'] as const
  expect(permissions.map((p) => allowed(() => access.requireTracker(caller, 'us-south', p)))).toEqual(expected)
  expect(permissions.map((p) => allowed(() => access.requireTracker(caller, 'eu-de', p)))).toEqual([
    false,
    false,
    false,
  ])
  expect(access.mayReadTracker(caller, 'us-south')).toBe(expected[0])
})

test('an administrator of a tracker or an instance administers no account', () => {
  const tracker = accessWith({ role: 'Administrator', scope: 'tracker', scopeId: 'us-south' })
  const inInstance = accessWith({ role: 'Administrator' })
  const real = accessWith({ role: 'Administrator', scope: 'account' })
  for (const [access, expected] of [
    [tracker, false],
    [inInstance, false],
    [real, true],
  ] as const) {
    expect(allowed(() => access.requireAccount(caller, 'identities.change'))).toBe(expected)
  }
})

test('an administrator of the account sees its instances but uses no key in them', () => {
  const access = accessWith({ role: 'Administrator', scope: 'account' })
  expect(access.maySeeInstance(caller, instance)).toBe(true)
  expect(allowed(() => access.requireInstance(caller, instance, 'keys.use'))).toBe(false)
})
