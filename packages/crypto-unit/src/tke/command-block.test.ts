/** Command blocks: the reference's vector is read, printed to the same bytes, and its signature verifies. */
import { verify } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAdministratorCertificate } from './administrator-certificate.ts'
import { commands, decodeCommandBlock, encodeCommandBlock } from './command-block.ts'
import { ProtocolError } from '../frames.ts'
import { v3Certificate, v4 } from '../testing/tke-vectors.ts'

const vector = Buffer.from(v4.block, 'hex')

test('vector V4 of the TKE reference is read and printed to the same bytes', () => {
  const block = decodeCommandBlock(vector)
  expect(block).toMatchObject({
    command: commands.SET_ATTRIBUTES,
    domainIndex: 7,
    domainInstance: 0x0a0b0c0d,
    serial: '93AABS02',
    moduleInstance: 1n,
    counter: 5n,
  })
  expect(encodeCommandBlock(block).toString('hex')).toBe(v4.block)
})

test("vector V4's signature verifies over the exact bytes and over no others", () => {
  const { publicKey } = parseAdministratorCertificate(Buffer.from(v3Certificate, 'hex'))
  const signature = Buffer.from(v4.signature, 'hex')
  expect(verify('sha512', vector, publicKey, signature)).toBe(true)
  expect(verify('sha512', vector.subarray(2), publicKey, signature)).toBe(false)
})

test('a block is read back as it was written', () => {
  const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
  const anyBlock = fc.record({
    command: u32,
    domainIndex: u32,
    domainInstance: u32,
    serial: fc.stringMatching(/^[0-9A-Z]{8}$/),
    moduleInstance: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    counter: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
    payload: fc.uint8Array({ maxLength: 700 }),
  })
  fc.assert(
    fc.property(anyBlock, (block) => {
      const read = decodeCommandBlock(encodeCommandBlock(block))
      expect({ ...read, payload: new Uint8Array(read.payload) }).toEqual({
        ...block,
        payload: new Uint8Array(block.payload),
      })
    }),
  )
})

test('a block cut off anywhere, or with a byte behind it, is refused', () => {
  for (let count = 0; count < vector.length; count++) {
    expect(() => decodeCommandBlock(vector.subarray(0, count))).toThrow(ProtocolError)
  }
  expect(() => decodeCommandBlock(Buffer.concat([vector, Buffer.alloc(1)]))).toThrow(ProtocolError)
})
