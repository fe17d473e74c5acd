/** Sets of addresses: compared by what they hold, however they are written. */
import { BlockList, isIPv6 } from 'node:net'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressSet, covers } from './address-set.ts'

const isWithin = (inner: readonly string[], outer: readonly string[]): boolean =>
  covers(addressSet(outer)!, addressSet(inner)!)

test.each<[inner: string[], outer: string[]]>([
  [[], []],
  [[], ['192.0.2.0/24']],
  [['192.0.2.0/24'], ['192.0.2.0/24']],
  [['192.0.2.64/26'], ['192.0.2.0/24']],
  [['192.0.2.9'], ['192.0.2.8/31']],
  [['192.0.2.0/24'], ['192.0.2.0/25', '192.0.2.128/25']],
  [['10.0.0.0/8', '192.0.2.0/24'], ['0.0.0.0/0']],
  [['192.0.2.77/24'], ['192.0.2.0/24']],
  [['2001:db8:1::/48'], ['2001:db8::/32']],
  [['2001:0DB8:0:0:0:0:0:1/128'], ['2001:db8::1']],
  [['2001:db8::/32'], ['2001:db8::/33', '2001:db8:8000::/33']],
  [['192.0.2.0/24'], ['::ffff:192.0.2.0/120']],
  [['::ffff:c000:200/120'], ['192.0.2.0/24']],
  [['0.0.0.0/0', '2001:db8::/32'], ['::/0']],
])('%j holds nothing that %j does not', (inner, outer) => {
  expect(isWithin(inner, outer)).toBe(true)
})

test.each<[inner: string[], outer: string[]]>([
  [['192.0.2.0/24'], []],
  [['192.0.2.0/24'], ['192.0.2.0/25']],
  [['192.0.2.0/24'], ['192.0.2.0/25', '192.0.2.192/26']],
  [['192.0.2.0/24', '198.51.100.1'], ['192.0.2.0/24']],
  [['0.0.0.0/0'], ['0.0.0.0/1', '128.0.0.0/2']],
  [['::/0'], ['0.0.0.0/0']],
  [['2001:db8::/32'], ['2001:db8::/33']],
])('%j holds more than %j', (inner, outer) => {
  expect(isWithin(inner, outer)).toBe(false)
})

test.each([
  '',
  'localhost',
  '192.0.2.0/33',
  '192.0.2',
  '192.0.2.256',
  '192.0.02.1',
  '192.0.2.0/',
  '2001:db8::/129',
  '2001:db8:::1',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1::2::3',
  '1:2:3:4:5:6:7::8',
  '12345::',
  '::192.0.2.1:0',
  ' 10.0.0.0/8',
])('%j is no block', (block) => {
  expect(addressSet(['10.0.0.0/8', block])).toBeUndefined()
})

test('what is no text is no block', () => {
  expect(addressSet([7])).toBeUndefined()
})

test('an address lies in a set exactly where the policies that are enforced take it', () => {
  const v4 = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([address, length]) => `${address}/${length}`)
  const v6 = fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })).map(([address, length]) => `${address}/${length}`)
  fc.assert(
    fc.property(fc.array(fc.oneof(v4, v6), { maxLength: 5 }), fc.oneof(fc.ipV4(), fc.ipV6()), (blocks, address) => {
      const list = new BlockList()
      for (const block of blocks) {
        const [network = '', length] = block.split('/')
        list.addSubnet(network, Number(length), isIPv6(network) ? 'ipv6' : 'ipv4')
      }
      expect(isWithin([address], blocks)).toBe(list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'))
    }),
    { numRuns: 500 },
  )
})
