/** `report`: what is wrong with a command line is said before a server is asked. What it writes is tested beside the console's own. */
import { expect, test } from 'vitest'
import { reports } from '@keywitness/cadf'
import { terminalAt } from './in-process.ts'

const period = '--from 2026-10-01 --to 2027-01-01'

test('without a name it lists the fifteen, by their numbers', async () => {
  const { exitCode, out } = await terminalAt(undefined).keywitness('report')
  expect(exitCode).toBe(0)
  const rows = out.trimEnd().split('\n')
  expect(rows.map((row) => row.split('\t').slice(0, 2))).toEqual(
    [...reports.map(({ number, id }) => [number, id] as const), [14, 'sample'] as const]
      .toSorted(([one], [other]) => one - other)
      .map(([number, id]) => [String(number), id]),
  )
  expect(rows).toHaveLength(15)
})

test.each([
  ['report 16 -o r.csv', 'there is no report 16'],
  ['report 1', 'say where to write it'],
  ['report 1 -o r.csv', 'say from which day to which'],
  ['report 1 --from yesterday --to 2027-01-01 -o r.csv', 'yesterday is no day'],
  ['report 1 --from 2026-02-30 --to 2027-01-01 -o r.csv', '2026-02-30 is no day'],
  ['report 1 --from 2027-01-01 --to 2026-10-01 -o r.csv', 'must lie after that of --from'],
  [`report sample ${period} --draws 61 -o r.csv`, 'from 1 to 60'],
  ['report sample --from-evidence none.evidence -o r.csv', 'cannot be made this way'],
  ['report 1 --from-evidence none.evidence --key nothing -o r.csv', 'nothing'],
])('%s says what is wrong', async (words, said) => {
  const { exitCode, err } = await terminalAt(undefined).keywitness(words)
  expect([exitCode, err]).toEqual([2, expect.stringContaining(said)])
})
