/** CPRB: the 32 bytes of the reference, and payloads exactly as long as they say. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CPRB_HEAD_BYTES, decodeCprb, encodeCprb } from './cprb.ts'
import { ProtocolError } from '../frames.ts'
import { v12 } from '../testing/tke-vectors.ts'

const u32 = fc.integer({ min: 0, max: 0xffff_ffff })

test('vector V12 is read and printed to the same bytes', () => {
  const cprb = decodeCprb(Buffer.from(v12.cprb, 'hex'))
  expect(cprb).toMatchObject({ domainIndex: 3, returnCode: 0 })
  expect(cprb.payload.length).toBe(0x154)
  expect(encodeCprb(3, cprb.payload).toString('hex')).toBe(v12.cprb)
})

test('a CPRB is read back as it was written', () => {
  fc.assert(
    fc.property(u32, fc.uint8Array({ maxLength: 300 }), u32, (domainIndex, payload, returnCode) => {
      const bytes = encodeCprb(domainIndex, payload, returnCode)
      expect(bytes.length).toBe(CPRB_HEAD_BYTES + payload.length)
      expect(decodeCprb(bytes)).toEqual({ domainIndex, returnCode, payload: Buffer.from(payload) })
    }),
  )
})

test('return code and reason stand in bytes 16 to 19', () => {
  expect(encodeCprb(7, Buffer.alloc(0), 0x0008_0010).toString('hex', 16, 20)).toBe('00080010')
})

test('a payload longer or shorter than the head says is refused', () => {
  const bytes = encodeCprb(7, Buffer.alloc(5))
  for (let count = 0; count < bytes.length; count++) {
    expect(() => decodeCprb(bytes.subarray(0, count))).toThrow(ProtocolError)
  }
  expect(() => decodeCprb(Buffer.concat([bytes, Buffer.alloc(1)]))).toThrow(ProtocolError)
})

test('a head of another length, version or function is refused', () => {
  for (const at of [0, 1, 2, 6, 7]) {
    const bytes = encodeCprb(7, Buffer.alloc(5))
    bytes[at] = (bytes[at] ?? 0) ^ 1
    expect(() => decodeCprb(bytes)).toThrow(ProtocolError)
  }
})
