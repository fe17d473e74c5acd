/** Requests that do not say what is wanted are invalid requests of their family; any other fault is a failed operation. */
import { expect, test } from 'vitest'
import { openHouse } from './keys/testing/house.ts'
import { addKey } from './keys/testing/wishes.ts'
import { kmipManagementRoutes } from './kmip/management/routes.ts'
import { kmipParts } from './kmip/management/testing/adapters.ts'
import { envelope, newKey, openListeners, policy } from './policies/testing/listeners.ts'
import { registrationStore } from './registrations/registration-row.ts'
import { registrationRoutes } from './registrations/routes.ts'

async function open() {
  const house = openHouse()
  const registrations = registrationStore(house.store)
  const routes = [...kmipManagementRoutes(kmipParts(house)), ...registrationRoutes({ ...house.parts, registrations })]
  const { ask } = openListeners(house, undefined, routes)
  const { id } = await addKey(house)
  return { house, ask, id }
}

const crn = encodeURIComponent('crn:v1:a:public:b:c:a/d:e:bucket:f')
const twoKinds = { rotation: { enabled: true, interval_month: 1 }, dualAuthDelete: { enabled: true } }
const nameless = { metadata: { collectionType: 'x', collectionTotal: 1 }, resources: [{ extractable: false }] }

const invalid: readonly (readonly [string, 'POST' | 'PUT' | 'PATCH', string, object | string | undefined, string])[] = [
  ['a key in a broken body', 'POST', '/keys', '{"metadata"', 'secrets.default'],
  ['a key without a body', 'POST', '/keys', undefined, 'secrets.default'],
  ['two keys', 'POST', '/keys', { ...nameless, resources: [{}, {}] }, 'secrets.default'],
  ['a nameless key', 'POST', '/keys', nameless, 'secrets.default'],
  ['a key with an empty name', 'POST', '/keys', newKey({ name: '' }), 'secrets.default'],
  ['a nameless key with policies', 'POST', '/keys_with_policy_overrides', nameless, 'secrets.default'],
  ['a body over the bound', 'POST', '/keys', ' '.repeat(1_100_000), 'secrets.default'],
  ['an alias that cannot be one', 'POST', '/keys/ID/aliases/a', undefined, 'secrets-alias.request'],
  ['a ring that cannot be one', 'POST', '/key_rings/a', undefined, 'key-rings.request'],
  ['key policies in a broken body', 'PUT', '/keys/ID/policies', '[', 'policies.default'],
  ['no key policy', 'PUT', '/keys/ID/policies', envelope(), 'policies.default'],
  ['a key policy of no kind', 'PUT', '/keys/ID/policies', envelope({}), 'policies.default'],
  ['a key policy of two kinds', 'PUT', '/keys/ID/policies', envelope(twoKinds), 'policies.default'],
  ['a kind that keys do not have', 'PUT', '/keys/ID/policies?policy=metrics', envelope({}), 'policies.default'],
  ['instance policies in a broken body', 'PUT', '/instance/policies', '{', 'instance-policies.request'],
  ['an unknown policy', 'PUT', '/instance/policies', envelope(policy('bogus', true)), 'instance-policies.request'],
  ['a policy without type', 'PUT', '/instance/policies', envelope({}), 'instance-policies.request'],
  ['an import token in a broken body', 'POST', '/import_token', '{', 'import-token.request'],
  ['an import token from a list', 'POST', '/import_token', '[]', 'import-token.request'],
  ['a registration in a broken body', 'POST', `/keys/ID/registrations/${crn}`, '{', 'registrations.default'],
  ['a registration of nothing', 'PUT', '/keys/ID/registrations/nothing', {}, 'registrations.default'],
  ['a change of no registration', 'PATCH', `/keys/ID/registrations/${crn}`, {}, 'registrations.default'],
  ['an adapter in a broken body', 'POST', '/kmip_adapters', '{', 'kmip-management.default'],
  ['a certificate in no envelope', 'POST', '/kmip_adapters/a/certificates', {}, 'kmip-management.default'],
]

test.each(invalid)('%s is an invalid request', async (_what, method, path, body, action) => {
  const { house, ask, id } = await open()
  const answer = await ask(method, path.replace('ID', id), body === undefined ? {} : { body })
  expect([400, 413]).toContain(answer.status)
  expect(house.lastEvent()).toMatchObject({
    action: `hs-crypto.${action}`,
    outcome: 'failure',
    reason: { reasonCode: answer.status },
  })
})

test.each([
  ['a key with a bad tag', 'POST', '/keys', newKey({ tags: [':'] }), 'secrets.create'],
  ['a key with a name too long', 'POST', '/keys', newKey({ name: 'a'.repeat(91) }), 'secrets.create'],
  ['a bad interval', 'PUT', '/keys/ID/policies', envelope({ rotation: { interval_month: 13 } }), 'policies.write'],
  [
    'a policy without data',
    'PUT',
    '/instance/policies',
    envelope({ policy_type: 'metrics' }),
    'instance-policies.write',
  ],
  ['a token for too long', 'POST', '/import_token', { expiration: 1 }, 'import-token.create'],
  ['a wrap in a broken body', 'POST', '/keys/ID/actions/wrap', '{', 'secrets.wrap'],
  ['a wrap in a broken body, by the older form', 'POST', '/keys/ID?action=wrap', '{', 'secrets.wrap'],
  ['a patch in a broken body', 'PATCH', '/keys/ID', '{', 'secrets.patch'],
] as const)('%s is a failure of its operation', async (_what, method, path, body, action) => {
  const { house, ask, id } = await open()
  expect((await ask(method, path.replace('ID', id), { body })).status).toBe(400)
  expect(house.lastEvent()).toMatchObject({ action: `hs-crypto.${action}`, outcome: 'failure' })
})

test('an invalid request names the key that its path names, and its ring', async () => {
  const { house, ask, id } = await open()
  await ask('PUT', `/keys/${id}/policies`, { body: '{', headers: { 'x-kms-key-ring': 'default' } })
  expect(house.lastEvent()).toMatchObject({
    action: 'hs-crypto.policies.default',
    target: { name: 'billing', typeURI: 'hs-crypto/policies' },
    requestData: { keyType: 'root', keyRingId: 'default' },
  })
})

test('a missing role outranks whatever is wrong with the request, under the action it was aimed at', async () => {
  const { house, ask } = await open()
  const answer = await ask('POST', '/keys', { caller: house.caller(['Reader']), body: '{' })
  expect(answer.status).toBe(401)
  expect(house.lastEvent()).toMatchObject({ action: 'hs-crypto.secrets.create', severity: 'critical' })
})
