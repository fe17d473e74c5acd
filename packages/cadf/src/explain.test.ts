/** Explanations: what an event means, what to do, which call tells more. */
import { expect, test } from 'vitest'
import { call, keyId, stamp } from '../test/facts.ts'
import { buildEvent } from './build.ts'
import { type ActionName, catalogue } from './catalogue.ts'
import type { EventFacts } from './event.ts'
import { explain } from './explain.ts'
import { reasonForRefusal, refusalOf } from './reason.ts'

function explained<A extends ActionName>(action: A, code: number, changes: Partial<EventFacts<A>> = {}) {
  const outcome = code < 400 ? 'success' : 'failure'
  return explain(buildEvent(call(action, { outcome, reason: { code }, ...changes }), stamp))
}

test('a success that explains itself has no explanation', () => {
  expect(explained('hs-crypto.secrets.create', 201)).toEqual([])
  expect(explained('hs-crypto.secrets.list', 200, { response: { totalResources: 3 } })).toEqual([])
})

test('the call that tells more names the key', () => {
  expect(explained('hs-crypto.secrets.delete', 409).map(({ call: next }) => next)).toEqual([
    `GET /api/v2/keys/${keyId}/registrations`,
    `GET /api/v2/keys/${keyId}/policies`,
    `GET /api/v2/kmip_adapters?crk_id=${keyId}`,
  ])
})

test('a lifecycle conflict is told apart from a protected key', () => {
  const [only, ...others] = explained('hs-crypto.secrets.delete', 409, {
    response: { reasonForFailure: 'The key is active there.' },
  })
  expect(only?.meaning).toMatch(/^The adopting service/)
  expect(others).toEqual([])
})

test('an explanation of the very refusal drives out those of its status code', () => {
  const reason = { code: 409, forFailure: 'A key of this instance has this alias already. (ALREADY_EXISTS)' }
  const [only, ...others] = explained('hs-crypto.secrets.create', 409, { reason })
  expect(only?.meaning).toMatch(/has the alias already/)
  expect(others).toEqual([])
  expect(explained('hs-crypto.secrets.create', 409).length).toBeGreaterThan(1)
})

test('a master key that keys are wrapped under is explained as that, not as a command that is not valid', () => {
  const reason = { code: 400, forFailure: reasonForRefusal('Keys are wrapped under it.', 'MASTER_KEY_IN_USE') }
  const [only, ...others] = explained('hs-crypto.tke-cryptounit-master-key-register.activate', 400, { reason })
  expect(only?.remedy).toMatch(/^Rotate the master key/)
  expect(others).toEqual([])
})

test('a call that no crypto unit can serve says where to look, whatever the action', () => {
  const reason = { code: 503, forFailure: reasonForRefusal('No master key is active.', 'UNIT_UNAVAILABLE') }
  for (const action of ['hs-crypto.secrets.create', 'hs-crypto.tke-cryptounit-admin.add'] as const) {
    expect(explained(action, 503, { reason })[0]?.call).toBe('keywitness tke cryptounits')
  }
})

test('the code of a refusal is read at the end of its reason only', () => {
  expect(refusalOf({ reasonForFailure: reasonForRefusal('It is so.', 'CONFLICT') })).toBe('CONFLICT')
  expect(refusalOf({ reasonForFailure: 'There are not enough signatures (208/21).' })).toBeUndefined()
  expect(refusalOf({ reasonForFailure: '(CONFLICT) it is' })).toBeUndefined()
  expect(refusalOf({})).toBeUndefined()
})

test('an empty list is explained though it is a success', () => {
  expect(explained('hs-crypto.secrets.list', 200, { response: { totalResources: 0 } })).toEqual([
    expect.objectContaining({ call: 'GET /api/v2/keys?state=5' }),
  ])
})

test('what the action says goes before what the code says of any action', () => {
  expect(explained('hs-crypto.secrets.unwrap', 400)[0]?.meaning).toMatch(/only root keys/)
  expect(explained('hs-crypto.key-rings.create', 400)[0]?.call).toBe('GET /api/v2/key_rings')
  expect(explained('hs-crypto.secrets.list', 400)[0]?.meaning).toMatch(/not well formed/)
})

test.each([400, 401, 403, 404, 408, 409, 410, 412, 413, 422, 429, 500, 502, 503, 504, 507])(
  'a failure with %i is explained, whatever the action',
  (code) => {
    const silent = catalogue.all().filter(({ action, retired }) => {
      return retired !== true && explained(action as ActionName, code).length === 0
    })
    expect(silent.map(({ action }) => action)).toEqual([])
  },
)

test('without an id in the target the call keeps its placeholder', () => {
  const event = buildEvent(call('hs-crypto.secrets.delete', { outcome: 'failure', reason: { code: 409 } }), stamp)
  const [first] = explain({ ...event, target: { ...event.target, id: event.logSourceCRN } })
  expect(first?.call).toBe('GET /api/v2/keys/{id}/registrations')
})

test('an action that the catalogue does not know is explained by its code', () => {
  const event = buildEvent(call('hs-crypto.secrets.list', { outcome: 'failure', reason: { code: 429 } }), stamp)
  expect(explain({ ...event, action: 'is.vpc.vpc.create' })[0]?.meaning).toMatch(/too many requests/)
})
