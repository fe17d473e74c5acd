/** Pruned entries in the console: said only with the log's own signature. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { ED25519, formatMinimumIndex, formatVerifierKey, keyId, signNote } from '@keywitness/tlog'
import { expect, test } from 'vitest'
import { checkPruned } from './pruned.ts'

const origin = 'keywitness.test/us-south'
const said = { origin, index: 512, keepDays: 365, size: 700, root: new Uint8Array(32), time: 1_750_000_000_000 }

function newKey(name: string) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'))
  const signer = {
    name,
    keyId: keyId(name, ED25519, raw),
    sign: (message: Uint8Array) => sign(null, message, privateKey),
  }
  return { signer, vkey: formatVerifierKey(name, raw) }
}

test('what the log has signed is told', async () => {
  const { signer, vkey } = newKey(origin)
  const note = signNote(formatMinimumIndex(said), [signer])
  expect(await checkPruned(note, vkey, origin)).toEqual({ kind: 'pruned', minimum: said })
  expect(await checkPruned(undefined, vkey, origin)).toEqual({ kind: 'none' })
})

test('what it has not signed is not believed', async () => {
  const { signer, vkey } = newKey(origin)
  const other = newKey(origin)
  const elsewhere = newKey('keywitness.test/eu-de')
  const forged = signNote(formatMinimumIndex(said), [other.signer])
  const foreign = signNote(formatMinimumIndex({ ...said, origin: 'keywitness.test/eu-de' }), [elsewhere.signer])
  for (const [note, key] of [
    [forged, vkey],
    [signNote(formatMinimumIndex(said), [signer]).replace('\n512\n', '\n256\n'), vkey],
    [foreign, elsewhere.vkey],
    ['nothing', vkey],
  ] as const) {
    expect((await checkPruned(note, key, origin)).kind).toBe('unsigned')
  }
})
