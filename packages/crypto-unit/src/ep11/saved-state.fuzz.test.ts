/** Whatever bytes are given as a saved state: an operation that goes on and ends, or the one error that says they are none. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keyTypes } from './attributes.ts'
import { cipherMechanisms } from './ciphers/cipher-mechanisms.ts'
import { digestMechanisms } from './digests/digest-mechanisms.ts'
import { macMechanisms } from './macs/mac-mechanisms.ts'
import type { Running, RunningCipher, RunningDigest } from './mechanism-parts.ts'
import { mechanismName } from './mechanisms.ts'
import { SAVED_BYTES_MAX } from './saved-state.ts'
import { refusal } from '../testing/refusals.ts'

const seed = Number(process.env['SEED'] ?? 20_261_126)

interface Fuzzed {
  readonly title: string
  readonly start: () => RunningDigest | RunningCipher
  readonly restore: (saved: Buffer) => RunningDigest | RunningCipher
}

const nameOf = (value: number): string => mechanismName(value) ?? ''
const keyFor = (value: number): { keyType: number; value: Buffer } =>
  nameOf(value).includes('DES3')
    ? { keyType: keyTypes.CKK_DES3, value: Buffer.alloc(24, 'key') }
    : { keyType: keyTypes.CKK_AES, value: Buffer.alloc(32, 'key') }

const all: readonly Fuzzed[] = [
  ...[...digestMechanisms].map(([value, { start, restore }]) => ({ title: nameOf(value), start, restore })),
  ...[...macMechanisms].map(([value, mechanism]) => ({
    title: nameOf(value),
    start: () => mechanism.start(keyFor(value)),
    restore: (saved: Buffer) => mechanism.restore(keyFor(value), saved),
  })),
  ...[...cipherMechanisms].flatMap(([value, mechanism]) => {
    const key = keyFor(value)
    const bytes = Buffer.alloc(nameOf(value).includes('DES3') ? 8 : 16, 1)
    const parameter = nameOf(value).includes('ECB') ? ({ kind: 'none' } as const) : ({ kind: 'bytes', bytes } as const)
    return (['encrypt', 'decrypt'] as const).map((direction) => ({
      title: `${nameOf(value)}, ${direction}`,
      start: () => mechanism.start(direction, key, parameter),
      restore: (saved: Buffer) => mechanism.restore(direction, key, saved),
    }))
  }),
]

/** A state of the operation after so many bytes, changed in one of the ways in which bytes go wrong. */
function wrongStates(start: Fuzzed['start']): fc.Arbitrary<Buffer> {
  const saved = fc.nat(300).map((bytes) => {
    const running = start()
    running.update(Buffer.alloc(bytes, 7))
    return running.save()
  })
  const flipped = fc
    .tuple(saved, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 }))
    .map(([bytes, flips]) => {
      for (const [at, mask] of flips) bytes[at % bytes.length] = (bytes[at % bytes.length] as number) ^ mask
      return bytes
    })
  const truncated = fc.tuple(saved, fc.nat()).map(([bytes, at]) => bytes.subarray(0, at % bytes.length))
  const longer = fc.tuple(saved, fc.uint8Array({ minLength: 1, maxLength: 2_000 })).map((both) => Buffer.concat(both))
  const head = fc
    .tuple(saved, fc.uint8Array({ maxLength: 1_500 }))
    .map(([bytes, rest]) => Buffer.concat([bytes.subarray(0, 5), rest]))
  const random = fc.uint8Array({ maxLength: 1_500 }).map((bytes) => Buffer.from(bytes))
  return fc.oneof({ arbitrary: flipped, weight: 5 }, truncated, longer, head, random)
}

/** It saves itself as what it was restored from, and takes data and ends as any operation. */
function behaves(running: Running & (RunningDigest | RunningCipher), saved: Buffer): void {
  expect(running.save()).toEqual(saved)
  const codes = new Set([undefined, 'CKR_DATA_LEN_RANGE', 'CKR_ENCRYPTED_DATA_LEN_RANGE', 'CKR_ENCRYPTED_DATA_INVALID'])
  expect(codes).toContain(refusal(() => running.update(Buffer.alloc(33))))
  expect(running.save().length).toBeLessThanOrEqual(SAVED_BYTES_MAX)
  expect(codes).toContain(refusal(() => expect(running.finish().length).toBeLessThanOrEqual(64)))
}

describe.each(all)('$title', ({ start, restore }) => {
  test('wrong states are refused as such, or behave', () => {
    let refused = 0
    const property = fc.property(wrongStates(start), (saved) => {
      const copy = Buffer.from(saved)
      const code = refusal(() => behaves(restore(saved), copy))
      if (code !== undefined) refused += 1
      expect([undefined, 'CKR_SAVED_STATE_INVALID']).toContain(code)
    })
    fc.assert(property, { seed, numRuns: 300 })
    expect(refused).toBeGreaterThan(100)
  })

  test('no state is longer than is promised, whatever the data', () => {
    const running = start()
    for (let bytes = 0; bytes < 300; bytes++) {
      running.update(Buffer.alloc(1))
      expect(running.save().length).toBeLessThanOrEqual(SAVED_BYTES_MAX)
    }
  })
})

test('what is saved by one mechanism is a state of no other', () => {
  const restores = all.filter(({ title }) => !title.includes('encrypt'))
  for (const { title, start } of restores) {
    const saved = start().save()
    const taking = restores.filter(({ restore }) => refusal(() => restore(saved)) === undefined)
    expect(taking.map((other) => other.title)).toEqual([title])
  }
})
