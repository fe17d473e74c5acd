/** C2SP signed notes and verifier keys: the published example, keys known and unknown, and malformed notes. */
import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { newKey } from '../test/memory-log.ts'
import {
  ED25519,
  NoteError,
  formatVerifierKey,
  keyId,
  openNote,
  parseNote,
  parseVerifierKey,
  signNote,
  toBase64,
} from './index.ts'

const VECTORS = new URL('../../../vectors/tlog/signed-note.json', import.meta.url)
const examples = JSON.parse(readFileSync(VECTORS, 'utf8')) as { verifierKey: string; note: string }[]
const example = examples[0]!
const ana = newKey('example.com/ana')
const ben = newKey('example.com/ben')

function refusal(code: string): Error {
  return expect.objectContaining({ name: 'NoteError', code }) as Error
}

test('the example of the specification opens with its key', async () => {
  const verifier = parseVerifierKey(example.verifierKey)
  const { text, verified } = await openNote(example.note, [verifier])
  expect(text).toBe('This is an example message.\n')
  expect(verified).toEqual(['example.com/foo'])
  expect(formatVerifierKey(verifier.name, verifier.publicKey)).toBe(example.verifierKey)
  expect(keyId('example.com/foo', ED25519, verifier.publicKey)).toBe(0x530d903a)
})

test('a key whose base64 holds further pluses is read', () => {
  const publicKey = new Uint8Array(32).fill(0xfb)
  const vkey = formatVerifierKey('a', publicKey)
  expect(vkey.split('+').length).toBeGreaterThan(3)
  expect(parseVerifierKey(`${vkey}\n`).publicKey).toEqual(publicKey)
})

test('any text that may be signed is opened again, empty lines and all', async () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'é', '—', ' ', '😀', '\n'), maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(line, async (lines) => {
      const text = `${lines}\n`
      const opened = await openNote(signNote(text, [ana.signer, ben.signer]), [ben.verifier, ana.verifier])
      expect(opened.text).toBe(text)
      expect(opened.verified).toEqual(['example.com/ana', 'example.com/ben'])
    }),
    { numRuns: 30 },
  )
})

test('signatures of unknown keys are ignored, of the same name or not', async () => {
  const otherAna = newKey('example.com/ana')
  const note = signNote('text\n', [otherAna.signer, ben.signer, ana.signer])
  const { verified, signatures } = await openNote(note, [ana.verifier])
  expect(verified).toEqual(['example.com/ana'])
  expect(signatures).toHaveLength(3)
})

test('a known key that fails spoils the note, even beside one that holds', async () => {
  const liar = { ...ben.signer, sign: () => new Uint8Array(64) }
  const note = signNote('text\n', [ana.signer, liar])
  await expect(openNote(note, [ana.verifier, ben.verifier])).rejects.toThrow(refusal('BAD_SIGNATURE'))
  await expect(openNote(note, [ana.verifier])).resolves.toMatchObject({ verified: ['example.com/ana'] })
  const short = { ...ben.signer, sign: () => new Uint8Array(63) }
  await expect(openNote(signNote('text\n', [short]), [ben.verifier])).rejects.toThrow(refusal('BAD_SIGNATURE'))
})

test('without a known signature the note is refused', async () => {
  const note = signNote('text\n', [ana.signer])
  await expect(openNote(note, [ben.verifier])).rejects.toThrow(refusal('NO_KNOWN_SIGNATURE'))
  await expect(openNote(note, [])).rejects.toThrow(refusal('NO_KNOWN_SIGNATURE'))
})

test('a changed text is refused', async () => {
  const note = signNote('size 10\n', [ana.signer]).replace('size 10', 'size 11')
  await expect(openNote(note, [ana.verifier])).rejects.toThrow(refusal('BAD_SIGNATURE'))
})

test('two known keys of one name and id are refused', async () => {
  const note = signNote('text\n', [ana.signer])
  await expect(openNote(note, [ana.verifier, ana.verifier])).rejects.toThrow(refusal('AMBIGUOUS_KEY'))
})

test('a repeated signature line counts once', async () => {
  const note = signNote('text\n', [ana.signer, ana.signer])
  await expect(openNote(note, [ana.verifier])).resolves.toMatchObject({ verified: ['example.com/ana'] })
})

