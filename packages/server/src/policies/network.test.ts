/** Network policies: every call on the instance is held to them, by whichever route. */
import fc from 'fast-check'
import { BlockList } from 'node:net'
import { expect, test } from 'vitest'
import { factsOf, openHouse } from '../keys/testing/house.ts'
import { addBlock } from './network.ts'
import { type Asked, envelope, newKey, openListeners, policy } from './testing/listeners.ts'

const id = '11111111-1111-4111-8111-111111111111'
/** Every family of the key API, known operations and unknown ones. */
const calls = [
  ['GET', '/keys', 'secrets.list'],
  ['HEAD', '/keys', 'secrets.head'],
  ['POST', '/keys', 'secrets.create'],
  ['GET', `/keys/${id}`, 'secrets.read'],
  ['DELETE', `/keys/${id}`, 'secrets.delete'],
  ['POST', `/keys/${id}/actions/wrap`, 'secrets.wrap'],
  ['POST', `/keys/${id}?action=unwrap`, 'secrets.unwrap'],
  ['POST', `/keys/${id}/actions/rotate`, 'secrets.rotate'],
  ['GET', `/keys/${id}/policies`, 'policies.read'],
  ['PUT', `/keys/${id}/policies`, 'policies.write'],
  ['GET', '/instance/policies', 'instance-policies.read'],
  ['PUT', '/instance/policies', 'instance-policies.write'],
  ['POST', '/import_token', 'import-token.create'],
  ['GET', '/import_token', 'import-token.read'],
  ['GET', '/keys/11111111/nothing', 'secrets.default'],
  ['PATCH', '/instance/policies', 'instance-policies.request'],
  ['DELETE', '/import_token', 'import-token.request'],
] as const

test('on a private instance every call from the public network is refused, and recorded under its own action', async () => {
  const house = openHouse()
  const { ask, setInstance } = openListeners(house)
  await setInstance(policy('allowedNetwork', true, { allowed_network: 'private-only' }))
  for (const [method, path, action] of calls) {
    const answer = await ask(method, path, { network: 'public', from: '203.0.113.9' })
    expect([path, answer.status]).toEqual([path, 401])
    expect(factsOf(house.lastEvent())).toMatchObject({
      action: `hs-crypto.${action}`,
      outcome: 'failure',
      severity: 'critical',
      code: 401,
    })
    expect(house.lastEvent().initiator.host.address).toBe('203.0.113.9')
    expect(house.lastEvent().reason.reasonForFailure).toContain('private network')
  }
  const port = await ask('GET', '/instance/allowed_ip_port', { network: 'public' })
  expect(port.status).toBe(401)
})

test('the private network stays open to a private instance, and both networks to any other', async () => {
  const house = openHouse()
  const { ask, setInstance } = openListeners(house)
  const status = async (asked: Asked) => (await ask('POST', '/keys', { body: newKey(), ...asked })).status
  expect(await status({ network: 'public' })).toBe(201)
  await setInstance(policy('allowedNetwork', true, { allowed_network: 'private-only' }))
  expect(await status({ network: 'public' })).toBe(401)
  expect(await status({ network: 'private' })).toBe(201)
  await setInstance(policy('allowedNetwork', true, { allowed_network: 'public-and-private' }))
  expect(await status({ network: 'public' })).toBe(201)
  await setInstance(policy('allowedNetwork', false, { allowed_network: 'private-only' }))
  expect(await status({ network: 'public' })).toBe(201)
})

test('only the allowed addresses reach the instance, on either network', async () => {
  const house = openHouse()
  const { ask, setInstance } = openListeners(house)
  await setInstance(policy('allowedIP', true, { allowed_ip: ['192.0.2.0/24', '2001:db8::/32', '127.0.0.1/32'] }))
  const status = async (network: 'public' | 'private', from: string) =>
    (await ask('GET', '/keys', { network, from })).status
  for (const network of ['public', 'private'] as const) {
    for (const from of ['192.0.2.0', '192.0.2.255', '2001:db8:ffff::1', '::ffff:192.0.2.7']) {
      expect([from, await status(network, from)]).toEqual([from, 200])
    }
    for (const from of ['192.0.3.0', '2001:db9::1', '::1', '::ffff:192.0.3.7', 'fe80::1%eth0', 'no address']) {
      expect([from, await status(network, from)]).toEqual([from, 401])
    }
  }
  expect(house.lastEvent().initiator.host.address).toBeUndefined()
  for (const [method, path, action] of calls) {
    expect([path, (await ask(method, path, { from: '198.51.100.1' })).status]).toEqual([path, 401])
    expect(house.lastEvent().action).toBe(`hs-crypto.${action}`)
  }
})

