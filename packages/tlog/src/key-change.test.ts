/** A change of key: who trusts the old key trusts the new one, and no other. */
import { expect, test } from 'vitest'
import { newKey } from '../test/memory-log.ts'
import { NoteError, openKeyChange, vouchForKey } from './index.ts'

const name = 'example.com/log'
const [old, next, foreign] = [newKey(name), newKey(name), newKey('example.com/other')] as const
const voucher = vouchForKey(next.vkey, old.signer)

async function codeOf(call: Promise<unknown>): Promise<string> {
  return await call.then(
    () => 'none',
    (error: unknown) => (error instanceof NoteError ? error.code : 'another error'),
  )
}

test('who trusts the old key learns the new one', async () => {
  expect(await openKeyChange(next.vkey, voucher, [old.verifier])).toMatchObject({ name, keyId: next.verifier.keyId })
  expect(await openKeyChange(next.vkey, voucher, [foreign.verifier, next.verifier, old.verifier])).toMatchObject({
    name,
  })
})

test('nobody learns it from a key that is not trusted, nor another key from this voucher', async () => {
  expect(await codeOf(openKeyChange(next.vkey, voucher, [foreign.verifier]))).toBe('NO_KNOWN_SIGNATURE')
  expect(await codeOf(openKeyChange(next.vkey, voucher, [next.verifier]))).toBe('NO_KNOWN_SIGNATURE')
  expect(await codeOf(openKeyChange(newKey(name).vkey, voucher, [old.verifier]))).toBe('BAD_SIGNATURE')
  expect(await codeOf(openKeyChange(foreign.vkey, voucher, [old.verifier]))).toBe('NO_KNOWN_SIGNATURE')
})

test('a key of one log does not vouch for one of another', () => {
  expect(() => vouchForKey(foreign.vkey, old.signer)).toThrow('another log')
})

test('neither key nor voucher may bring lines of their own', async () => {
  const itself = vouchForKey(next.vkey, next.signer)
  for (const [key, word] of [
    [next.vkey, `${itself}\n— ${name} ${voucher}`],
    [`${next.vkey}\n`, voucher],
    [next.vkey, `${voucher}\n`],
    [next.vkey, 'AAAA'],
    [next.vkey, ''],
  ] as const) {
    expect(await codeOf(openKeyChange(key, word, [old.verifier]))).toBe('NOTE_FORMAT')
  }
  expect(await codeOf(openKeyChange('no key', voucher, [old.verifier]))).toBe('KEY_FORMAT')
})
