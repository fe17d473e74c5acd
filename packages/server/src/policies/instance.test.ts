/** Instance policies over HTTP: what may be said, how it reads back, and what their events tell. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { factsOf, openHouse } from '../keys/testing/house.ts'
import { envelope, openListeners, policy, privatePort } from './testing/listeners.ts'

const url = '/instance/policies'

test('policies are set together and read back as they were set', async () => {
  const house = openHouse()
  const { ask } = openListeners(house)
  expect((await ask('GET', url)).json()).toEqual({
    metadata: { collectionType: 'application/vnd.ibm.kms.policy+json', collectionTotal: 0 },
    resources: [],
  })
  const set = [
    policy('allowedNetwork', true, { allowed_network: 'public-and-private' }),
    policy('dualAuthDelete', true),
    policy('keyCreateImportAccess', true, { create_standard_key: false, enforce_token: true }),
    policy('allowedIP', true, { allowed_ip: ['127.0.0.0/8', '2001:db8::/32'] }),
    policy('metrics', true),
    policy('rotation', true, { interval_month: 3 }),
  ]
  const put = await ask('PUT', url, { body: envelope(...set) })
  expect([put.status, put.body]).toEqual([204, undefined])
  const { caller } = house.call()
  const stamps = {
    createdBy: caller.id,
    creationDate: '2026-03-01T12:00:00.000Z',
    updatedBy: caller.id,
    lastUpdated: '2026-03-01T12:00:00.000Z',
  }
  const access = {
    create_root_key: true,
    create_standard_key: false,
    import_root_key: true,
    import_standard_key: true,
    enforce_token: true,
  }
  const shown = (await ask('GET', url)).json().resources
  expect(shown).toHaveLength(6)
  expect(shown).toEqual(
    expect.arrayContaining([
      { ...policy('allowedNetwork', true, { allowed_network: 'public-and-private' }), ...stamps },
      { ...policy('dualAuthDelete', true), ...stamps },
      { ...policy('keyCreateImportAccess', true, access), ...stamps },
      { ...policy('allowedIP', true, { allowed_ip: ['127.0.0.0/8', '2001:db8::/32'] }), ...stamps },
      { ...policy('metrics', true), ...stamps },
      { ...policy('rotation', true, { interval_month: 3 }), ...stamps },
    ]),
  )
  const one = (await ask('GET', `${url}?policy=metrics`)).json().resources
  expect(one).toEqual([{ ...policy('metrics', true), ...stamps }])
})

test('the event of a change tells before and after under the exact names of the seed', async () => {
  const house = openHouse()
  const { setInstance } = openListeners(house)
  await setInstance(
    policy('allowedNetwork', true, { allowed_network: 'private-only' }),
    policy('dualAuthDelete', true),
    policy('keyCreateImportAccess', true, { import_standard_key: false }),
  )
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: 'hs-crypto.instance-policies.write',
    outcome: 'success',
    severity: 'warning',
    target: { id: house.instance.crn, name: house.instance.name, typeURI: 'hs-crypto/instance-policies' },
    code: 204,
  })
  expect(house.lastEvent().requestData).toEqual({
    requestURI: '/api/v2/instance/policies',
    instanceID: house.instance.guid,
    initialValue: {
      policyAllowedNetworkEnabled: false,
      policyAllowedNetworkAttribute: 'public-and-private',
      policyDualAuthDeleteEnabled: false,
      PolicyKCIAEnabled: false,
      PolicyKCIAAttrCRK: true,
      PolicyKCIAAttrCSK: true,
      PolicyKCIAAttrIRK: true,
      PolicyKCIAAttrISK: true,
      PolicyKCIAAttrET: false,
    },
    newValue: {
      policyAllowedNetworkEnabled: true,
      policyAllowedNetworkAttribute: 'private-only',
      policyDualAuthDeleteEnabled: true,
      PolicyKCIAEnabled: true,
      PolicyKCIAAttrCRK: true,
      PolicyKCIAAttrCSK: true,
      PolicyKCIAAttrIRK: true,
      PolicyKCIAAttrISK: false,
      PolicyKCIAAttrET: false,
    },
  })
  await setInstance(
    policy('keyCreateImportAccess', false, { enforce_token: true }),
    policy('metrics', true),
    policy('rotation', true, { interval_month: 12 }),
    policy('allowedIP', true, { allowed_ip: ['127.0.0.1/32'] }),
  )
  expect(house.lastEvent().requestData).toMatchObject({
    initialValue: {
      PolicyKCIAEnabled: true,
      PolicyKCIAAttrISK: false,
      PolicyKCIAAttrET: false,
      policyMetricsEnabled: false,
      policyRotationEnabled: false,
      policyAllowedIPEnabled: false,
      policyAllowedIPAttribute: [],
    },
    newValue: {
      PolicyKCIAEnabled: false,
      // What a request does not name falls back to its default.
      PolicyKCIAAttrISK: true,
      PolicyKCIAAttrET: true,
      policyMetricsEnabled: true,
      policyRotationEnabled: true,
      policyRotationIntervalMonth: 12,
      policyAllowedIPEnabled: true,
      policyAllowedIPAttribute: ['127.0.0.1/32'],
    },
  })
})

test('of a thousand addresses before and after, those that do not fit stand as a digest, and are attached whole', async () => {
  const house = openHouse()
  const { setInstance, ask } = openListeners(house)
  const blocks = (last: number): string[] =>
    Array.from({ length: 1_000 }, (_, at) =>
      at === 0 ? '127.0.0.1/32' : `2001:db8:aaaa:bbbb:cccc:dddd:${at.toString(16).padStart(4, '0')}:${last}/128`,
    )
  const first = blocks(1000)
  const second = blocks(2000)
  await setInstance(policy('allowedIP', true, { allowed_ip: first }))
  expect(house.lastEvent().requestData['newValue']).toEqual({
    policyAllowedIPEnabled: true,
    policyAllowedIPAttribute: first,
  })
  await setInstance(policy('allowedIP', true, { allowed_ip: second }))
  const whole = JSON.stringify(first)
  expect(house.lastEvent().requestData).toMatchObject({
    initialValue: {
      policyAllowedIPAttribute: {
        sha256: createHash('sha256').update(whole).digest('hex'),
        bytes: whole.length,
        count: 1_000,
        first: first.slice(0, 10),
      },
    },
    newValue: { policyAllowedIPAttribute: second },
  })
  const [shown] = (await ask('GET', `${url}?policy=allowedIP`)).json<{
    resources: { policy_data: { attributes: { allowed_ip: string[] } } }[]
  }>().resources
  expect(shown?.policy_data.attributes.allowed_ip).toEqual(second)
})

test('a policy that is switched off stays in the list', async () => {
  const house = openHouse()
  const { setInstance, ask } = openListeners(house)
  await setInstance(policy('allowedIP', true, { allowed_ip: ['127.0.0.1/32'] }), policy('dualAuthDelete', true))
  house.time += 5_000
  for (const attributes of [undefined, {}, { allowed_ip: null }]) {
    await setInstance(policy('allowedIP', false, attributes))
  }
  // The shape of key policies, which one published page shows.
  await setInstance({ type: 'application/vnd.ibm.kms.policy+json', dualAuthDelete: { enabled: false } })
  const shown = (await ask('GET', url)).json().resources
  expect(shown).toMatchObject([
    {
      policy_type: 'allowedIP',
      policy_data: { enabled: false, attributes: { allowed_ip: [] } },
      creationDate: '2026-03-01T12:00:00.000Z',
      lastUpdated: '2026-03-01T12:00:05.000Z',
    },
    { policy_type: 'dualAuthDelete', policy_data: { enabled: false } },
  ])
})

test('member names in any letter case, and `null` attributes, are understood', async () => {
  const house = openHouse()
  const { ask } = openListeners(house)
  const body = {
    Metadata: { CollectionType: 'application/vnd.ibm.kms.policy+json', collectiontotal: 1 },
    Resources: [{ Policy_Type: 'metrics', Policy_Data: { Enabled: true, Attributes: null } }],
  }
  expect((await ask('PUT', `${url}?policy=metrics`, { body })).status).toBe(204)
})

const refusals: [string, string, unknown, string][] = [
  ['no body', url, undefined, 'NO_BODY_ERR'],
  ['no envelope', url, { policy_type: 'metrics' }, 'BAD_BODY_ERR'],
  ['no policy', url, envelope(), 'BAD_BODY_ERR'],
  [
    'a wrong total',
    url,
    { ...envelope(policy('metrics', true)), metadata: { collectionType: 'x', collectionTotal: 2 } },
    'COLLECTION_TOTAL_MISMATCH_ERR',
  ],
  [
    'another policy than the query names',
    `${url}?policy=rotation`,
    envelope(policy('metrics', true)),
    'BODY_QUERY_PARAM_MISMATCH_ERR',
  ],
  [
    'two policies where the query names one',
    `${url}?policy=metrics`,
    envelope(policy('metrics', true), policy('dualAuthDelete', true)),
    'NUM_COLLECTION_RESOURCE_ERR',
  ],
  ['a query that names none', `${url}?policy=everything`, envelope(policy('metrics', true)), 'INVALID_QUERY_PARAM_ERR'],
  ['the same policy twice', url, envelope(policy('metrics', true), policy('metrics', false)), 'BAD_BODY_ERR'],
  ['an unknown policy', url, envelope(policy('ipWhitelist', true)), 'INVALID_FIELD_ERR'],
  ['an unknown member', url, envelope({ ...policy('metrics', true), extra: 1 }), 'BAD_BODY_ERR'],
  [
    'an unknown member of the data',
    url,
    envelope({ policy_type: 'metrics', policy_data: { enabled: true, on: 1 } }),
    'BAD_BODY_ERR',
  ],
  [
    'attributes where there are none',
    url,
    envelope(policy('dualAuthDelete', true, { interval_month: 1 })),
    'BAD_BODY_ERR',
  ],
  ['no word on whether it is on', url, envelope({ policy_type: 'metrics', policy_data: {} }), 'INVALID_FIELD_ERR'],
  ['no network, even when switching it off', url, envelope(policy('allowedNetwork', false)), 'INVALID_FIELD_ERR'],
  [
    'a network that is none',
    url,
    envelope(policy('allowedNetwork', true, { allowed_network: 'public-only' })),
    'INVALID_FIELD_ERR',
  ],
  [
    'an access that is no boolean',
    url,
    envelope(policy('keyCreateImportAccess', true, { enforce_token: 'yes' })),
    'INVALID_FIELD_ERR',
  ],
  ['rotation without interval', url, envelope(policy('rotation', true)), 'INVALID_FIELD_ERR'],
  ...[0, 13, 1.5, -1, '3'].map((months): [string, string, unknown, string] => [
    `an interval of ${JSON.stringify(months)}`,
    url,
    envelope(policy('rotation', true, { interval_month: months })),
    'INVALID_FIELD_ERR',
  ]),
  ...[
    [],
    ['10.0.0.1'],
    ['10.0.0.0/33'],
    ['::/129'],
    ['10.0.0/8'],
    ['example.org/8'],
    [7],
    Array(1_001).fill('10.0.0.0/8'),
  ].map((blocks, at): [string, string, unknown, string] => [
    `addresses that are none (${at})`,
    url,
    envelope(policy('allowedIP', true, { allowed_ip: blocks })),
    'INVALID_FIELD_ERR',
  ]),
  [
    'addresses of a policy switched off',
    url,
    envelope(policy('allowedIP', false, { allowed_ip: ['10.0.0.0/8'] })),
    'BAD_BODY_ERR',
  ],
]

test.each(refusals)('%s is refused, recorded, and changes nothing', async (_what, path, body, code) => {
  const house = openHouse()
  const { ask } = openListeners(house)
  const answer = await ask('PUT', path, body === undefined ? {} : { body: body as object })
  expect([answer.status, answer.code]).toEqual([400, code])
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: expect.stringMatching(/^hs-crypto\.instance-policies\.(write|request)$/),
    outcome: 'failure',
    code: 400,
  })
  expect((await ask('GET', url)).json().resources).toEqual([])
})

test('only a manager of the whole instance reads or sets its policies', async () => {
  const house = openHouse()
  const { ask } = openListeners(house)
  for (const caller of [
    house.caller(['Writer', 'ReaderPlus']),
    house.caller(['Manager'], 'payments'),
    house.caller([]),
  ]) {
    for (const [method, path, action] of [
      ['GET', url, 'instance-policies.read'],
      ['PUT', url, 'instance-policies.write'],
      ['GET', '/instance/allowed_ip_port', 'instance-allowed-ip-port.read'],
    ] as const) {
      const answer = await ask(method, path, { caller, ...(method === 'PUT' ? { body: '{' } : {}) })
      expect(answer.status).toBe(401)
      expect(factsOf(house.lastEvent())).toMatchObject({
        action: `hs-crypto.${action}`,
        severity: 'critical',
        code: 401,
      })
    }
  }
})

test('the allowed IP port is the private listener’s, while such a policy is on', async () => {
  const house = openHouse()
  const { ask, setInstance } = openListeners(house)
  const port = async () => (await ask('GET', '/instance/allowed_ip_port')).json()
  const metadata = { collectionType: 'application/vnd.ibm.kms.allowed_ip_metadata+json' }
  expect(await port()).toEqual({ metadata: { ...metadata, collectionTotal: 0 }, resources: [] })
  await setInstance(policy('allowedIP', true, { allowed_ip: ['127.0.0.0/8'] }))
  expect(await port()).toEqual({
    metadata: { ...metadata, collectionTotal: 1 },
    resources: [{ private_endpoint_port: privatePort }],
  })
  expect(factsOf(house.lastEvent())).toMatchObject({
    action: 'hs-crypto.instance-allowed-ip-port.read',
    outcome: 'success',
    code: 200,
  })
  await setInstance(policy('allowedIP', false))
  expect(await port()).toMatchObject({ resources: [] })
})

test('a policy changed at the same time is decided again on what it became', async () => {
  const house = openHouse()
  const { ask } = openListeners(house)
  const put = (months: number) =>
    ask('PUT', url, { body: envelope(policy('rotation', true, { interval_month: months })) })
  const answers = await Promise.all([put(1), put(2), put(3)])
  expect(answers.map(({ status }) => status)).toEqual([204, 204, 204])
  const changes = house.events().map(({ requestData }) => requestData as { initialValue: object; newValue: object })
  for (const [at, { initialValue }] of changes.entries()) {
    expect(initialValue).toEqual(changes[at - 1]?.newValue ?? { policyRotationEnabled: false })
  }
})

test('whatever is set reads back, and each event begins where the one before it ended', async () => {
  const flag = fc.boolean()
  const months = fc.integer({ min: 1, max: 12 })
  const block = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([address, bits]) => `${address}/${bits}`)
  const access = fc.record({
    create_root_key: flag,
    create_standard_key: flag,
    import_root_key: flag,
    import_standard_key: flag,
    enforce_token: flag,
  })
  const wish = fc.oneof(
    fc.tuple(fc.constant('keyCreateImportAccess'), flag, access),
    fc.tuple(
      fc.constant('allowedNetwork'),
      flag,
      fc.record({ allowed_network: fc.constantFrom('public-and-private', 'private-only') }),
    ),
    // The house's own address stays allowed.
    fc.tuple(
      fc.constant('allowedIP'),
      fc.constant(true),
      fc.record({ allowed_ip: fc.array(block, { maxLength: 20 }).map((list) => ['127.0.0.1/32', ...list]) }),
    ),
    fc.tuple(fc.constant('rotation'), fc.constant(true), fc.record({ interval_month: months })),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(wish, { minLength: 1, maxLength: 8 }), async (wishes) => {
      const house = openHouse()
      const { ask, setInstance } = openListeners(house)
      const last = new Map<string, unknown>()
      for (const [kind, enabled, attributes] of wishes) {
        await setInstance(policy(kind, enabled, attributes))
        const { initialValue, newValue } = house.lastEvent().requestData
        expect(initialValue).toEqual(last.get(kind) ?? initialValue)
        last.set(kind, newValue)
        const [shown] = (await ask('GET', `${url}?policy=${kind}`)).json().resources
        expect(shown).toMatchObject(policy(kind, enabled, attributes))
      }
    }),
    { numRuns: 15 },
  )
})