test('where to connect can be asked from any address', async () => {
  const house = openHouse()
  const { ask, setInstance } = openListeners(house)
  await setInstance(policy('allowedIP', true, { allowed_ip: ['127.0.0.1/32'] }))
  const port = await ask('GET', '/instance/allowed_ip_port', { network: 'public', from: '198.51.100.1' })
  expect(port.status).toBe(200)
})

test('a changed list holds from the next call on', async () => {
  const house = openHouse()
  const { ask, setInstance } = openListeners(house)
  const status = async (from: string) => (await ask('GET', '/keys', { from })).status
  await setInstance(policy('allowedIP', true, { allowed_ip: ['127.0.0.1/32', '192.0.2.1/32'] }))
  expect([await status('192.0.2.1'), await status('192.0.2.2')]).toEqual([200, 401])
  await setInstance(policy('allowedIP', true, { allowed_ip: ['127.0.0.1/32', '192.0.2.2/32'] }))
  expect([await status('192.0.2.1'), await status('192.0.2.2')]).toEqual([401, 200])
  await setInstance(policy('allowedIP', false))
  expect([await status('192.0.2.1'), await status('192.0.2.2')]).toEqual([200, 200])
})

test('the network outranks the role, the body and everything else', async () => {
  const house = openHouse()
  const { ask, setInstance } = openListeners(house)
  await setInstance(policy('allowedIP', true, { allowed_ip: ['127.0.0.1/32'] }))
  const answer = await ask('PUT', '/instance/policies', {
    from: '192.0.2.1',
    caller: house.caller([]),
    body: envelope(),
  })
  expect(answer.status).toBe(401)
  expect(house.lastEvent().reason.reasonForFailure).toContain('address')
})

test('an IPv4 address is in a block exactly when its first bits are the block’s', () => {
  const address = fc.integer({ min: 0, max: 0xff_ff_ff_ff })
  const text = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.')
  fc.assert(
    fc.property(address, address, fc.integer({ min: 0, max: 32 }), (base, other, prefix) => {
      const list = new BlockList()
      expect(addBlock(list, `${text(base)}/${prefix}`)).toBe(true)
      const mask = prefix === 0 ? 0 : (0xff_ff_ff_ff << (32 - prefix)) >>> 0
      for (const one of [base, other, (base ^ 1) >>> 0]) {
        expect(list.check(text(one))).toBe((one & mask) >>> 0 === (base & mask) >>> 0)
      }
    }),
  )
})

test.each([
  ['the network', 'private network', policy('allowedNetwork', true, { allowed_network: 'private-only' })],
  ['the list of addresses', 'address', policy('allowedIP', true, { allowed_ip: ['127.0.0.1/32'] })],
])(
  'a wrap that is with the crypto unit while %s closes is refused, after the policy’s own event',
  async (_, why, set) => {
    const house = openHouse()
    const { ask, setInstance } = openListeners(house)
    const made = await ask('POST', '/keys', { body: newKey() })
    const key = String(made.json().resources[0]?.['id'])
    const before = house.events().length
    house.unit.meanwhile = async () => {
      house.unit.meanwhile = undefined
      await setInstance(set)
    }
    const answer = await ask('POST', `/keys/${key}/actions/wrap`, { network: 'public', from: '192.0.2.1', body: {} })
    expect(answer.status).toBe(401)
    const events = house.events().slice(before)
    expect(events.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'hs-crypto.instance-policies.write success',
      'hs-crypto.secrets.wrap failure',
    ])
    expect(events[1]?.reason.reasonForFailure).toContain(why)
    expect(events[1]?.responseData?.['keyVersionId']).toBeUndefined()
  },
)

test('a wrap whose caller loses the role on the key’s ring meanwhile is refused, also when the ring is deleted', async () => {
  const house = openHouse()
  const { ask } = openListeners(house)
  await ask('POST', '/key_rings/billing')
  const made = await ask('POST', '/keys', { body: newKey(), headers: { 'x-kms-key-ring': 'billing' } })
  const key = String(made.json().resources[0]?.['id'])
  const caller = house.caller(['Reader'], 'billing')
  house.unit.meanwhile = async () => {
    house.unit.meanwhile = undefined
    await ask('PATCH', `/keys/${key}`, { body: { keyRingID: 'default' } })
    await ask('DELETE', '/key_rings/billing')
  }
  expect((await ask('POST', `/keys/${key}/actions/wrap`, { caller, body: {} })).status).toBe(401)
  expect(factsOf(house.lastEvent())).toMatchObject({ action: 'hs-crypto.secrets.wrap', outcome: 'failure', code: 401 })
})
