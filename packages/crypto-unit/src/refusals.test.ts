/** Every pair of return code and reason that a crypto unit refuses a command with is explained to whoever reads the event. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { explainReturnCode } from './tke/return-codes.ts'

const unitSources = import.meta.dirname
const general = explainReturnCode(1, 1)

/** Pairs that stand in the unit's code; a reason that is decided there stands beside its code as an alternative. */
function pairs(): [number, number][] {
  const files = readdirSync(unitSources, { recursive: true, encoding: 'utf8' })
  // Queries are answered by the pair alone: no event tells of them.
  const code = files.filter((name) => name.endsWith('.ts') && !/\.test\.ts$|testing\/|queries/.test(name))
  return code.flatMap((name) =>
    [...readFileSync(join(unitSources, name), 'utf8').matchAll(/new CommandRefused\((\d+), ([^)]+)\)/g)].flatMap(
      ([, returnCode, reasons = '']) =>
        (reasons.match(/\b\d+\b/g) ?? []).map((reason): [number, number] => [Number(returnCode), Number(reason)]),
    ),
  )
}

test('every refusal of a command has words of its own, and no two say the same', () => {
  const found = [...new Map(pairs().map((pair) => [pair.join('/'), pair])).values()]
  expect(found.length).toBeGreaterThan(40)
  const missing = found.filter(([returnCode, reason]) => explainReturnCode(returnCode, reason) === general)
  expect(missing).toEqual([])
  const texts = found.map(([returnCode, reason]) => explainReturnCode(returnCode, reason))
  expect(texts.filter((text, index) => texts.indexOf(text) !== index)).toEqual([])
  for (const text of texts) expect(text).toMatch(/^[A-Z][^.]+$/)
})

test('a unit that waits for its confirmation says so', () => {
  expect(explainReturnCode(0x8001_0101, 0)).toContain('confirm')
})

test('an empty register that is to be exported is named', () => {
  for (const reason of [49, 50]) expect(explainReturnCode(96, reason)).toContain('register is empty')
})
