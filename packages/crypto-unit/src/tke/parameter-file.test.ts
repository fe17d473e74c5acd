/** Parameter files in any order, and vector V7: the certificate of a key part holder. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { octets, sequence } from './der.ts'
import {
  decodeHolderCertificate,
  decodeParameters,
  encodeHolderCertificate,
  encodeParameters,
  parameters,
  SCOPE_SHORT,
} from './parameter-file.ts'
import { ProtocolError } from '../frames.ts'
import { v2, v7 } from '../testing/tke-vectors.ts'

const point = Buffer.from(`04${v2.x}${v2.y}`, 'hex')
const u32 = fc.integer({ min: 0, max: 0xffff_ffff })

test('vector V7: the certificate has the bytes of the reference and zeros around them, and gives the point back', () => {
  const certificate = encodeHolderCertificate(point)
  expect(certificate.length).toBe(v7.bytes)
  expect(certificate.toString('hex', v7.at, v7.at + v7.head.length / 2)).toBe(v7.head)
  expect(certificate.subarray(0, 36).every((byte) => byte === 0)).toBe(true)
  expect(certificate.subarray(177).every((byte) => byte === 0)).toBe(true)
  expect(certificate.subarray(44, 177)).toEqual(point)
  expect(decodeHolderCertificate(certificate)).toEqual(point)
})

test('the point of a holder is read whatever stands in the signature area', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 133, maxLength: 133 }), (bytes) => {
      const certificate = encodeHolderCertificate(bytes)
      certificate.fill(0x5a, 177)
      expect(decodeHolderCertificate(certificate)).toEqual(Buffer.from(bytes))
    }),
  )
})

test("a holder's certificate of another size, or with another head, is refused", () => {
  const certificate = encodeHolderCertificate(point)
  for (const other of [certificate.subarray(1), Buffer.concat([certificate, Buffer.alloc(1)]), Buffer.alloc(0)]) {
    expect(() => decodeHolderCertificate(other)).toThrow(ProtocolError)
  }
  for (let at = 36; at < 44; at++) {
    const altered = Buffer.from(certificate)
    altered[at] = (altered[at] ?? 0) ^ 1
    expect(() => decodeHolderCertificate(altered)).toThrow(ProtocolError)
  }
})

test("the client's request for an export is read, with its elements in any order", () => {
  const elements = [
    Buffer.from('0406001c00000001', 'hex'),
    octets(Buffer.from('001d00000000', 'hex'), encodeHolderCertificate(point)),
    Buffer.from('0406001f0000000c', 'hex'),
  ]
  const expected = [
    { type: parameters.PART_LIMIT, index: 1, data: Buffer.alloc(0) },
    { type: parameters.HOLDER_CERTIFICATE, index: 0, data: encodeHolderCertificate(point) },
    { type: parameters.SCOPE, index: SCOPE_SHORT, data: Buffer.alloc(0) },
  ]
  expect(decodeParameters(sequence(...elements))).toEqual(expected)
  expect(decodeParameters(sequence(...elements.toReversed()))).toEqual(expected.toReversed())
  expect(encodeParameters(expected)).toEqual(sequence(...elements))
})

test('a parameter file is read back as it was written', () => {
  const parameter = fc.record({
    type: fc.integer({ min: 0, max: 0xffff }),
    index: u32,
    data: fc.uint8Array({ maxLength: 400 }).map((data) => Buffer.from(data)),
  })
  fc.assert(
    fc.property(fc.array(parameter, { maxLength: 64 }), (list) => {
      expect(decodeParameters(encodeParameters(list))).toEqual(list)
    }),
  )
})

test('an element too short for type and index, or more elements than allowed, are refused', () => {
  for (const size of [0, 5]) expect(() => decodeParameters(sequence(octets(Buffer.alloc(size))))).toThrow(ProtocolError)
  const many = (count: number): Buffer =>
    encodeParameters(Array.from({ length: count }, (_, index) => ({ type: 1, index, data: Buffer.alloc(0) })))
  expect(decodeParameters(many(64)).length).toBe(64)
  expect(() => decodeParameters(many(65))).toThrow(ProtocolError)
})

test('a parameter file cut off anywhere, or with something behind it, is refused', () => {
  const file = encodeParameters([
    { type: parameters.PART_LIMIT, index: 1, data: Buffer.alloc(0) },
    { type: parameters.KEY_PART, index: 0, data: Buffer.alloc(200) },
  ])
  for (let count = 0; count < file.length; count++) {
    expect(() => decodeParameters(file.subarray(0, count))).toThrow(ProtocolError)
  }
  expect(() => decodeParameters(Buffer.concat([file, Buffer.alloc(1)]))).toThrow(ProtocolError)
})