test('a hundred signatures are taken, one more is not', async () => {
  const fill = Array.from({ length: 99 }, () => ben.signer)
  await expect(openNote(signNote('t\n', [...fill, ana.signer]), [ana.verifier])).resolves.toBeDefined()
  expect(() => signNote('t\n', [...fill, ana.signer, ana.signer])).toThrow(refusal('NOTE_FORMAT'))
  const line = signNote('t\n', [ana.signer]).split('\n')[2]!
  expect(() => parseNote(`t\n\n${`${line}\n`.repeat(101)}`)).toThrow(refusal('NOTE_TOO_LARGE'))
})

const signature = `— a ${toBase64(new Uint8Array(68))}`

test.each([
  ['empty', ''],
  ['no newline at the end', `text\n\n${signature}`],
  ['no empty line', `text\n${signature}\n`],
  ['no signature', 'text\n\n'],
  ['a hyphen for the dash', `text\n\n${signature.replace('—', '-')}\n`],
  ['no name', `text\n\n— ${toBase64(new Uint8Array(68))}\n`],
  ['a plus in the name', `text\n\n${signature.replace(' a ', ' a+b ')}\n`],
  ['two spaces', `text\n\n${signature.replace(' a ', '  a ')}\n`],
  ['a no-break space in the name', `text\n\n${signature.replace(' a ', ' a\u00a0b ')}\n`],
  ['a word too many', `text\n\n${signature} x\n`],
  ['base64 of four bytes', 'text\n\n— a AAAAAA==\n'],
  ['base64 with stray bits', 'text\n\n— a AAAAAAB=\n'],
  ['a carriage return', `text\r\n\n${signature}\n`],
  ['a tab', `te\txt\n\n${signature}\n`],
  ['a null', `te\0xt\n\n${signature}\n`],
  ['a lone surrogate', `te\ud800xt\n\n${signature}\n`],
  ['a line after the signatures', `text\n\n${signature}\nmore\n`],
])('a note with %s is refused', (_what, note) => {
  expect(() => parseNote(note)).toThrow(refusal('NOTE_FORMAT'))
})

test('a note over a million characters is refused', () => {
  expect(() => parseNote(`${'x'.repeat(1_000_000)}\n\n${signature}\n`)).toThrow(refusal('NOTE_TOO_LARGE'))
})

test.each(['no newline', 'tab\t\n', 'lone \udfff\n', ''])('the text %j is not signed', (text) => {
  expect(() => signNote(text, [ana.signer])).toThrow(refusal('NOTE_FORMAT'))
})

test('nobody signs for no name, and no note has no signer', () => {
  expect(() => signNote('t\n', [{ ...ana.signer, name: 'a b' }])).toThrow(refusal('KEY_FORMAT'))
  expect(() => signNote('t\n', [])).toThrow(refusal('NOTE_FORMAT'))
})

const [name, id, ...key] = ana.vkey.split('+')
const base64 = key.join('+')

test.each([
  ['KEY_FORMAT', ''],
  ['KEY_FORMAT', 'example.com/foo'],
  ['KEY_FORMAT', `+${id}+${base64}`],
  ['KEY_FORMAT', `a b+${id}+${base64}`],
  ['KEY_FORMAT', `${name}+${id!.toUpperCase()}G+${base64}`],
  ['KEY_FORMAT', `${name}+0${id}+${base64}`],
  ['KEY_FORMAT', `${name}+00000000+${base64}`],
  ['KEY_FORMAT', `other${name}+${id}+${base64}`],
  ['KEY_FORMAT', `${name}+${id}+`],
  ['KEY_FORMAT', `${name}+${id}+${base64}=`],
  ['KEY_FORMAT', `${name}+${id}+${toBase64(new Uint8Array(32).fill(1))}`],
  ['KEY_FORMAT', `${name}+${id}+${base64}\n\n`],
  ['KEY_FORMAT', `${'x'.repeat(1000)}+${id}+${base64}`],
  ['KEY_TYPE', `${name}+${id}+${toBase64(Uint8Array.of(4, ...new Uint8Array(32)))}`],
  ['KEY_TYPE', `${name}+${id}+${toBase64(Uint8Array.of(2, 1, 2, 3))}`],
])('%s: the key %j is refused', (code, vkey) => {
  expect(() => parseVerifierKey(vkey)).toThrow(refusal(code))
})

test('no verifier key is written for a bad name or length', () => {
  expect(() => formatVerifierKey('a+b', new Uint8Array(32))).toThrow(NoteError)
  expect(() => formatVerifierKey('a', new Uint8Array(31))).toThrow(NoteError)
})
