/** The frozen files of evidence: their verdicts stay, and a second reader in another language comes to the same ones. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { namesIn } from '../test/make-evidence.ts'
import { parseVerifierKey, verifyEvidence } from './index.ts'

interface Vectors {
  readonly vkey: string
  readonly cases: readonly {
    readonly name: string
    readonly expect: { readonly code?: string; readonly line?: number }
    readonly evidence: string
  }[]
}

const folder = join(import.meta.dirname, '../../../vectors/evidence')
const text = readFileSync(join(folder, 'evidence.json'), 'utf8')
const { vkey, cases } = JSON.parse(text) as Vectors

async function verdict(evidence: string): Promise<object> {
  const trust = () => [parseVerifierKey(vkey)]
  return verifyEvidence([Buffer.from(evidence)], { trust, attachmentsOf: namesIn }).catch((error: object) => error)
}

test.each(cases)('$name has the verdict that it had', async ({ expect: expected, evidence }) => {
  expect(await verdict(evidence)).toMatchObject(expected)
})

test('the example is the file of the vectors', () => {
  const some = cases.find(({ name }) => name === 'some')
  expect(readFileSync(join(folder, 'example.evidence'), 'utf8')).toBe(some?.evidence)
  expect(cases.filter(({ expect: { code } }) => code === undefined).length).toBe(5)
})

const python = '/usr/bin/python3'

test.skipIf(!existsSync(python) && process.env['CI'] === undefined)(
  'a reader in Python, written from the page, agrees but for signatures',
  () => {
    const script = join(import.meta.dirname, '../test/check_evidence.py')
    const told = execFileSync(python, [script], { input: text, encoding: 'utf8' }).trimEnd().split('\n')
    // It checks no signature.
    const isGood = (code: string | undefined): boolean => code === undefined || code === 'BAD_SIGNATURE'
    expect(told).toEqual(cases.map(({ name, expect: { code } }) => `${name} ${isGood(code) ? 'ok' : 'bad'}`))
  },
)
