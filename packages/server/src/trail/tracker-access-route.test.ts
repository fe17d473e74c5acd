/** Who may see and change the audit: everybody whose roles reach the tracker, nobody else, and whoever could make it so. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { serviceCrn } from '../iam/names.ts'
import { readTrackerAccess } from '../iam/tracker-access.ts'
import { type HttpHouse, openHttpHouse } from '../testing/http-house.ts'
import { addTrackerAccessRoute } from './tracker-access-route.ts'

const location = 'us-south'
const url = `/v1/trackers/${location}/access`

let house: HttpHouse
beforeEach(async () => {
  house = await openHttpHouse({
    extend: (app, { door, access }) =>
      addTrackerAccessRoute(app, {
        door,
        trackerAccess: {
          holders: (...asked) => readTrackerAccess(house.store).holders(...asked),
        },
        trackerOf: ({ caller }) => {
          access.requireTracker(caller, location, 'trail.read')
          return { account: caller.account, location }
        },
        place: () => undefined,
        target: ({ caller }) => ({ id: serviceCrn('keywitness', location, caller.account), name: location }),
      }),
  })
})
afterEach(() => house.close())

interface Holder {
  readonly identity: { readonly id: string; readonly name: string; readonly state: string }
  readonly can: readonly string[]
  readonly administersAccount: boolean
  readonly roles: readonly object[]
}

const post = async (path: string, payload: object): Promise<{ id: string; apikey: string }> =>
  (await house.as(house.operator.apiKey, { method: 'POST', url: path, payload })).json()

async function addService(name: string, ...roles: [role: string, scope: object][]): Promise<string> {
  const { id } = await post('/v1/iam/service-ids', { name })
  for (const [role, scope] of roles) await post('/v1/iam/roles', { identity: id, role, scope })
  return id
}

const list = async (query = '', apiKey = house.operator.apiKey) => {
  const answer = await house.as(apiKey, { method: 'GET', url: `${url}${query}` })
  return { status: answer.statusCode, json: answer.json<{ access: Holder[]; next: string | null }>() }
}

test('each holder is told with what it can, through which role, granted when and by whom', async () => {
  const here = { kind: 'tracker', id: location }
  const both = await addService('both', ['Auditor', here], ['Officer', { kind: 'account' }])
  const sender = await addService('sender', ['Producer', here])
  await addService('keys only', ['Manager', { kind: 'account' }])
  await addService('nothing')
  const disabled = await addService('disabled', ['Administrator', here])
  await house.as(house.operator.apiKey, {
    method: 'PATCH',
    url: `/v1/iam/service-ids/${disabled}`,
    payload: { state: 'disabled' },
  })
  const { status, json } = await list()
  const found = new Map(json.access.map((holder) => [holder.identity.name, holder]))
  expect([status, json.next, [...found.keys()].toSorted()]).toEqual([
    200,
    null,
    ['both', 'disabled', 'owner', 'sender'],
  ])
  const by = { id: house.operator.owner, name: 'owner' }
  const granted = {
    id: expect.any(String) as string,
    grantedAt: new Date(house.clock.time).toISOString(),
    grantedBy: by,
  }
  expect(found.get('both')).toEqual({
    identity: { id: both, kind: 'serviceId', name: 'both', state: 'active' },
    can: ['trail.read', 'trail.watch'],
    administersAccount: false,
    // Granted in the same millisecond: which one comes first is nobody's promise.
    roles: expect.arrayContaining([
      { ...granted, role: 'Auditor', scope: here, can: ['trail.read'] },
      { ...granted, role: 'Officer', scope: { kind: 'account' }, can: ['trail.read', 'trail.watch'] },
    ]) as unknown,
  })
  expect(found.get('both')?.roles).toHaveLength(2)
  expect(found.get('sender')).toMatchObject({ identity: { id: sender }, can: ['trail.deliver'] })
  expect(found.get('owner')).toMatchObject({
    can: ['trail.administer', 'trail.read', 'trail.watch'],
    administersAccount: true,
  })
  expect(found.get('disabled')).toMatchObject({
    identity: { state: 'disabled' },
    can: [],
    roles: [{ role: 'Administrator', can: ['trail.read', 'trail.watch', 'trail.administer'] }],
  })
  expect(house.lastEvent()).toMatchObject({
    action: 'activity-tracker.access.list',
    outcome: 'success',
    severity: 'normal',
    responseData: { totalResources: 4 },
  })
})

test('a role on another tracker, and another account’s identities, reach nothing here', async () => {
  const id = await addService('elsewhere', ['Auditor', { kind: 'tracker', id: location }])
  house.store.run("UPDATE role_grants SET scope_id = 'eu-de' WHERE identity = ?", [id])
  expect((await list()).json.access.map(({ identity }) => identity.id)).toEqual([house.operator.owner])
})

test('pages hold each holder once', async () => {
  for (const name of ['one', 'two', 'three', 'four']) await addService(name, ['Auditor', { kind: 'account' }])
  const found: string[] = []
  for (let after: string | null = ''; after !== null;) {
    const { json } = await list(`?limit=2&after=${after}`)
    found.push(...json.access.map(({ identity }) => identity.name))
    after = json.next
  }
  expect(found.toSorted()).toEqual(['four', 'one', 'owner', 'three', 'two'])
  expect((await list('?limit=0')).status).toBe(400)
})

test('an auditor may ask, and who may not read the trail is refused and recorded', async () => {
  const [auditor, manager] = [
    await addService('auditor', ['Auditor', { kind: 'tracker', id: location }]),
    await addService('manager', ['Manager', { kind: 'account' }]),
  ]
  const keyOf = async (identity: string) => (await post('/v1/iam/api-keys', { identity, name: 'k' })).apikey
  expect((await list('', await keyOf(auditor))).status).toBe(200)
  expect((await list('', await keyOf(manager))).status).toBe(401)
  expect(house.lastEvent()).toMatchObject({
    action: 'activity-tracker.access.list',
    outcome: 'failure',
    severity: 'critical',
    initiator: { id: manager },
  })
})
