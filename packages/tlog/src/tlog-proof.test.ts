/** C2SP `.tlog-proof` files: written, read, refused, and verified as receipts. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { MemoryLog, newKey } from '../test/memory-log.ts'
import { formatProof, inclusionProof, parseProof, toBase64, verifyReceipt } from './index.ts'

const log = new MemoryLog(300)
const size = 300

function receipt(index: number): string {
  const hashes = inclusionProof(index, size, log.node)
  return formatProof({ index, hashes, checkpoint: log.checkpoint(), extra: log.entries[index]! })
}

const good = receipt(42)

test('a file has the lines of the specification', () => {
  const lines = good.split('\n')
  expect(lines[0]).toBe('c2sp.org/tlog-proof@v1')
  expect(lines[1]).toBe(`extra ${toBase64(log.entries[42]!)}`)
  expect(lines[2]).toBe('index 42')
  expect(lines.slice(3, 12).every((line) => line.length === 44)).toBe(true)
  expect(lines[12]).toBe('')
  expect(lines[13]).toBe('example.com/log')
})

test('any proof that is written is read back, and written the same', () => {
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
  const extra = fc.option(fc.uint8Array({ maxLength: 50 }), { nil: undefined })
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.array(hash, { maxLength: 63 }), extra, (index, hashes, bytes) => {
      const proof = { index, hashes, checkpoint: log.checkpoint(), ...(bytes === undefined ? {} : { extra: bytes }) }
      const text = formatProof(proof)
      expect(parseProof(text)).toEqual(proof)
      expect(formatProof(parseProof(text))).toBe(text)
    }),
    { numRuns: 50 },
  )
})

test.each([0, 42, 255, 256, 299])('the receipt of entry %i proves its bytes', async (index) => {
  const verified = await verifyReceipt(receipt(index), [log.key.verifier])
  expect(verified).toMatchObject({ index, entry: log.entries[index], verified: ['example.com/log'] })
  expect(verified.checkpoint.size).toBe(size)
})

const lines = good.split('\n')

test.each([
  ['another version', good.replace('@v1', '@v2')],
  ['a byte order mark', `\ufeff${good}`],
  ['no index', good.replace('index 42\n', '')],
  ['a leading zero', good.replace('index 42', 'index 042')],
  ['a negative index', good.replace('index 42', 'index -42')],
  ['an index too large', good.replace('index 42', 'index 9007199254740992')],
  ['two index lines', good.replace('index 42', 'index 42\nindex 42')],
  ['extra after index', good.replace(`${lines[1]}\nindex 42`, `index 42\n${lines[1]}`)],
  ['two extra lines', good.replace(lines[1]!, `${lines[1]}\n${lines[1]}`)],
  ['extra that is not base64', good.replace(lines[1]!, 'extra a b')],
  ['a hash of 31 bytes', good.replace(lines[3]!, toBase64(new Uint8Array(31)))],
  ['a hash with a space', good.replace(lines[3]!, ` ${lines[3]}`)],
  ['no empty line', lines.slice(0, 4).join('\n')],
  ['carriage returns', good.replaceAll('\n', '\r\n')],
])('a file with %s is refused', (_what, text) => {
  expect(() => parseProof(text)).toThrow(expect.objectContaining({ code: 'PROOF_FORMAT' }) as Error)
})

test('sizes are bounded', () => {
  const hash = toBase64(new Uint8Array(32))
  const tooLarge = expect.objectContaining({ code: 'PROOF_TOO_LARGE' }) as Error
  expect(() => parseProof(good.replace(lines[3]!, `${hash}\n`.repeat(63) + hash))).toThrow(tooLarge)
  expect(() => parseProof('x'.repeat(3_000_000))).toThrow(tooLarge)
  const extra = new Uint8Array(1_000_001)
  expect(() => formatProof({ index: 0, hashes: [], checkpoint: log.checkpoint(), extra })).toThrow(tooLarge)
  expect(() => parseProof(good.replace(lines[1]!, `extra ${toBase64(extra)}`))).toThrow(tooLarge)
  const hashes = Array.from({ length: 64 }, () => new Uint8Array(32))
  expect(() => formatProof({ index: 0, hashes, checkpoint: log.checkpoint() })).toThrow(tooLarge)
})

test('nothing malformed is written', () => {
  const checkpoint = log.checkpoint()
  expect(() => formatProof({ index: -1, hashes: [], checkpoint })).toThrow(/index/)
  expect(() => formatProof({ index: 0, hashes: [new Uint8Array(31)], checkpoint })).toThrow(/hash/)
  expect(() => formatProof({ index: 0, hashes: [], checkpoint: 'no note' })).toThrow(/note/)
})

const stranger = newKey('example.com/log')

test.each([
  ['NO_ENTRY', good.replace(`${lines[1]}\n`, ''), log.key.verifier],
  ['ROOT_MISMATCH', good.replace(lines[1]!, `extra ${toBase64(log.entries[43]!)}`), log.key.verifier],
  ['ROOT_MISMATCH', good.replace('index 42', 'index 43'), log.key.verifier],
  ['INDEX', good.replace('index 42', 'index 300'), log.key.verifier],
  ['PROOF_LENGTH', good.replace(`${lines[3]}\n`, ''), log.key.verifier],
  ['ROOT_MISMATCH', good.replace(lines[3]!, toBase64(new Uint8Array(32))), log.key.verifier],
  ['BAD_SIGNATURE', good.replace('\n300\n', '\n301\n'), log.key.verifier],
  ['NO_KNOWN_SIGNATURE', good, stranger.verifier],
])('%s: a receipt that does not hold is refused (case %#)', async (code, text, verifier) => {
  await expect(verifyReceipt(text, [verifier])).rejects.toThrow(expect.objectContaining({ code }) as Error)
})
