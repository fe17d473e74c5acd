/** JSON from outside: what is taken, what is refused, and that nothing reaches a prototype. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Refusal } from '../errors.ts'
import { bodyDepthMax, isJsonObject, type JsonValue, memberOf, parseJson } from './json.ts'

const seed = Number(process.env['SEED'] ?? 20_261_125)
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** What parsing throws, or undefined. */
function refusalOf(bytes: Uint8Array): unknown {
  try {
    parseJson(bytes)
    return undefined
  } catch (error) {
    return error
  }
}

test('what is taken is what JSON.parse makes of it', () => {
  const json = fc.json({ maxDepth: bodyDepthMax - 1 }).filter((text) => !/__proto__|constructor|prototype/.test(text))
  fc.assert(
    fc.property(json, (text) => {
      expect(parseJson(bytesOf(text))).toEqual((JSON.parse(text) as JsonValue) ?? undefined)
    }),
    { seed, numRuns: 500 },
  )
})

test('any bytes are taken or refused with a stable code, never anything else', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.string().map(bytesOf)), (bytes) => {
      const refused = refusalOf(bytes)
      expect(refused === undefined || (refused instanceof Refusal && refused.code === 'BAD_BODY_ERR')).toBe(true)
    }),
    { seed, numRuns: 1_000 },
  )
})

test('nesting is taken up to the bound and refused beyond it', () => {
  const nested = (depth: number): Uint8Array => bytesOf('['.repeat(depth) + ']'.repeat(depth))
  expect(() => parseJson(nested(bodyDepthMax))).not.toThrow()
  expect(() => parseJson(nested(bodyDepthMax + 1))).toThrow('nested too deeply')
})

test('brackets inside strings do not nest', () => {
  expect(parseJson(bytesOf(JSON.stringify(`${'['.repeat(100)}"\\`)))).toBe(`${'['.repeat(100)}"\\`)
})

test.each(['{"__proto__":1}', '[{"a":{"prototype":1}}]', '{"constructor":1}', '{"\\u005f_proto__":1}'])(
  '%s is refused',
  (text) => {
    expect(() => parseJson(bytesOf(text))).toThrow('forbidden member')
  },
)

test('the text of a refusal holds nothing of the body', () => {
  for (const text of ['{"hunter2":hunter2}', '"hunter2', '{"__proto__":"hunter2"}']) {
    const refused = refusalOf(bytesOf(text)) as Error
    expect(`${refused.message} ${String(refused.cause)}`).not.toContain('hunter2')
  }
})

test('a member is found whatever its case, the exact spelling first', () => {
  const body = parseJson(bytesOf('{"KEYRINGID":"a","keyRingID":"b","Tags":[]}'))
  if (!isJsonObject(body)) throw new Error('not an object')
  expect([memberOf(body, 'keyRingID'), memberOf(body, 'tags'), memberOf(body, 'name')]).toEqual(['b', [], undefined])
})
