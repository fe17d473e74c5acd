/** The canary of sealed keys: no answer and no error of the unit ever holds their material. */
import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { KeyUse } from './key-use.ts'
import { SealingUnit } from './testing/sealing-unit.ts'

const house = new SealingUnit()

/** Any 8 bytes of it in a row, as they are or written as text. */
function holds(answer: Buffer, material: Buffer): boolean {
  const text = answer.toString('latin1').toLowerCase()
  for (let from = 0; from + 8 <= material.length; from++) {
    const piece = material.subarray(from, from + 8)
    if (answer.includes(piece) || text.includes(piece.toString('hex'))) return true
    if (from % 3 === 0 && answer.includes(piece.subarray(0, 6).toString('base64'))) return true
  }
  return false
}

test('the answer to a fresh key is as long as ciphertext and digest, and the material is not in it', () => {
  for (const count of [8, 32, 512]) {
    const { fields } = house.sealFresh(count)
    const answer = fields.bytesAll
    const opened = house.unseal({ iv: fields.raw(12), sealed: fields.bytes(1_000) })
    const material = opened.fields.bytesAll
    expect(answer.length).toBe(12 + 4 + count + 16 + 32)
    expect(holds(answer, material)).toBe(false)
  }
})

test.each([16, 24, 32, 64])('whatever is done with a key of %i bytes, answered or refused', (count) => {
  const material = randomBytes(count)
  const key = house.seal(material)
  const some = fc.uint8Array({ maxLength: 64 })
  const optional = fc.option(some, { nil: undefined })
  const statuses = new Set<string>()
  const check = (use: KeyUse): void => {
    const answer = house.apply(key, use)
    statuses.add(answer.status)
    expect(holds(answer.fields.bytesAll, material)).toBe(false)
  }
  const wrapped = { algorithm: 'AES', mode: 'NISTKeyWrap', padding: 'None', data: new Uint8Array(24) } as const
  check({ what: 'decrypt', ...wrapped })
  check({ what: 'encrypt', ...wrapped, padding: 'PKCS5' })
  check({ what: 'mac', hash: 'SHA-256', data: wrapped.data })
  fc.assert(
    fc.property(
      fc.constantFrom('AES' as const, '3DES' as const, 'ChaCha20Poly1305' as const),
      fc.constantFrom('ECB', 'CBC', 'CFB', 'OFB', 'CTR', 'GCM', 'XTS', 'NISTKeyWrap', 'AESKeyWrapPadding', 'AEAD'),
      fc.constantFrom('None' as const, 'PKCS5' as const),
      fc.oneof(
        some,
        fc.constantFrom(8, 16, 24, 32).map((length) => new Uint8Array(length)),
      ),
      fc.option(
        fc.constantFrom(8, 12, 16, 64).map((length) => new Uint8Array(length)),
        { nil: undefined },
      ),
      optional,
      (algorithm, mode, padding, data, iv, tag) => {
        const shared = { algorithm, mode, padding, data, ...(iv && { iv }) } as const
        const uses: KeyUse[] = [
          { what: 'encrypt', ...shared },
          { what: 'decrypt', ...shared, ...(tag && { tag }) },
          { what: 'mac', hash: 'SHA-256', data },
          { what: 'mac-verify', hash: 'SHA-1', data, mac: tag ?? data },
        ]
        for (const use of uses) check(use)
      },
    ),
    { numRuns: 150 },
  )
  expect(statuses).toEqual(new Set(['OK', 'INVALID', ...(count === 64 ? [] : ['TAMPERED'])]))
})

test('the search finds material where it is', () => {
  const material = randomBytes(32)
  expect(holds(Buffer.concat([Buffer.alloc(5), material.subarray(10, 20)]), material)).toBe(true)
  expect(holds(Buffer.from(`a key: ${material.toString('hex')}`), material)).toBe(true)
  expect(holds(Buffer.from(`a key: ${material.toString('base64')}`), material)).toBe(true)
  expect(holds(Buffer.from('a key'), material)).toBe(false)
})
