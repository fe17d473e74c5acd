/** The text of a signed command, and what of it an event can hold. */
import { generateKeyPairSync, sign } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { certificateCommandText, keyProofText } from './certificate-command.ts'
import { isOfType } from './field-types.ts'

const place = {
  method: 'PUT',
  path: '/v1/certs/1f6f5a0c-5d6e-4a55-9a0b-0f3c1d2e4b5a/certs/web',
  instance: 'crn:v1:keywitness:public:hs-crypto:us-south:a/0123:1f6f5a0c-5d6e-4a55-9a0b-0f3c1d2e4b5a::',
  caller: 'IBMid-50TR4N',
  timestamp: '1772366400000',
  nonce: 'AAECAwQFBgcICQoLDA0ODw',
}
const hash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

test('the text is these lines in this order, and the proof of a new key is another text', () => {
  const lines = [place.method, place.path, place.instance, place.caller, place.timestamp, place.nonce, hash]
  expect(certificateCommandText(place, hash)).toBe(['keywitness-cert-v1', ...lines].join('\n'))
  expect(keyProofText(place, hash)).toBe(['keywitness-cert-v1-proof', ...lines].join('\n'))
})

test('two commands have the same text only when every part is the same', () => {
  const part = fc.constantFrom('', 'a', 'b', 'a b', 'ab')
  const parts = fc.record({
    method: part,
    path: part,
    instance: part,
    caller: part,
    timestamp: part,
    nonce: part,
    hash: part,
  })
  fc.assert(
    fc.property(parts, parts, (one, other) => {
      const isSame = JSON.stringify(one) === JSON.stringify(other)
      expect(certificateCommandText(one, one.hash) === certificateCommandText(other, other.hash)).toBe(isSame)
    }),
  )
})

test('no part can hold a line break, which would make it two', () => {
  for (const name of ['method', 'path', 'instance', 'caller', 'timestamp', 'nonce'] as const) {
    for (const end of ['\n', '\r', '\nx'])
      expect(() => certificateCommandText({ ...place, [name]: `x${end}` }, hash)).toThrow(RangeError)
  }
  expect(() => keyProofText(place, `${hash}\n`)).toThrow(RangeError)
})

test('events hold every key and signature that OpenSSL makes, and no other curve’s key', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' })
  expect(isOfType('p521-public-key', publicKey.export({ type: 'spki', format: 'der' }).toString('base64'))).toBe(true)
  for (let count = 0; count < 100; count++) {
    const signature = sign('sha512', Buffer.from([count]), privateKey).toString('base64')
    expect(isOfType('p521-signature', signature), signature).toBe(true)
  }
  for (const namedCurve of ['P-256', 'P-384', 'secp256k1']) {
    const other = generateKeyPairSync('ec', { namedCurve }).publicKey.export({ type: 'spki', format: 'der' })
    expect(isOfType('p521-public-key', other.toString('base64'))).toBe(false)
  }
})

test('signatures of any length that two numbers can have fit, down to the shortest', () => {
  for (let r = 1; r <= 66; r++) {
    for (const s of [1, 20, 61, 62, 64, 66]) {
      const numbers = [r, s].flatMap((bytes) => [0x02, bytes, ...Array.from({ length: bytes }, () => 0x01)])
      const length = numbers.length < 128 ? [numbers.length] : [0x81, numbers.length]
      const text = Buffer.from([0x30, ...length, ...numbers]).toString('base64')
      // Fewer than 12 characters come of no signature that anybody will ever see.
      expect([r, s, isOfType('p521-signature', text)]).toEqual([r, s, text.length >= 12])
    }
  }
})
