/** C2SP checkpoints: text form, malformed ones, and whose signature counts. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { newKey } from '../test/memory-log.ts'
import { emptyRoot, formatCheckpoint, openCheckpoint, parseCheckpoint, signNote, toBase64 } from './index.ts'

const log = newKey('example.com/log')
const witness = newKey('witness.example')
const root = new Uint8Array(32).fill(9)
const checkpoint = { origin: 'example.com/log', size: 7, root, extensions: [] }

function refusal(code: string): Error {
  return expect.objectContaining({ name: 'NoteError', code }) as Error
}

test('a checkpoint is three lines, and its extensions', () => {
  expect(formatCheckpoint(checkpoint)).toBe(`example.com/log\n7\n${toBase64(root)}\n`)
  expect(formatCheckpoint({ ...checkpoint, extensions: ['x y'] })).toBe(`example.com/log\n7\n${toBase64(root)}\nx y\n`)
})

test('any checkpoint that is written is read back', () => {
  const line = fc.string({ unit: fc.constantFrom('a', '/', ' ', '+', 'é', '😀'), minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(
      line,
      fc.maxSafeNat(),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.array(line),
      (origin, size, any, extensions) => {
        const given = { origin, size, root: size === 0 ? emptyRoot() : any, extensions }
        expect(parseCheckpoint(formatCheckpoint(given))).toEqual(given)
      },
    ),
  )
})

const base64 = toBase64(root)

test.each([
  '',
  'o\n7\n',
  `o\n7\n${base64}`,
  `\n7\n${base64}\n`,
  `o\n07\n${base64}\n`,
  `o\n-7\n${base64}\n`,
  `o\n7.0\n${base64}\n`,
  `o\n9007199254740993\n${base64}\n`,
  `o\n7\n${toBase64(root.subarray(1))}\n`,
  `o\n7\n${base64}=\n`,
  `o\n7\n${base64} \n`,
  `o\n7\n${base64}\n\n`,
  `o\n7\n${base64}\n\nx\n`,
  `o\n7\n${base64}\nx\ty\n`,
  `o\r\n7\n${base64}\n`,
  `o\n0\n${base64}\n`,
])('the text %j is no checkpoint', (text) => {
  expect(() => parseCheckpoint(text)).toThrow(refusal('CHECKPOINT_FORMAT'))
})

test.each([
  { ...checkpoint, origin: '' },
  { ...checkpoint, origin: 'a\nb' },
  { ...checkpoint, size: -1 },
  { ...checkpoint, size: 0 },
  { ...checkpoint, root: root.subarray(1) },
  { ...checkpoint, extensions: [''] },
])('no text is written for a checkpoint that is none (case %#)', (bad) => {
  expect(() => formatCheckpoint(bad)).toThrow(refusal('CHECKPOINT_FORMAT'))
})

test('the signature of the origin opens it, beside others', async () => {
  const note = signNote(formatCheckpoint(checkpoint), [log.signer, witness.signer])
  await expect(openCheckpoint(note, [log.verifier, witness.verifier])).resolves.toEqual({
    checkpoint,
    verified: ['example.com/log', 'witness.example'],
  })
})

test('a witness alone does not open it', async () => {
  const note = signNote(formatCheckpoint(checkpoint), [log.signer, witness.signer])
  await expect(openCheckpoint(note, [witness.verifier])).rejects.toThrow(refusal('ORIGIN'))
})

test('the key of one log does not open the checkpoint of another', async () => {
  const note = signNote(formatCheckpoint({ ...checkpoint, origin: 'example.com/other' }), [log.signer])
  await expect(openCheckpoint(note, [log.verifier])).rejects.toThrow(refusal('ORIGIN'))
})

test('while a key is rotated either of the two opens it', async () => {
  const next = newKey('example.com/log')
  const note = signNote(formatCheckpoint(checkpoint), [log.signer, next.signer])
  await expect(openCheckpoint(note, [log.verifier])).resolves.toMatchObject({ checkpoint })
  await expect(openCheckpoint(note, [next.verifier])).resolves.toMatchObject({ checkpoint })
  await expect(openCheckpoint(note, [log.verifier, next.verifier])).resolves.toMatchObject({ checkpoint })
})
