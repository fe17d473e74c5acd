/** Command blocks: the reference's vector is read, printed to the same bytes, and its signature verifies. */
import { verify } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAdministratorCertificate } from './administrator-certificate.ts'
import {
  commandName,
  commands,
  counterBytes,
  counterValue,
  decodeAnyBlock,
  decodeCommandBlock,
  encodeCommandBlock,
  encodeQueryBlock,
  isQuery,
  queries,
} from './command-block.ts'
import { octets, sequence, word } from './der.ts'
import { ProtocolError } from '../frames.ts'
import { v3Certificate, v4 } from '../testing/tke-vectors.ts'

const vector = Buffer.from(v4.block, 'hex')
const u32 = fc.integer({ min: 0, max: 0xffff_ffff })

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

test('a query names no module and no counter, and is no command', () => {
  fc.assert(
    fc.property(u32, fc.uint8Array({ maxLength: 40 }), (domainIndex, payload) => {
      const query = encodeQueryBlock(queries.ADMINISTRATORS, domainIndex, payload)
      expect(decodeAnyBlock(query)).toEqual({
        id: queries.ADMINISTRATORS,
        domainIndex,
        domainInstance: 0,
        module: undefined,
        counter: undefined,
        payload: Buffer.from(payload),
      })
      expect(() => decodeCommandBlock(query)).toThrow(ProtocolError)
    }),
  )
})

test('a device certificate is asked for with domain index 0, whatever the domain', () => {
  expect(decodeAnyBlock(encodeQueryBlock(queries.DEVICE_CERTIFICATE, 7)).domainIndex).toBe(0)
})

test('a block cut off anywhere, or with a byte behind it, is refused', () => {
  for (let count = 0; count < vector.length; count++) {
    expect(() => decodeCommandBlock(vector.subarray(0, count))).toThrow(ProtocolError)
  }
  expect(() => decodeCommandBlock(Buffer.concat([vector, Buffer.alloc(1)]))).toThrow(ProtocolError)
})

test('a block with lengths in a longer form says the same, and an indefinite one nothing', () => {
  const members = vector.subarray(2)
  const long = Buffer.concat([Buffer.from('30820056', 'hex'), members])
  expect(decodeCommandBlock(long)).toEqual(decodeCommandBlock(vector))
  const indefinite = Buffer.concat([Buffer.from('3080', 'hex'), members, Buffer.from('0000', 'hex')])
  expect(() => decodeCommandBlock(indefinite)).toThrow(ProtocolError)
})

const ofMembers = (domain: number, module: number, counter: number): Buffer =>
  sequence(
    word(commands.ZEROIZE),
    octets(Buffer.alloc(domain)),
    octets(Buffer.alloc(module)),
    octets(Buffer.alloc(counter)),
    octets(),
  )

test('a domain, a module or a counter of another size is refused', () => {
  expect(decodeAnyBlock(ofMembers(8, 16, 16)).counter).toBe(0n)
  for (const [domain, module, counter] of [
    [0, 16, 16],
    [4, 16, 16],
    [8, 15, 16],
    [8, 17, 16],
    [8, 16, 8],
    [8, 16, 17],
  ] as const) {
    expect(() => decodeAnyBlock(ofMembers(domain, module, counter))).toThrow(ProtocolError)
  }
  for (const [module, counter] of [
    [0, 16],
    [16, 0],
  ] as const) {
    expect(() => decodeCommandBlock(ofMembers(8, module, counter))).toThrow(ProtocolError)
  }
})

test('a member too many or too few is refused', () => {
  const five = [word(commands.ZEROIZE), octets(Buffer.alloc(8)), octets(), octets(), octets()]
  decodeAnyBlock(sequence(...five))
  expect(() => decodeAnyBlock(sequence(...five, octets()))).toThrow(ProtocolError)
  expect(() => decodeAnyBlock(sequence(...five.slice(0, 4)))).toThrow(ProtocolError)
})

test('a counter is 16 bytes, and one that does not fit is never written as another one', () => {
  expect(counterBytes(5n).toString('hex')).toBe('5'.padStart(32, '0'))
  expect(counterBytes(2n ** 128n - 1n).toString('hex')).toBe('f'.repeat(32))
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), (counter) => {
      expect(counterBytes(counter).length).toBe(16)
      expect(counterValue(counterBytes(counter))).toBe(counter)
    }),
  )
  for (const counter of [2n ** 128n, -1n]) expect(() => counterBytes(counter)).toThrow(RangeError)
})

test('commands have names, queries and unknown ids have none', () => {
  expect(commandName(0x0c)).toBe('LOAD')
  for (const [name, id] of Object.entries(commands)) expect([commandName(id), isQuery(id)]).toEqual([name, false])
  for (const id of Object.values(queries)) expect([commandName(id), isQuery(id)]).toEqual([undefined, true])
  for (const id of [0, 0x01, 0x0f, 0x1_000c + 1, 0xffff_ffff]) expect(commandName(id)).toBeUndefined()
})
