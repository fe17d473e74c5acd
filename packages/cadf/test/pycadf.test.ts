/** The strict rendering against a second implementation: pycadf, Debian's package of OpenStack's library. */
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as fc from 'fast-check'
import { type ActionName, buildEvent, checkStrictCadf, strictCadf } from '../src/index.ts'
import { anyFacts, call, emitted, stamp, valueOf } from './facts.ts'

/** Debian's own interpreter: packages of Debian are not those of another Python on the path. */
const python = '/usr/bin/python3'
const isThere = spawnSync(python, ['-c', 'import pycadf']).status === 0
/** Without pycadf these tests are skipped, by name; where CI runs them that is a failure. */
const isSkipped = !isThere && process.env['CI'] === undefined

const place = { index: 41, leafHash: `${'A'.repeat(43)}=`, origin: 'keywitness/us-south/0' }

/** pycadf's verdicts on records, `ok` or what it refused. */
function verdicts(records: readonly unknown[]): string[] {
  const input = records.map((record) => `${JSON.stringify(record)}\n`).join('')
  const script = join(import.meta.dirname, 'pycadf/validate.py')
  return execFileSync(python, [script], { input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
    .trimEnd()
    .split('\n')
}

function entryOf(facts: Parameters<typeof buildEvent>[0]) {
  return { event: buildEvent(facts, stamp), format: 'keywitness-entry/1', producer: 'p.1', sequence: 7 }
}

describe.skipIf(isSkipped)('strict CADF, read by pycadf 3.1.1', () => {
  test('it takes every action of the catalogue, as success and as failure, with all its fields', () => {
    const cases = emitted.flatMap(({ action, request, response }) => {
      const fields = (list: typeof request) =>
        Object.fromEntries(list.map((field) => [field.name, fc.sample(valueOf(field), { numRuns: 1, seed: 7 })[0]]))
      const facts = { request: fields(request), response: fields(response) } as object
      return [
        { name: `${action} success`, facts: call(action as ActionName, facts) },
        {
          name: `${action} failure`,
          facts: call(action as ActionName, { outcome: 'failure', reason: { code: 403, forFailure: 'It may not.' } }),
        },
      ]
    })
    expect(cases.length).toBeGreaterThan(200)
    const records = cases.map(({ facts }) => strictCadf(entryOf(facts), place))
    const refused = verdicts(records).flatMap((verdict, i) =>
      verdict === 'ok' ? [] : [`${cases[i]?.name}: ${verdict}`],
    )
    expect(refused).toEqual([])
    expect(records.flatMap((record) => checkStrictCadf(record))).toEqual([])
  })

  test('it takes any event that can be built', () => {
    const records = fc
      .sample(anyFacts(), { numRuns: 300, seed: 20_261_125 })
      .map((facts) => strictCadf(entryOf(facts), place))
    expect(new Set(verdicts(records))).toEqual(new Set(['ok']))
  })

  test('it refuses the same events in the dialect they are stored in', () => {
    const events = [call('hs-crypto.secrets.create'), call('hs-crypto.secrets.wrap')].map(
      (facts) => entryOf(facts).event,
    )
    for (const verdict of verdicts(events)) expect(verdict).not.toBe('ok')
  })
})
