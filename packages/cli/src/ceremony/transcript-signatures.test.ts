/** Signatures under a transcript: whose they are, and that none holds for another text. */
import { generateKeyPairSync } from 'node:crypto'
import { administratorSki, createAdministratorCertificate } from '@keywitness/crypto-unit/tke/administrator-certificate'
import { makeSignerInfo } from '@keywitness/crypto-unit/tke/signer-info'
import { expect, test } from 'vitest'
import {
  noSignatures,
  parseSignatures,
  signerText,
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
    { ski: ana.ski, claimedName: 'Ana' },
    { ski: ben.ski, claimedName: 'Ben' },
  ])
})

test('a signer is told by the names that the events know; another name is only quoted, and marked', () => {
  const mallory = person('Ana')
  const claims = withSignature(noSignatures(text), mallory.certificate, mallory.sign(text))
  const [stranger] = verifySignatures(claims, text)
  const [signer] = verifySignatures(signed, text)
  if (stranger === undefined || signer === undefined) throw new Error('nobody signed')
  const known = { ski: ana.ski, names: ['Ana Alvarez'] }
  expect(signerText(stranger, [known])).toBe(`${mallory.ski}, unknown to these events, who claims to be "Ana"`)
  expect(signerText(signer, [known])).toBe(`Ana Alvarez (${ana.ski})`)
  expect(signerText(signer, [{ ski: ana.ski, names: [] }])).toContain('whose name these events do not tell')
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
