/** The development ceremony: its events, its files, and that one cut short at any commit is finished by the next. */
import { readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { Refusal } from '../errors.ts'
import { fixCounts } from './provision.ts'
import { unitHouse, type HouseOptions, type UnitHouse } from './testing/unit-house.ts'

const instance = '3c1b7f0e-9a2d-4c58-8f11-2b1f8a6f5d01'
const houses: UnitHouse[] = []

/** Each unit begins with a reset; these are what a unit is led through then. */
const reset = 'hs-crypto.tke-cryptounit.reset'
const steps = [
  'hs-crypto.tke-cryptounit-admin.add',
  'hs-crypto.tke-cryptounit-admin.add',
  'hs-crypto.tke-cryptounit-threshold.set',
  'hs-crypto.tke-cryptounit-control-point.set',
  'hs-crypto.tke-cryptounit-importer.create',
  'hs-crypto.tke-cryptounit-master-key-register.add',
  'hs-crypto.tke-cryptounit-master-key-register.commit',
  'hs-crypto.tke-cryptounit-master-key-register.activate',
]

afterEach(async () => {
  for (const house of houses.splice(0)) await house.close()
})

async function started(options: HouseOptions = {}): Promise<UnitHouse> {
  const house = unitHouse(options)
  houses.push(house)
  await house.units.start()
  return house
}

test('three units get one master key, and every step of every unit is an event of its own', async () => {
  const house = await started()
  await house.units.runCeremony(instance, house.circumstances(instance))
  const units = await house.units.describe(instance)
  expect(units.map(({ type, location }) => `${type} ${location}`)).toEqual([
    'operational [us-south].[AZ1-SOFT].[00].[00]',
    'operational [us-south].[AZ2-SOFT].[00].[00]',
    'recovery [us-south].[AZ3-SOFT].[00].[00]',
  ])
  expect(new Set(units.map(({ currentRegister }) => currentRegister.pattern)).size).toBe(1)
  expect(units.every(({ imprint, signatureThreshold }) => !imprint && signatureThreshold === 2)).toBe(true)
  expect(house.events().map(({ action }) => action)).toEqual([reset, reset, reset, ...steps, ...steps, ...steps])
})

test('the events say what the TKE events of the seed say', async () => {
  const house = await started()
  await house.units.runCeremony(instance, house.circumstances(instance))
  const [unit] = await house.units.describe(instance)
  const events = [...house.events().slice(0, 1), ...house.events().slice(3, 3 + steps.length)]
  for (const event of events) {
    expect(event).toMatchObject({
      outcome: 'success',
      severity: 'critical',
      reason: { reasonCode: 200, reasonType: 'OK' },
      requestData: { location: unit?.location, instanceID: instance },
      target: {
        name: unit?.location,
        id: expect.stringMatching(`:${instance}:tke-cryptounit:${unit?.unit}$`) as string,
      },
    })
    expect(event).not.toHaveProperty('correlationId')
  }
  const skis = unit?.administrators.map(({ ski }) => ski) ?? []
  const { pattern, partPatterns } = unit?.currentRegister ?? {}
  const data = events.map(({ requestData, responseData }) => ({ ...requestData, ...responseData }))
  expect(data[1]).toMatchObject({ adminId: skis[0], adminIds: [skis[0]] })
  expect(data[2]).toMatchObject({ adminId: skis[1], adminIds: skis })
  expect(data[3]).toMatchObject({ signatureThreshold: 2, revocationSignatureThreshold: 2, signerIds: skis })
  expect(data[3]?.['initialValue']).toEqual({
    signatureThreshold: 0,
    revocationSignatureThreshold: 0,
    permissions: '81ff0011',
  })
  // XCP_CPB_ALG_EC_25519 is 55, XCP_CPB_BTC 66, XCP_CPB_ECDSA_OTHER 67, counted from the highest bit.
  const points = '00000000000001003000000000000000'
  expect(data[4]).toMatchObject({ change: 'add', controlPoints: points })
  expect(unit?.controlPoints).toBe(points)
  expect(data[6]).toMatchObject({ masterKeyIds: partPatterns, verificationPattern: pattern })
  expect(data[7]).toMatchObject({ masterKeyIds: partPatterns, verificationPattern: pattern })
  expect(data[8]).toMatchObject({ verificationPattern: pattern })
  expect(data.slice(1).map((one) => one['unitRevision'])).toEqual([2, 3, 4, 5, 6, 7, 8, 9])
})

test('its secrets lie in the data folder for their owner only, with a loud warning, and in no event and no log', async () => {
  const house = await started()
  await house.units.runCeremony(instance, house.circumstances(instance))
  const ceremonies = join(house.folder, 'ceremony')
  const folder = join(ceremonies, instance)
  expect(readFileSync(join(ceremonies, 'README'), 'utf8')).toMatch(/^FOR DEVELOPMENT ONLY/)
  const files = readdirSync(folder)
  expect(files.length).toBe(6)
  for (const file of files) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(house.logged()).toContain('DEVELOPMENT CEREMONY')
  const told = house.logged() + JSON.stringify(house.events())
  const parts = files.filter((file) => file.startsWith('master-key-part'))
  expect(parts.length).toBe(2)
  for (const part of parts) expect(told).not.toContain(readFileSync(join(folder, part), 'latin1').trim())
})

test('a second ceremony of the same instance changes nothing, and two at once are one', async () => {
  const house = await started()
  await Promise.all([
    house.units.runCeremony(instance, house.circumstances(instance)),
    house.units.runCeremony(instance, house.circumstances(instance)),
  ])
  const before = await house.units.describe(instance)
  await house.units.runCeremony(instance, house.circumstances(instance))
  expect(await house.units.describe(instance)).toEqual(before)
  expect(house.events().length).toBe(27)
})

test('an instance has as many units as were fixed with it, each operational one in a zone of its own', async () => {
  const house = await started()
  const { sql, params } = fixCounts(instance, { operational: 3, recovery: 2 })
  house.store.run(sql, params)
  await house.units.provision(instance, house.circumstances(instance))
  await house.units.provision(instance, house.circumstances(instance))
  const units = await house.units.describe(instance)
  expect(units.map(({ type, location }) => `${type} ${location}`)).toEqual([
    'operational [us-south].[AZ1-SOFT].[00].[00]',
    'operational [us-south].[AZ2-SOFT].[00].[00]',
    'recovery [us-south].[AZ2-SOFT].[00].[01]',
    'operational [us-south].[AZ3-SOFT].[00].[00]',
    'recovery [us-south].[AZ3-SOFT].[00].[01]',
  ])
  expect(units.every(({ imprint }) => imprint)).toBe(true)
  expect(house.events().map(({ action }) => action)).toEqual(Array<string>(5).fill(reset))
})

test('ceremonies of two instances at once give each its own places and its own master key', async () => {
  const house = await started()
  const other = '9b1d5c1e-0c35-4d3c-9d55-6b2f0f4f7a02'
  await Promise.all([instance, other].map((guid) => house.units.runCeremony(guid, house.circumstances(guid))))
  const units = [...(await house.units.describe(instance)), ...(await house.units.describe(other))]
  expect(new Set(units.map(({ location }) => location)).size).toBe(6)
  expect(new Set(units.map(({ currentRegister }) => currentRegister.pattern)).size).toBe(2)
  const stored = { instance, kind: 'root-key', id: 'key-1' } as const
  const blob = await house.units.client.generate(stored, 32)
  await expect(
    house.units.client.wrap({ ...stored, instance: other, blob }, undefined, new Uint8Array()),
  ).rejects.toMatchObject({
    code: 'NOT_READY',
    message: expect.stringContaining('that no crypto unit holds') as string,
  })
})

test.each([1, 2, 5, 6, 12, 27])(
  'a unit killed at commit %i: what was committed stays, and the next ceremony finishes',
  async (fatal) => {
    let commits = 0
    const house: UnitHouse = await started({
      committing: () => {
        commits++
        if (commits === fatal) process.kill(house.units.pid ?? 0, 'SIGKILL')
      },
    })
    await house.units.runCeremony(instance, house.circumstances(instance)).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error
    })
    await vi.waitFor(() => house.units.runCeremony(instance, house.circumstances(instance)), { timeout: 20_000 })
    const units = await vi.waitFor(() => house.units.describe(instance), { timeout: 20_000 })
    expect(units.map(({ revision, currentRegister }) => [revision, currentRegister.state])).toEqual([
      [9, 'valid'],
      [9, 'valid'],
      [9, 'valid'],
    ])
    const succeeded = house.events().filter(({ outcome }) => outcome === 'success')
    expect(succeeded.map(({ action }) => action)).toEqual([reset, reset, reset, ...steps, ...steps, ...steps])
  },
)

test('a refused step is recorded as a failure with the reason of the unit, and changes nothing', async () => {
  let commits = 0
  const house: UnitHouse = await started({
    committing: () => {
      commits++
      if (commits === 6) process.kill(house.units.pid ?? 0, 'SIGKILL')
    },
  })
  await expect(house.units.runCeremony(instance, house.circumstances(instance))).rejects.toMatchObject({
    code: 'UNIT_UNAVAILABLE',
  })
  const before = await vi.waitFor(() => house.units.describe(instance), { timeout: 20_000 })
  // The administrators' keys are lost: new ones cannot sign for the unit, which is out of imprint mode.
  rmSync(join(house.folder, 'ceremony', instance), { recursive: true })
  await expect(house.units.runCeremony(instance, house.circumstances(instance))).rejects.toMatchObject({
    code: 'INTERNAL',
    receipt: { eventId: expect.any(String) as string },
  })
  expect(house.events().at(-1)).toMatchObject({
    action: 'hs-crypto.tke-cryptounit-admin.add',
    outcome: 'failure',
    severity: 'critical',
    reason: { reasonCode: 500, reasonForFailure: 'There are not enough signatures (208/21).' },
  })
  expect(await house.units.describe(instance)).toEqual(before)
})
