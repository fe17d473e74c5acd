/** Addresses that may be reached: every special range, every spelling, and what the operator's list opens. */
import { assert, ipV4, property } from 'fast-check'
import { expect, test } from 'vitest'
import { addressRule } from './addresses.ts'
import { parseTargetUrl, TargetUrlError } from './target-url.ts'

const strict = addressRule([])

test.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '168.63.129.16',
  '::',
  '::1',
  '::ffff:10.0.0.1',
  '::ffff:a9fe:a9fe',
  '0:0:0:0:0:ffff:7f00:1',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '2001:0:1::1',
  '2001:db8::1',
  '2002:7f00:1::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  'localhost',
  '',
])('%s is refused', (address) => {
  expect(strict.judge(address)).toBe('refused')
})

test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '::ffff:8.8.8.8', '2606:4700::1111', '2a00:1450::1'])(
  '%s is public',
  (address) => {
    expect(strict.judge(address)).toBe('public')
  },
)

test('the operator’s list opens private addresses, but never those of metadata', () => {
  const rule = addressRule(['10.0.0.0/8', '127.0.0.1', 'fd00::/8', '169.254.0.0/16'])
  expect(['10.9.9.9', '::ffff:10.9.9.9', '127.0.0.1', 'fd12::1'].map((address) => rule.judge(address))).toEqual([
    'listed',
    'listed',
    'listed',
    'listed',
  ])
  expect(['127.0.0.2', '192.168.0.1', 'fd00:ec2::254', '169.254.169.254'].map((one) => rule.judge(one))).toEqual([
    'refused',
    'refused',
    'refused',
    'refused',
  ])
})

test('however an IPv4 address is written into IPv6, the same is decided as for itself', () => {
  assert(
    property(ipV4(), (address) => {
      const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
      const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
      const judged = strict.judge(address)
      for (const spelling of [`::ffff:${address}`, `::FFFF:${hex}`, `0:0:0:0:0:ffff:${hex}`]) {
        expect(strict.judge(spelling)).toBe(judged)
      }
    }),
  )
})

test.each([
  ['ftp://example.com/', 'https'],
  ['not a url', 'not a URL'],
  ['https://user:secret@example.com/', 'credentials'],
  ['https://example.com/#part', 'fragment'],
  [`https://example.com/${'x'.repeat(2_048)}`, 'characters'],
  ['https://2130706433/', 'may not send'],
  ['https://0x7f.0.0.1/', 'may not send'],
  ['https://[::ffff:169.254.169.254]/', 'may not send'],
  ['http://8.8.8.8/', 'may not send'],
])('%s cannot be a target', (url, why) => {
  expect(() => parseTargetUrl(url, strict)).toThrow(TargetUrlError)
  expect(() => parseTargetUrl(url, strict)).toThrow(why)
})

test('https anywhere public, http only where the operator’s list allows', () => {
  expect(parseTargetUrl('https://8.8.8.8/hook', strict).href).toBe('https://8.8.8.8/hook')
  expect(parseTargetUrl('http://127.0.0.1:9/hook', addressRule(['127.0.0.0/8'])).port).toBe('9')
})
