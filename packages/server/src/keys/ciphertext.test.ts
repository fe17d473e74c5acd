/** The opaque ciphertext: parse and print is the identity, and nothing else is taken. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatCiphertext, parseCiphertext } from './ciphertext.ts'
import { refusalFrom } from './testing/refusal.ts'

const wrappings = fc.record({
  iv: fc.uint8Array({ minLength: 12, maxLength: 12 }),
  ciphertext: fc.uint8Array({ minLength: 17, maxLength: 3_088 }),
  handle: fc.uuid(),
})

/** What reading a text comes to. */
function outcomeOf(text: string): 'read' | 'not ours' | [string, number] {
  let read
  const refusal = refusalFrom(() => (read = parseCiphertext(text)))
  if (refusal !== undefined) return [refusal.code, refusal.status]
  return read === undefined ? 'not ours' : 'read'
}

const encode = (json: string) => Buffer.from(json, 'latin1').toString('base64')
const sample = { iv: new Uint8Array(12).fill(1), ciphertext: new Uint8Array(48).fill(2) }
const handle = '01890a5d-ac96-774b-bcce-b302099a8057'

test('what is printed is read back the same', () => {
  fc.assert(
    fc.property(wrappings, (wrapping) => {
      const read = parseCiphertext(formatCiphertext(wrapping))
      expect(read?.handle).toBe(wrapping.handle)
      expect(Uint8Array.from(read?.iv ?? [])).toEqual(wrapping.iv)
      expect(Uint8Array.from(read?.ciphertext ?? [])).toEqual(wrapping.ciphertext)
    }),
  )
})

test('whatever is read prints as the same text: a changed character is not read, or reads differently', () => {
  const change = fc.tuple(wrappings, fc.nat(), fc.constantFrom(...'AZaz09+/='.split('')))
  fc.assert(
    fc.property(change, ([wrapping, position, character]) => {
      const text = formatCiphertext(wrapping)
      const at = position % text.length
      const changed = text.slice(0, at) + character + text.slice(at + 1)
      const read = outcomeOf(changed) === 'read' ? parseCiphertext(changed) : undefined
      expect(read === undefined || formatCiphertext(read) === changed).toBe(true)
    }),
  )
})

test('any other text is refused or not ours, and the refusal does not repeat it', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String(), fc.json().map(encode)), (text) => {
      expect(['not ours', ['INVALID_FIELD_ERR', 400]]).toContainEqual(outcomeOf(text))
    }),
  )
  expect(() => parseCiphertext('marked-secret!')).toThrow(/^(?!.*marked).*$/)
})

test('it is JSON with the four members of the published samples', () => {
  const json = Buffer.from(formatCiphertext({ ...sample, handle }), 'base64').toString()
  expect(JSON.parse(json)).toEqual({
    ciphertext: Buffer.alloc(48, 2).toString('base64'),
    iv: Buffer.alloc(12, 1).toString('base64'),
    version: '4.0.0',
    handle,
  })
})

test.each([
  ['not base64', '****'],
  ['empty', ''],
  ['too long', 'A'.repeat(8_196)],
])('a ciphertext that is %s is a bad field', (_, text) => {
  expect(outcomeOf(text)).toEqual(['INVALID_FIELD_ERR', 400])
})

const parts = (iv: string, ciphertext: string, version = '4.0.0', named = handle) =>
  encode(`{"ciphertext":"${ciphertext}","iv":"${iv}","version":"${version}","handle":"${named}"}`)
const iv = Buffer.alloc(12).toString('base64')
const body = Buffer.alloc(32).toString('base64')

test.each([
  ['another version', parts(iv, body, '4.0.1')],
  ['a short iv', parts(Buffer.alloc(9).toString('base64'), body)],
  ['nothing but a tag', parts(iv, Buffer.alloc(16).toString('base64'))],
  ['left-over bits', parts(iv, 'AB==')],
  ['a handle that is no id', parts(iv, body, '4.0.0', '../../etc/passwd')],
  ['a handle in capitals', parts(iv, body, '4.0.0', handle.toUpperCase())],
  ['other members', encode(JSON.stringify({ ciphertext: body, hash: 'x' }))],
  ['a member more', encode(JSON.stringify({ ciphertext: body, iv, version: '4.0.0', handle, more: 1 }))],
  ['another order', encode(JSON.stringify({ iv, ciphertext: body, version: '4.0.0', handle }))],
  ['bytes that are no JSON', Buffer.alloc(64, 0xff).toString('base64')],
])('base64 of %s is no ciphertext of this service', (_, text) => {
  expect(outcomeOf(text)).toBe('not ours')
})

test('the same fields without any change are taken', () => {
  expect(outcomeOf(parts(iv, body))).toBe('read')
})
