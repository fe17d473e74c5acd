/** Signatures under a transcript: whose they are, and that none holds for another text. */
import { generateKeyPairSync } from 'node:crypto'
import { administratorSki, createAdministratorCertificate } from '@keywitness/crypto-unit/tke/administrator-certificate'
import { makeSignerInfo } from '@keywitness/crypto-unit/tke/signer-info'
import { expect, test } from 'vitest'
import {
  noSignatures,
  parseSignatures,
  type TranscriptSignatures,
  verifySignatures,
  withSignature,
} from './transcript-signatures.ts'

const text = 'CEREMONY TRANSCRIPT\n'

function person(name: string, kind: 'ec' | 'rsa' = 'ec') {
  const { privateKey } =
    kind === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-521' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  const ski = administratorSki(privateKey)
  const certificate = createAdministratorCertificate(name, privateKey)
  const sign = (message: string) => makeSignerInfo(Buffer.from(message), Buffer.from(ski, 'hex'), privateKey)
  return { ski, name, certificate, sign }
}

const ana = person('Ana')
const ben = person('Ben', 'rsa')
const signed = [ana, ben].reduce<TranscriptSignatures>(
  (file, { certificate, sign }) => withSignature(file, certificate, sign(text)),
  noSignatures(text),
)

test('each who signed is told by name and key, after a trip through the file', () => {
  expect(verifySignatures(parseSignatures(JSON.stringify(signed)), text)).toEqual([
    { ski: ana.ski, name: 'Ana' },
    { ski: ben.ski, name: 'Ben' },
  ])
})

test('whoever signs again is there once', () => {
  expect(verifySignatures(withSignature(signed, ana.certificate, ana.sign(text)), text)).toHaveLength(2)
})

test('signatures under another text, or made for another, do not hold', () => {
  expect(() => verifySignatures(signed, `${text} `)).toThrow('of another transcript')
  const foreign = withSignature(signed, ana.certificate, ana.sign('another text'))
  expect(() => verifySignatures(foreign, text)).toThrow('does not verify')
  const borrowed = withSignature(noSignatures(text), ben.certificate, ana.sign(text))
  expect(() => verifySignatures(borrowed, text)).toThrow('does not verify')
})

test.each([
  '',
  '{}',
  '[]',
  'null',
  JSON.stringify({ ...signed, format: 'x' }),
  JSON.stringify({ ...signed, signatures: [null] }),
])('%s is no file of signatures', (json) => {
  expect(() => parseSignatures(json)).toThrow('no file of signatures')
})
