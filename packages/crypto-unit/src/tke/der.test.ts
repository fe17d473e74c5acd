/** DER is read to the byte, lengths of any definite form, and nothing is read past the end. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { DerReader, element, tags } from './der.ts'
import { ProtocolError } from '../frames.ts'

test('an element of any length is read back', () => {
  for (const count of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
    const reader = new DerReader(element(tags.OCTET_STRING, Buffer.alloc(count, 1)))
    expect(reader.take(tags.OCTET_STRING).length).toBe(count)
    reader.end()
  }
})

test('lengths in a longer form than needed are taken, as real modules write them', () => {
  const reader = new DerReader(Buffer.from('3082000104', 'hex'))
  expect(reader.take(tags.SEQUENCE).toString('hex')).toBe('04')
})

test('what is cut off, indefinite, of another tag or followed by anything is refused', () => {
  for (const hex of ['', '04', '0402', '048001', '0484000000', '300100', '0482']) {
    expect(() => new DerReader(Buffer.from(hex, 'hex')).take(tags.OCTET_STRING)).toThrow(ProtocolError)
  }
  expect(() => new DerReader(Buffer.from([0])).end()).toThrow(ProtocolError)
})

test('random bytes give an element inside them or a typed error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(outcomeOf(() => new DerReader(bytes).take(tags.OCTET_STRING).length < bytes.length)).toBe(true)
    }),
  )
})

function outcomeOf(action: () => boolean): boolean {
  try {
    return action()
  } catch (error) {
    return error instanceof ProtocolError
  }
}
