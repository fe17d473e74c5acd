/** `tke` knows units again: by instance and id in what they sign, by module and life on this machine, by names that steer nothing. */
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { moduleInstanceOf } from '@keywitness/crypto-unit/tke/module-instance'
import { rootOf } from '@keywitness/crypto-unit/tke/device-certificate'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { administered, type Ceremony, keyed } from './ceremony.ts'
import { SimulatedUnit } from './simulated-unit.ts'
import { instance } from './unit-server.ts'

let at: Ceremony

beforeEach(async () => {
  at = await administered([1])
})
afterEach(() => at.server.http.stop())

test('a unit of another instance, or another unit of this one, proves itself in vain', async () => {
  const unit = at.server.unit(1)
  for (const other of [moduleInstanceOf(`0${instance.slice(1)}`, 'unit-a'), moduleInstanceOf(instance, 'unit-b'), 2n]) {
    unit.moduleInstance = other
    const { exitCode, err } = await at.yes('cryptounit-cp-btc')
    expect({ exitCode, err }).toEqual({ exitCode: 1, err: expect.stringContaining('unit of another instance') })
  }
  expect(unit.carried).toEqual([])
})

test('a unit made before is accepted with a warning, unless it was another here before', async () => {
  at.server.unit(1).moduleInstance = 1n
  const { exitCode, err } = await at.tke('cryptounit-thrhlds')
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: expect.stringContaining('was made by an older version') })
  at.server.unit(1).moduleInstance = moduleInstanceOf(instance, 'unit-a')
  expect(await at.tke('cryptounit-thrhlds')).toMatchObject({ exitCode: 0, err: '' })
  at.server.unit(1).moduleInstance = 1n
  expect(await at.tke('cryptounit-thrhlds')).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining('--accept another-module'),
  })
})

test('another module under the same root is refused until that danger is accepted', async () => {
  await at.tke('cryptounit-thrhlds')
  const root = generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey
  const unit = at.server.unit(1)
  const other = new SimulatedUnit(unit.place, instance, unit.serial, root)
  other.administrators = unit.administrators
  other.values = unit.values
  at.server.root = rootOf(root)
  at.server.onAnswer = (_unit, _answer, request) => other.answer(request)
  const file = join(at.terminal.folder, 'root.json')
  writeFileSync(file, JSON.stringify(at.server.root))
  await at.tke(`root --pin ${file} --yes`)
  expect(await at.tke('cryptounit-thrhlds')).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining('--accept another-module'),
  })
  // The other module’s unit also has another life: each is agreed to by its own name.
  expect(await at.tke('cryptounit-thrhlds --accept another-module')).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining('--accept another-life'),
  })
  const both = '--accept another-module --accept another-life'
  expect(await at.tke(`cryptounit-thrhlds ${both}`)).toMatchObject({ exitCode: 0 })
  expect(await at.tke('cryptounit-thrhlds')).toMatchObject({ exitCode: 0 })
})

test('a unit that was zeroized from here begins another life; from elsewhere, that is agreed to by name', async () => {
  const unit = at.server.unit(1)
  const zeroize = `cryptounit-zeroize --unit 1 --location ${unit.place.location}`
  expect(await at.yes(zeroize)).toMatchObject({ exitCode: 0 })
  expect(await at.yes('cryptounit-admin-add --admin 1')).toMatchObject({ exitCode: 0 })
  unit.zeroize()
  const { exitCode, err } = await at.tke('cryptounit-thrhlds')
  expect({ exitCode, err }).toEqual({ exitCode: 1, err: expect.stringContaining('--accept another-life') })
  at.terminal.onQuestion = () => 'another-life'
  expect(await at.tke('cryptounit-thrhlds')).toMatchObject({ exitCode: 0 })
  at.terminal.onQuestion = undefined
  expect(await at.yes('cryptounit-admin-add --admin 1')).toMatchObject({ exitCode: 0 })
})

test('answers of a life that ended are refused, and do not replace what is remembered', async () => {
  const unit = at.server.unit(1)
  const early = new Map<string, string>()
  unit.advance(900)
  at.server.onAnswer = (_unit, answer, request) => {
    early.set(request, answer)
    return answer
  }
  await at.tke('cryptounit-compare')
  at.server.onAnswer = (_unit, answer) => answer
  await at.yes(`cryptounit-zeroize --unit 1 --location ${unit.place.location}`)
  const memory = (): string => readFileSync(join(at.folder.path, 'COUNTERS'), 'utf8')
  const atOnce = memory()
  at.server.onAnswer = (_unit, answer, request) => early.get(request) ?? answer
  expect(await at.tke('cryptounit-compare')).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining('a life of the unit that a zeroize ended'),
  })
  expect(memory()).toBe(atOnce)
  at.server.onAnswer = (_unit, answer) => answer
  await at.yes('cryptounit-admin-add --admin 1')
  const later = memory()
  at.server.onAnswer = (_unit, answer, request) => early.get(request) ?? answer
  expect(await at.tke('cryptounit-compare')).toMatchObject({ exitCode: 1 })
  expect(memory()).toBe(later)
})

