/** Failover units: made together with their events or not at all, and serving when no operational unit does. */
import type { UnitReport } from '@keywitness/crypto-unit/messages'
import { afterEach, expect, test, vi } from 'vitest'
import { Refusal } from '../errors.ts'
import type { Instance } from '../instances/instance.ts'
import { fixCounts } from './provision.ts'
import { unitHouse, type HouseOptions, type UnitHouse } from './testing/unit-house.ts'
import { withStandings } from './unit-standings.ts'

const guid = '3c1b7f0e-9a2d-4c58-8f11-2b1f8a6f5d01'
const other = '9b1d5c1e-0c35-4d3c-9d55-6b2f0f4f7a02'
const action = 'hs-crypto.tke-cryptounit-failover.enable'
const reset = 'hs-crypto.tke-cryptounit.reset'
const houses: UnitHouse[] = []

afterEach(async () => {
  for (const house of houses.splice(0)) await house.close()
})

/** With units in imprint mode, two of them operational unless it is said otherwise. */
async function provisioned(options: HouseOptions = {}, operational = 2, instance = guid): Promise<UnitHouse> {
  const house = unitHouse(options)
  houses.push(house)
  await house.units.start()
  const { sql, params } = fixCounts(instance, { operational, recovery: 1 })
  house.store.run(sql, params)
  await house.units.provision(instance, house.circumstances(instance))
  return house
}

/** Asks for failover units as the route does. @throws Refusal */
async function enable(house: UnitHouse, count: number, region = 'us-east', instance = guid): Promise<void> {
  const circumstances = house.circumstances(instance)
  const named: Pick<Instance, 'guid' | 'crn'> = { guid: instance, crn: circumstances.logSourceCRN }
  await house.audit.witness(action, circumstances, { id: named.crn, name: 'an instance' }, (seen) =>
    house.units.enableFailover({ instance: named, region, count }, seen),
  )
}

function refusalOf(attempt: Promise<void>): Promise<string> {
  return attempt.then(
    () => 'nothing was refused',
    (error: unknown) => {
      if (error instanceof Refusal) return error.code
      throw error
    },
  )
}

async function failoverUnits(house: UnitHouse, instance = guid): Promise<UnitReport[]> {
  return (await house.units.describe(instance)).filter(({ type }) => type === 'failover')
}

test('they stand in another location, each in a zone and on a module of its own, in imprint mode', async () => {
  const house = await provisioned({}, 3)
  await enable(house, 3)
  const units = await house.units.describe(guid)
  const made = units.filter(({ type }) => type === 'failover')
  expect(made.map(({ location, serial, imprint, revision }) => [location, serial, imprint, revision])).toEqual([
    ['[us-east].[AZ4-SOFT].[00].[00]', 'SOFT4000', true, 1],
    ['[us-east].[AZ5-SOFT].[00].[00]', 'SOFT5000', true, 1],
    ['[us-east].[AZ6-SOFT].[00].[00]', 'SOFT6000', true, 1],
  ])
  const others = units.filter(({ type }) => type !== 'failover').map(({ serial }) => serial)
  for (const { serial } of made) expect(others).not.toContain(serial)
})

test('the request is one event, and so is each unit: all of one commit, the request last', async () => {
  const house = await provisioned()
  const before = house.events().length
  await enable(house, 2)
  const units = await failoverUnits(house)
  const events = house.events().slice(before)
  expect(events.map(({ action: name, outcome, severity }) => [name, outcome, severity])).toEqual([
    [reset, 'success', 'critical'],
    [reset, 'success', 'critical'],
    [action, 'success', 'critical'],
  ])
  for (const [at, { unit, location }] of units.entries()) {
    expect(events[at]).toMatchObject({
      requestData: { location, instanceID: guid },
      responseData: { unitRevision: 1 },
      target: { name: location, id: expect.stringMatching(`:${guid}:tke-cryptounit:${unit}$`) as string },
    })
  }
  expect(events[2]?.requestData).toMatchObject({ backupRegion: 'us-east', failoverUnits: 2, instanceID: guid })
})

test.each([
  [0, 3],
  [1, 3],
  [3, 2],
  [4, 3],
])(
  '%i failover units beside %i operational ones are refused, on record, and none is made',
  async (count, operational) => {
    const house = await provisioned({}, operational)
    expect(await refusalOf(enable(house, count))).toBe('FAILOVER_COUNT')
    expect(house.events().at(-1)).toMatchObject({
      action,
      outcome: 'failure',
      reason: { reasonCode: 400, reasonForFailure: expect.stringContaining('(FAILOVER_COUNT)') as string },
      requestData: { failoverUnits: count },
    })
    expect(await failoverUnits(house)).toEqual([])
  },
)

