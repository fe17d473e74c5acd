/** `tke failover-enable`: what is missing is asked for, what will happen is shown, and failover units are set up like others. */
import { afterEach, expect, test } from 'vitest'
import { type Ceremony, ceremony, keyed } from './ceremony.ts'

let at: Ceremony
afterEach(() => at.server.http.stop())

/** Number, kind, place and state of each unit, as the command prints them. */
function rowsOf(out: string): string[][] {
  const lines = out.trim().split('\n')
  return lines.map((line) => line.split('\t')).map(([number = '', , ...rest]) => [number, ...rest.slice(0, 3)])
}

test('the server is asked for as many as were said, once it was shown what will happen, and the list has them', async () => {
  at = await ceremony()
  const { exitCode, out, err } = await at.tke('failover-enable --number 2 --region us-east --yes')
  expect(exitCode).toBe(0)
  expect(at.server.assignments).toEqual([{ region: 'us-east', body: { numberOfHsmsRequested: 2 } }])
  const { query } = at.server.http.seen.find(({ path }) => path.includes('/hsmAssignment/')) ?? {}
  expect(query?.get('type')).toBe('failover')
  expect(rowsOf(out)).toEqual([
    ['1', 'operational', '[us-south].[AZ1-SOFT].[00].[03]', 'imprint'],
    ['2', 'operational', '[us-south].[AZ2-SOFT].[01].[03]', 'imprint'],
    ['3', 'recovery', '[us-south].[AZ3-SOFT].[02].[03]', 'imprint'],
    ['4', 'failover', '[us-east].[AZ4-SOFT].[00].[03]', 'imprint'],
    ['5', 'failover', '[us-east].[AZ5-SOFT].[00].[03]', 'imprint'],
  ])
  expect(err).toContain('Adds 2 failover crypto units in us-east')
  expect(err).toContain('--unit 4 --unit 5')
  expect(at.server.requests).toEqual([])
})

test('a person is asked for number and location, and nothing is asked of the server unless it is agreed to', async () => {
  at = await ceremony()
  let word = 'no'
  at.terminal.onQuestion = (question) => {
    if (question.startsWith('Failover units (2)')) return '2'
    return question.startsWith('Location (eu-de, us-east)') ? 'eu-de' : word
  }
  expect(await at.tke('failover-enable')).toMatchObject({ exitCode: 2, err: expect.stringContaining('Do it?') })
  expect(at.server.assignments).toEqual([])
  word = 'yes'
  expect(await at.tke('failover-enable')).toMatchObject({ exitCode: 0 })
  expect(at.server.assignments.map(({ region }) => region)).toEqual(['eu-de'])
})

test('where nobody can be asked, what is missing is named', async () => {
  at = await ceremony()
  for (const [words, missing] of [
    ['failover-enable --region us-east --yes', 'give --number'],
    ['failover-enable --number 2 --yes', 'give --region'],
    ['failover-enable --number 2 --region us-east', 'add --yes'],
  ] as const) {
    expect(await at.tke(words)).toMatchObject({ exitCode: 2, err: expect.stringContaining(missing) })
  }
  expect(at.server.assignments).toEqual([])
})

test.each([
  ['--number 3 --region us-east', 'only 2 operational'],
  ['--number 1 --region us-east', 'a whole number from 2 to 3'],
  ['--number 2 --region us-south', 'cannot be in us-south'],
  ['--number 2 --region atlantis', 'cannot be in atlantis'],
])('%s is refused before the server is asked', async (words, why) => {
  at = await ceremony()
  expect(await at.tke(`failover-enable ${words} --yes`)).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining(why),
  })
  expect(at.server.assignments).toEqual([])
})

test('an instance that has them gets no others', async () => {
  at = await ceremony()
  await at.tke('failover-enable --number 2 --region us-east --yes')
  expect(await at.tke('failover-enable --number 2 --region eu-de --yes')).toMatchObject({
    exitCode: 2,
    err: expect.stringMatching(/already.*\[us-east\]/s),
  })
  expect(at.server.assignments).toHaveLength(1)
})

test('they are set up by the same commands, get the master key of the recovery unit, and are compared with all others', async () => {
  at = await keyed([1, 2, 3])
  await at.tke('failover-enable --number 2 --region us-east --yes')
  const added = '--unit 4 --unit 5'
  expect(await at.tke(`cryptounit-compare --unit 1 ${added}`)).toMatchObject({ exitCode: 1 })
  expect(await at.yes('cryptounit-mk-rotate')).toMatchObject({ exitCode: 2, err: expect.stringContaining('[us-east]') })
  for (const number of [1, 2, 3]) {
    expect(await at.yes(`cryptounit-admin-add ${added} --admin ${number}`)).toMatchObject({ exitCode: 0 })
  }
  const set = await at.yes(`cryptounit-thrhld-set ${added} --signature 2 --revocation 2`)
  expect(set).toMatchObject({ exitCode: 0, out: expect.stringContaining('imprint mode is left') })
  expect(await at.yes(`auto-recover ${added}`)).toMatchObject({ exitCode: 0 })
  for (const number of [4, 5]) {
    const unit = at.server.unit(number)
    expect(unit.values.get(3)).toBe(0x01ff_2055)
    expect(unit.current?.bytes).toEqual(at.server.unit(1).current?.bytes)
  }
  const compared = await at.tke(`cryptounit-compare --unit 1 --unit 2 --unit 3 ${added} --output json`)
  expect(compared.exitCode).toBe(0)
  const { units } = JSON.parse(compared.out) as { units: { type: string }[] }
  expect(units.map(({ type }) => type)).toEqual(['operational', 'operational', 'recovery', 'failover', 'failover'])
})

test('a failover unit that stands in is shown as serving', async () => {
  at = await ceremony()
  await at.tke('failover-enable --number 2 --region us-east --yes')
  at.server.unit(4).state = 'serving'
  const { out } = await at.tke('cryptounits')
  expect(rowsOf(out)[3]).toEqual(['4', 'failover', '[us-east].[AZ4-SOFT].[00].[03]', 'serving'])
})
