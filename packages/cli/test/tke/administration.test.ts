/** `tke`: units are listed, selected and administered; thresholds that are foolish need a word of consent. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { administered, type Ceremony, ceremony, keyed } from './ceremony.ts'

let at: Ceremony
afterEach(() => at.server.http.stop())

test('units are listed with their state, and selected for the commands that follow', async () => {
  at = await ceremony([1])
  const { out } = await at.tke('cryptounits')
  expect(out.split('\n').map((line) => line.split('\t').slice(0, 5))).toEqual([
    ['1', 'yes', 'operational', '[us-south].[AZ1-SOFT].[00].[03]', 'imprint'],
    ['2', 'no', 'operational', '[us-south].[AZ2-SOFT].[01].[03]', 'imprint'],
    ['3', 'no', 'recovery', '[us-south].[AZ3-SOFT].[02].[03]', 'imprint'],
    [''],
  ])
  await at.tke('cryptounit-add --unit unit-r')
  await at.tke('cryptounit-rm --unit 1')
  const { units } = JSON.parse((await at.tke('cryptounits --output json')).out) as { units: { selected: boolean }[] }
  expect(units.map(({ selected }) => selected)).toEqual([false, false, true])
  await at.tke('cryptounit-rm --unit 3')
  expect(await at.tke('cryptounit-compare')).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('no crypto unit is selected'),
  })
  expect(await at.tke('cryptounit-add --unit 9')).toMatchObject({ exitCode: 2 })
})

test('three people administer units: added in imprint mode without signatures, which the thresholds then end', async () => {
  at = await ceremony()
  for (const number of [1, 2, 3]) expect((await at.yes(`cryptounit-admin-add --admin ${number}`)).exitCode).toBe(0)
  const set = await at.yes('cryptounit-thrhld-set --signature 2 --revocation 2')
  expect(set).toMatchObject({ exitCode: 0, out: expect.stringContaining('imprint mode is left') })
  for (const unit of [at.server.unit(1), at.server.unit(2)]) {
    expect([...unit.administrators.keys()].toSorted()).toEqual(at.skis.toSorted())
    expect(unit.values.get(3)).toBe(0x01ff_2055)
  }
  expect(at.server.unit(3).carried).toEqual([])
  const again = await at.yes('cryptounit-thrhld-set --signature 2 --revocation 2')
  expect(again.out.match(/^already/gm)).toHaveLength(2)
  const { out } = await at.tke('cryptounit-admins --output json')
  const { units } = JSON.parse(out) as { units: { administrators: { name: string }[] }[] }
  expect(units[0]?.administrators.map(({ name }) => name).toSorted()).toEqual(['Ana', 'Ben', 'Cem'])
})

test('a recovery unit may make and export keys, other units may not', async () => {
  at = await ceremony([1, 3])
  for (const number of [1, 2, 3]) await at.yes(`cryptounit-admin-add --admin ${number}`)
  await at.yes('cryptounit-thrhld-set --signature 2 --revocation 2')
  expect(at.server.unit(1).values.get(3)).toBe(0x01ff_2055)
  expect(at.server.unit(3).values.get(3)).toBe(0x01ff_205f)
})

test('what will happen is shown before, and nothing happens unless it is agreed to', async () => {
  at = await ceremony()
  const word = await at.yes('cryptounit-admin-add --admin 1')
  expect(word.err).toContain(`Installs Ana (${at.skis[0]}) as administrator of:\n  1  [us-south].[AZ1-SOFT].[00].[03]`)
  at.terminal.onQuestion = (question) => (question.startsWith('Password') ? 'correct horse battery' : 'n')
  expect(await at.tke('cryptounit-admin-add --admin 2')).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('Do it? Type yes'),
  })
  at.terminal.onQuestion = undefined
  const alone = `cryptounit-admin-add --admin 2 --password-file ${join(at.terminal.folder, 'password')}`
  expect(await at.tke(alone)).toMatchObject({ exitCode: 2, err: expect.stringContaining('add --yes') })
  expect(at.server.unit(1).administrators.size).toBe(1)
})

test('a person is asked for what is missing', async () => {
  at = await ceremony()
  at.terminal.onQuestion = (question) => {
    if (question.startsWith('Signature key of the new')) return '2'
    return question.startsWith('Do it?') ? 'yes' : 'correct horse battery'
  }
  expect(await at.tke('cryptounit-admin-add')).toMatchObject({ exitCode: 0 })
  expect([...at.server.unit(2).administrators.keys()]).toEqual([at.skis[1]])
})

test.each([
  ['one-signature', '--signature 1 --revocation 2'],
  ['lost-key-locks-out', '--signature 3 --revocation 3'],
  ['revocation-below-signature', '--signature 2 --revocation 1 --accept one-revocation-signature'],
  ['lost-key-stays', '--signature 2 --revocation 3'],
])('the danger %s is told, and taken only by its name', async (name, thresholds) => {
  at = await ceremony([1])
  for (const number of [1, 2, 3]) await at.yes(`cryptounit-admin-add --admin ${number}`)
  const refused = await at.yes(`cryptounit-thrhld-set ${thresholds}`)
  expect(refused).toMatchObject({ exitCode: 2, err: expect.stringContaining(`--accept ${name}`) })
  expect(at.server.unit(1).threshold).toBe(0)
  expect(await at.yes(`cryptounit-thrhld-set ${thresholds} --accept ${name}`)).toMatchObject({ exitCode: 0 })
})

test('a danger is typed by its name, not agreed to with y', async () => {
  at = await ceremony([1])
  for (const number of [1, 2]) await at.yes(`cryptounit-admin-add --admin ${number}`)
  at.terminal.onQuestion = () => 'y'
  expect(await at.yes('cryptounit-thrhld-set --signature 2 --revocation 2')).toMatchObject({ exitCode: 2 })
  at.terminal.onQuestion = (question) => (question.includes('lost-key-locks-out') ? 'lost-key-locks-out' : 'yes')
  expect(await at.yes('cryptounit-thrhld-set --signature 2 --revocation 2')).toMatchObject({ exitCode: 0 })
})

test('thresholds that nobody can meet are never sent', async () => {
  at = await ceremony([1])
  await at.yes('cryptounit-admin-add --admin 1')
  const { exitCode, err } = await at.yes('cryptounit-thrhld-set --signature 2 --revocation 2')
  expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining('cannot be met by 1 administrators') })
  expect(at.server.unit(1).carried).toEqual(['ADD_ADMINISTRATOR'])
})

test('an administrator is removed by as many as the revocation threshold says, and not below a threshold', async () => {
  at = await administered()
  const careful = await at.yes('cryptounit-admin-rm --admin Cem')
  expect(careful).toMatchObject({ exitCode: 2, err: expect.stringContaining('lost-key-locks-out') })
  expect(await at.yes('cryptounit-admin-rm --admin Cem --accept lost-key-locks-out')).toMatchObject({ exitCode: 0 })
  expect(at.server.unit(2).administrators.has(at.skis[2] ?? '')).toBe(false)
  const tooFew = await at.yes(`cryptounit-admin-rm --admin ${at.skis[1]}`)
  expect(tooFew).toMatchObject({ exitCode: 2, err: expect.stringContaining('Fewer administrators'.toLowerCase()) })
  expect(await at.yes('cryptounit-admin-rm --admin Nobody')).toMatchObject({ exitCode: 2 })
})

test('an administrator whose key is elsewhere is installed by certificate', async () => {
  at = await administered([1])
  const file = join(at.terminal.folder, 'dia.certificate')
  const password = join(at.terminal.folder, 'password')
  const made = await at.tke(`sigkey-add --name Dia --password-file ${password} --certificate-out ${file}`)
  expect(made.exitCode).toBe(0)
  await at.tke('sigkey-rm --key 4 --yes')
  expect(await at.yes(`cryptounit-admin-add --certificate ${file}`)).toMatchObject({ exitCode: 0 })
  expect(at.server.unit(1).administrators.size).toBe(4)
  expect(await at.yes(`cryptounit-admin-add --certificate ${password}`)).toMatchObject({ exitCode: 2 })
})

test('too few keys that can sign: which are missing is said, and nothing is asked of the units', async () => {
  at = await administered([1])
  const { exitCode, err } = await at.yes('cryptounit-mk-commit --key 1')
  expect(exitCode).toBe(2)
  expect(err).toContain('new master key registers are empty')
  const load = await at.yes('cryptounit-cp-btc --key 1')
  expect(load).toMatchObject({ exitCode: 2, err: expect.stringContaining('2 signatures needed, and 1 key chosen') })
})

test('control points are shown and changed', async () => {
  at = await administered()
  expect((await at.tke('cryptounit-cp 66')).out).toMatch(/XCP_CPB_BTC {2}Not Set/)
  expect(await at.yes('cryptounit-cp-btc')).toMatchObject({ exitCode: 0 })
  expect((await at.tke('cryptounit-cp 66')).out.match(/XCP_CPB_BTC {2}Set/g)).toHaveLength(2)
  expect((await at.yes('cryptounit-cp 66 --set')).out.match(/^already/gm)).toHaveLength(2)
  expect(await at.yes('cryptounit-cp 66 --unset')).toMatchObject({ exitCode: 0 })
  expect(await at.yes('cryptounit-cp-eddsa')).toMatchObject({ exitCode: 0 })
  expect(await at.yes('cryptounit-cp-sig-other')).toMatchObject({ exitCode: 0 })
  expect(await at.tke('cryptounit-cp 200')).toMatchObject({ exitCode: 2 })
})

test('units that differ are shown in six tables, with exit code 1', async () => {
  at = await administered()
  expect(await at.tke('cryptounit-compare')).toMatchObject({ exitCode: 0 })
  await at.yes('cryptounit-cp-btc --unit 2')
  await at.yes('cryptounit-mk-load --part 1 --part 2 --unit 1')
  const { exitCode, out, err } = await at.tke('cryptounit-compare')
  expect(exitCode).toBe(1)
  expect(out.match(/^[A-Z][A-Z ]+$/gm)).toEqual([
    'SIGNATURE THRESHOLDS',
    'CRYPTO UNIT ADMINISTRATORS',
    'PERMISSIONS',
    'NEW MASTER KEY REGISTER  UNITS DIFFER',
    'CURRENT MASTER KEY REGISTER',
    'CONTROL POINTS  UNITS DIFFER',
  ])
  expect(err).toContain('the crypto units differ in: NEW MASTER KEY REGISTER, CONTROL POINTS')
  const json = JSON.parse((await at.tke('cryptounit-compare --output json')).out) as { differences: string[] }
  expect(json.differences).toEqual(['NEW MASTER KEY REGISTER', 'CONTROL POINTS'])
})

test('a unit is zeroized only when its location is typed', async () => {
  at = await keyed()
  const { location } = at.server.unit(1).place
  const without = await at.yes('cryptounit-zeroize --unit 1')
  expect(without).toMatchObject({ exitCode: 2, err: expect.stringContaining('nothing was zeroized') })
  at.terminal.onQuestion = () => 'y'
  expect(await at.yes('cryptounit-zeroize --unit 1')).toMatchObject({ exitCode: 2 })
  at.terminal.onQuestion = () => location
  expect(await at.yes('cryptounit-zeroize --unit 1')).toMatchObject({ exitCode: 0 })
  expect(at.server.unit(1).threshold).toBe(0)
  expect(at.server.unit(2).threshold).toBe(2)
  at.terminal.onQuestion = undefined
  const both = `cryptounit-zeroize --location ${location} --location ${at.server.unit(2).place.location}`
  expect(await at.yes(both)).toMatchObject({ exitCode: 0 })
  expect(at.server.unit(2).current).toBeUndefined()
  expect((await at.tke('cryptounit-admins --unit 2')).out).toContain('\tnobody\t')
})

test('a stale unit is only vouched for, or zeroized', async () => {
  at = await keyed()
  at.server.unit(1).state = 'stale'
  expect(await at.yes('cryptounit-cp-btc')).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('cryptounit-confirm'),
  })
  expect((await at.tke('cryptounit-compare')).err).toContain("Older than the trail's last event")
  const before = new Map(at.server.unit(1).values)
  expect(await at.yes('cryptounit-confirm --unit 1')).toMatchObject({ exitCode: 0 })
  expect(at.server.unit(1).values).toEqual(before)
  expect(await at.yes('cryptounit-cp-btc')).toMatchObject({ exitCode: 0 })
})

test('every command and its signed answer stand in a file of one line each, for nobody else to read', async () => {
  at = await ceremony([1])
  for (const number of [1, 2, 3]) await at.yes(`cryptounit-admin-add --admin ${number}`)
  await at.yes('cryptounit-thrhld-set --signature 2 --revocation 2')
  const file = join(at.folder.path, 'commands.jsonl')
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>)
  expect(lines.map(({ command }) => command)).toEqual([
    'ADD_ADMINISTRATOR',
    'ADD_ADMINISTRATOR',
    'ADD_ADMINISTRATOR',
    'SET_ATTRIBUTES',
  ])
  for (const { request = '', response, requestHash, location } of lines) {
    expect(requestHash).toBe(createHash('sha256').update(Buffer.from(request, 'hex')).digest('hex'))
    expect(response).toMatch(/^30[0-9a-f]+$/)
    expect(location).toBe(at.server.unit(1).place.location)
    expect(at.server.requests.some((sent) => sent.endsWith(request.toUpperCase()))).toBe(true)
  }
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(at.folder.path).mode & 0o777).toBe(0o700)
})