test('an instance gets them once, also when it is asked twice at the same time', async () => {
  const house = await provisioned()
  const both = await Promise.all([refusalOf(enable(house, 2)), refusalOf(enable(house, 2, 'eu-de'))])
  expect(both.toSorted()).toEqual(['FAILOVER_ENABLED', 'nothing was refused'])
  expect(await refusalOf(enable(house, 2))).toBe('FAILOVER_ENABLED')
  expect((await failoverUnits(house)).length).toBe(2)
  const outcomes = house.events().filter((event) => event.action === action)
  expect(outcomes.map(({ outcome, reason }) => [outcome, reason.reasonCode])).toEqual([
    ['success', 200],
    ['failure', 409],
    ['failure', 409],
  ])
})

test('instances that ask for the same location at once get places of their own', async () => {
  const house = await provisioned()
  await house.units.provision(other, house.circumstances(other))
  await Promise.all([enable(house, 2), enable(house, 2, 'us-east', other)])
  const units = [...(await failoverUnits(house)), ...(await failoverUnits(house, other))]
  expect(new Set(units.map(({ location }) => location)).size).toBe(4)
})

test('when the crypto units do not answer nothing is made, and it can be asked for again', async () => {
  let isFatal = false
  const house: UnitHouse = await provisioned({
    committing: () => {
      if (isFatal) process.kill(house.units.pid ?? 0, 'SIGKILL')
      isFatal = false
    },
  })
  process.kill(house.units.pid ?? 0, 'SIGKILL')
  expect(await refusalOf(enable(house, 2))).toBe('UNIT_UNAVAILABLE')
  await vi.waitFor(() => house.units.describe(guid), { timeout: 20_000 })
  expect(await failoverUnits(house)).toEqual([])
  // The process dies just when they are committed: its next start has them.
  isFatal = true
  await enable(house, 2)
  const units = await vi.waitFor(() => failoverUnits(house), { timeout: 20_000 })
  expect(units.map(({ imprint }) => imprint)).toEqual([true, true])
})

test('a ceremony of the whole instance leads them like the others, and they serve once no operational unit can', async () => {
  const house = await provisioned()
  await enable(house, 2)
  await house.units.runCeremony(guid, house.circumstances(guid))
  const standings = async () => (await house.units.view(guid)).map(({ type, standing }) => `${type} ${standing}`)
  expect((await standings()).toSorted()).toEqual([
    'failover ready',
    'failover ready',
    'operational ready',
    'operational ready',
    'recovery ready',
  ])
  const stored = { instance: guid, kind: 'root-key', id: 'key-1' } as const
  const blob = await house.units.client.generate(stored, 32)
  const wrap = () => house.units.client.wrap({ ...stored, blob }, new Uint8Array(32), new Uint8Array())
  for (const unit of await house.units.view(guid)) {
    // On hold a unit is refused, as one whose state was set back is.
    if (unit.type === 'operational') house.units.hold(unit, { counter: 0n, revision: unit.revision + 1 })
  }
  await wrap()
  expect((await standings()).toSorted()).toEqual([
    'failover serving',
    'failover serving',
    'operational stale',
    'operational stale',
    'recovery ready',
  ])
  expect(await house.units.countStandings()).toEqual(
    new Map([
      ['ready', 1],
      ['serving', 2],
      ['imprint', 0],
      ['no_master_key', 0],
      ['differs', 0],
      ['stale', 2],
    ]),
  )
  for (const unit of await house.units.view(guid)) {
    if (unit.type === 'failover') house.units.hold(unit, { counter: 0n, revision: unit.revision + 1 })
  }
  await expect(wrap()).rejects.toMatchObject({ code: 'NOT_READY' })
})

test('one operational unit that is ready keeps failover units standing by; one that differs serves never', () => {
  const report = (unit: string, type: UnitReport['type'], pattern: string) => ({
    report: {
      unit,
      type,
      imprint: false,
      currentRegister: { state: 'valid', pattern, partPatterns: [] },
      newRegister: { state: 'empty', partPatterns: [] },
    } as const,
  })
  const standings = (...units: ReturnType<typeof report>[]) =>
    withStandings(units, 'k1', () => false).map(({ standing }) => standing)
  expect(
    standings(report('a', 'operational', 'k2'), report('b', 'operational', 'k1'), report('f', 'failover', 'k1')),
  ).toEqual(['differs', 'ready', 'ready'])
  expect(
    standings(report('a', 'operational', 'k2'), report('f', 'failover', 'k1'), report('g', 'failover', 'k2')),
  ).toEqual(['differs', 'serving', 'differs'])
  expect(standings(report('a', 'operational', 'k2'), report('r', 'recovery', 'k1'))).toEqual(['differs', 'ready'])
})
