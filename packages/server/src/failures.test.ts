/** Failure analysis: whatever the server refuses, its event says what to do. */
import { readFileSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { type ActionName, buildEvent, catalogue, explain } from '@keywitness/cadf'
import { expect, test } from 'vitest'
import { errors } from './errors.ts'

/** Actions that stand in the server's code. */
function emittedActions(): ActionName[] {
  const files = globSync('**/*.ts', { cwd: import.meta.dirname }).filter((file) => !/\.test\.ts$|testing\//.test(file))
  const named = files.flatMap((file) => [
    ...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(/'((?:[a-z]+-)+[a-z]+(?:\.[a-z0-9-]+){2})'/g),
  ])
  return [...new Set(named.map(([, action]) => action as ActionName))].filter(
    (action) => catalogue.entry(action) !== undefined,
  )
}

const statuses = [...new Set(Object.values(errors).map(({ status }) => status))]

const typeURI = 'service/security/account/serviceid'

function explained(action: ActionName, code: number) {
  const crn = 'crn:v1:keywitness:public:hs-crypto:us-south:a/0123456789abcdef0123456789abcdef:guid:key:id'
  const facts = {
    action,
    outcome: 'failure',
    reason: { code, forFailure: 'It was refused.' },
    initiator: { id: 'iam-ServiceId-1', name: 'nightly', typeURI, credential: { type: 'token' }, host: {} },
    target: { id: crn, name: 'billing' },
    logSourceCRN: crn,
  } as unknown as Parameters<typeof buildEvent>[0]
  return explain(buildEvent(facts, { id: '01890000-0000-7000-8000-000000000000', time: 0, serviceName: 'Keywitness' }))
}

test('every refusal of every action has an explanation that says what to do', () => {
  const actions = emittedActions()
  expect(actions.length).toBeGreaterThan(60)
  const silent = actions.flatMap((action) =>
    statuses.filter((status) => explained(action, status).length === 0).map((status) => `${action} ${status}`),
  )
  expect(silent).toEqual([])
})

test('what a caller can look into names the call to make, for every action of the key API', () => {
  const families = ['key', 'key-ring', 'policy', 'import-token', 'registration', 'kmip-management']
  const actions = emittedActions().filter((action) => families.includes(catalogue.entry(action)?.family ?? ''))
  const silent = actions.flatMap((action) =>
    [401, 404, 409]
      .filter((status) => explained(action, status).every(({ call }) => call === undefined))
      .map((status) => `${action} ${status}`),
  )
  expect(silent).toEqual([])
})