test('a file of an older version is read, and tells what it can', async () => {
  await at.tke('cryptounit-thrhlds')
  const file = join(at.folder.path, 'COUNTERS')
  const [{ server, hsm_id, domain_instance }] = JSON.parse(readFileSync(file, 'utf8')) as [Record<string, string>]
  writeFileSync(file, JSON.stringify([{ server, hsm_id, domain_instance, counter: '3' }]))
  expect(await at.tke('cryptounit-thrhlds')).toMatchObject({ exitCode: 1, err: expect.stringContaining('older') })
  writeFileSync(file, JSON.stringify([{ server, hsm_id, domain_instance, counter: '0' }]))
  expect(await at.tke('cryptounit-thrhlds')).toMatchObject({ exitCode: 0 })
  expect(readFileSync(file, 'utf8')).toMatch(/"module_ski": "[0-9a-f]{64}"/)
  writeFileSync(file, JSON.stringify([{ server, hsm_id, domain_instance, counter: 'many' }]))
  expect(await at.tke('cryptounit-thrhlds')).toMatchObject({ exitCode: 2, err: expect.stringContaining('damaged') })
})

test.each([
  ['location', '[us\u009b2K\r\u009b31mALIKE].[AZ1-SOFT].[00].[03]'],
  ['location', '[us south].[AZ1-SOFT].[00].[03]'],
  ['location', `[${'x'.repeat(65)}].[AZ1-SOFT].[00].[03]`],
  ['serial_number', 'SOFT\u001b[2J'],
  ['serial_number', 'soft0000'],
  ['hsm_id', 'unit\u202ea'],
  ['hsm_id', 'x'.repeat(129)],
  ['state', 'ready\u001b[2J'],
])('a list whose %s could steer a terminal is refused: %j', async (member, value) => {
  const unit = {
    hsm_id: 'unit-a',
    location: '[us-south].[AZ1-SOFT].[00].[03]',
    serial_number: 'SOFT0000',
    state: 'ready',
    [member]: value,
  }
  const path = `GET /v1/tke/${instance}/hsms`
  at.server.http.instead.set(path, (_seen, response) => response.end(JSON.stringify({ hsms: [unit] })))
  const { exitCode, out, err } = await at.tke('cryptounits')
  expect({ exitCode, err }).toEqual({ exitCode: 3, err: expect.stringContaining('another form') })
  expect(out + err).not.toMatch(/\p{Cc}(?<!\n)|\u202e/u)
})

test('a folder or file that others can write is refused, and files that they can read are named', async () => {
  const { path } = at.folder
  for (const [place, mode] of [
    [path, 0o770],
    [join(path, 'ROOTS'), 0o666],
  ] as const) {
    await at.tke('cryptounit-thrhlds')
    await chmod(place, mode)
    const { exitCode, err } = await at.tke('sigkeys')
    expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining(`chmod go-w ${place}`) })
    await chmod(place, place === path ? 0o700 : 0o600)
  }
  await chmod(join(path, '1.sigkey'), 0o644)
  const { exitCode, err } = await at.tke('sigkeys')
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: expect.stringContaining('Others can read 1.sigkey') })
  await chmod(path, 0o702)
  at.terminal.environment['CLOUDTKEFILES'] = path
  expect(await at.tke('sigkeys')).toMatchObject({ exitCode: 2, err: expect.stringContaining('others can write') })
  await chmod(path, 0o700)
})

test('people who vouch for a unit see who commands it, what it may do, and both its registers', async () => {
  await at.server.http.stop()
  at = await keyed([1])
  at.server.unit(1).state = 'stale'
  const { err } = await at.yes('cryptounit-confirm')
  for (const ski of at.skis) expect(err).toContain(`administrator ${ski}`)
  expect(err).toContain('signature threshold 2, revocation threshold 2')
  expect(err).toContain('permissions 0x01ff2055: import, keys of one part')
  expect(err).toMatch(/current master key Valid {2}[0-9a-f]{64}\n.*new master key {5}Empty {2}0{64}/)
})

test('permissions that are not set from here are kept only where that is agreed to, and are shown', async () => {
  const unit = at.server.unit(1)
  unit.values.set(3, 0x01ff_2075 | 8)
  expect((await at.tke('cryptounit-compare')).out).toContain('MAKE RANDOM KEYS')
  const words = 'cryptounit-thrhld-set --signature 3 --revocation 3 --accept lost-key-locks-out'
  const refused = await at.yes(words)
  expect(refused).toMatchObject({ exitCode: 2, err: expect.stringContaining('--accept unusual-permissions') })
  expect(refused.err).toContain('CONTROL POINTS BY ONE SIGNATURE')
  expect(await at.yes(`${words} --accept unusual-permissions`)).toMatchObject({ exitCode: 0 })
})

test('a unit that is listed as a recovery unit all of a sudden does not get its permissions unseen', async () => {
  const unit = at.server.unit(1)
  Object.assign(unit, { place: { ...unit.place, kind: 'recovery' } })
  const words = 'cryptounit-thrhld-set --signature 3 --revocation 3 --accept lost-key-locks-out'
  const refused = await at.yes(words)
  expect(refused).toMatchObject({ exitCode: 2, err: expect.stringContaining('--accept may-export-keys') })
  const agreed = await at.yes(`${words} --accept may-export-keys`)
  expect(agreed.err).toMatch(
    /recovery {2}until now 2 and 2.*\n.*permissions 0x01ff205f: import, EXPORT, MAKE RANDOM KEYS/,
  )
  expect(unit.values.get(3)).toBe(0x01ff_205f)
})
