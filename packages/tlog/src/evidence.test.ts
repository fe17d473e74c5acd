/** Evidence: what it holds is proved, each changed byte shows, and the first thing that is wrong has a name. */
import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { linesOfEvidence, namesIn, sealed } from '../test/make-evidence.ts'
import { MemoryLog, fastHash, newKey } from '../test/memory-log.ts'
import { evidenceEntry, evidenceHead, leafHash, verifyEvidence } from './index.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const named = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')

async function verify(log: MemoryLog, file: Uint8Array, pieces = file.length) {
  const entries: number[] = []
  const attachments: string[] = []
  const chunks = function* (): Generator<Uint8Array> {
    for (let at = 0; at < file.length; at += pieces) yield file.subarray(at, at + pieces)
  }
  const report = await verifyEvidence(chunks(), {
    trust: () => [log.key.verifier],
    attachmentsOf: namesIn,
    hash: fastHash,
    onEntry: ({ index }) => void entries.push(index),
    onAttachment: ({ sha256 }) => attachments.push(sha256),
  })
  return { report, entries, attachments }
}

/** A log of which some entries name attachments, one of them twice and one that is lost. */
function attachingLog() {
  const one = bytes('["a","b"]')
  const lines = bytes('two\nlines')
  const lost = bytes('lost')
  const log = new MemoryLog(3)
  const append = (...names: string[]): void => log.append(bytes(JSON.stringify({ names })))
  append(named(one), named(lines))
  append()
  append(named(one), named(lost), named(lost))
  log.append(bytes('{"in":\n"lines"}'))
  const contents = new Map([
    [named(one), one],
    [named(lines), lines],
  ])
  return { log, contents, names: [named(one), named(lines), named(lost)] as const }
}

test('any entries of a log of any size are proved, however the file comes in pieces', async () => {
  const logs = [1, 2, 3, 5, 8, 13, 64, 100, 257].map((size) => new MemoryLog(size))
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...logs),
      fc.uniqueArray(fc.nat(256)),
      fc.integer({ min: 1, max: 400 }),
      async (log, wanted, pieces) => {
        const indexes = wanted.filter((index) => index < log.head().size).toSorted((a, b) => a - b)
        const { report, entries } = await verify(log, sealed(linesOfEvidence(log, indexes)), pieces)
        expect(entries).toEqual(indexes)
        const [first] = indexes
        const last = indexes.at(-1)
        const isGapless = first !== undefined && last !== undefined && last - first + 1 === indexes.length
        expect(report).toMatchObject({ entries: indexes.length, first, last, isGapless, verified: [log.origin] })
        expect(report.checkpoint.root).toEqual(log.head().root)
        expect(report.query).toBe('{"text":"ä"}')
      },
    ),
    { numRuns: 60 },
  )
})

test('each hash stands in it once: a few hundred entries of a large log need few', () => {
  const log = new MemoryLog(50_000)
  const indexes = Array.from({ length: 300 }, (_, i) => i * 7)
  const hashes = linesOfEvidence(log, indexes)
    .map((line) => new TextDecoder().decode(line))
    .filter((line) => line.startsWith('proof '))
    .flatMap((line) => line.split(' ').slice(1))
  expect(hashes.length).toBeLessThan(300 * 5)
})

test('what entries name comes with them, once, and what the log has lost is said to be missing', async () => {
  const { log, contents, names } = attachingLog()
  const { report, attachments } = await verify(log, sealed(linesOfEvidence(log, [3, 4, 5, 6], contents)))
  expect(attachments).toEqual(names.slice(0, 2))
  expect(report).toMatchObject({ attachments: 2, missing: [names[2]], isGapless: true, first: 3, last: 6 })
})

test('the portable hash verifies the same', async () => {
  const log = new MemoryLog(20)
  const file = sealed(linesOfEvidence(log, [3, 7]))
  expect(await verifyEvidence([file], { trust: () => [log.key.verifier] })).toMatchObject({ entries: 2 })
})

test('no byte of it can be changed, dropped or put in unseen', async () => {
  const { log, contents } = attachingLog()
  const file = sealed(linesOfEvidence(log, [1, 3, 5, 6], contents))
  await verify(log, file)
  const unseen: string[] = []
  const tryOne = async (what: string, changed: Uint8Array): Promise<void> => {
    await verify(log, changed).then(
      () => unseen.push(what),
      (error: Error) => {
        if (!['EvidenceError', 'NoteError', 'ProofError', 'SyntaxError'].includes(error.name)) throw error
      },
    )
  }
  for (let at = 0; at < file.length; at++) {
    for (const bit of [1, 32, 128]) {
      const changed = file.slice()
      changed[at]! ^= bit
      await tryOne(`bit ${bit} of byte ${at}`, changed)
    }
    await tryOne(`without byte ${at}`, new Uint8Array([...file.subarray(0, at), ...file.subarray(at + 1)]))
    await tryOne(`cut at ${at}`, file.slice(0, at))
  }
  await tryOne('a line more', new Uint8Array([...file, 0x0a]))
  await tryOne('twice', new Uint8Array([...file, ...file]))
  expect(unseen).toEqual([])
}, 120_000)

/** The file with one line changed, the seal made new over it, as a forger would. */
function forged(lines: readonly Uint8Array[], at: number, change: (line: string) => string | undefined): Uint8Array {
  return sealed(
    lines.flatMap((line, i) => {
      const text = i === at ? change(new TextDecoder().decode(line)) : undefined
      return i === at ? (text === undefined ? [] : [bytes(text)]) : [line]
    }),
  )
}

test('a forger who makes the seal new is found by the signed root, the leaf or the name, and at which line', async () => {
  const { log, contents } = attachingLog()
  const lines = linesOfEvidence(log, [1, 3, 5, 6], contents)
  const at = (word: string): number => lines.findIndex((line) => new TextDecoder().decode(line).startsWith(word))
  const other = bytes('{"names":[]}')
  const cases: [string, Uint8Array, string, number][] = [
    [
      'an entry changed',
      forged(lines, at('entry 1'), (line) => line.replace('"entry"', '"Entry"')),
      'ENTRY_CHANGED',
      at('entry 1'),
    ],
    [
      'an entry changed with its leaf',
      forged(lines, at('entry 1'), () => new TextDecoder().decode(evidenceEntry(1, other, leafHash(other)))),
      'ROOT_MISMATCH',
      lines.length,
    ],
    ['an entry left out', forged(lines, at('entry 1'), () => undefined), 'PROOF', at('entry 1')],
    [
      'an entry under another index',
      forged(lines, at('entry 1'), (line) => line.replace('entry 1', 'entry 0')),
      'PROOF',
      at('entry 1'),
    ],
    ['a hash left out', forged(lines, at('proof'), () => undefined), 'PROOF', at('proof')],
    [
      'an attachment changed',
      forged(lines, at('attachment '), (line) => line.replace('"a"', '"c"')),
      'ATTACHMENT_CHANGED',
      at('attachment '),
    ],
    [
      'an attachment left out',
      forged(lines, at('attachment '), () => undefined),
      'ATTACHMENT_UNNAMED',
      at('attachment '),
    ],
    [
      'the last attachment left out',
      forged(lines, at('missing '), () => undefined),
      'ATTACHMENT_MISSING',
      at('missing '),
    ],
    ['another word', forged(lines, at('proof'), (line) => line.replace('proof', 'prove')), 'FORMAT', at('proof')],
  ]
  for (const [what, file, code, line] of cases) {
    await expect(verify(log, file), what).rejects.toMatchObject({ name: 'EvidenceError', code, line: line + 1 })
  }
  // What was asked is the maker's word: a forger may write another. The reference page says so.
  await verify(
    log,
    forged(lines, 1, () => 'query {}'),
  )
})

test('the keys it names are no ground for trust, and those named must have signed', async () => {
  const log = new MemoryLog(5)
  const file = sealed(linesOfEvidence(log, [1]))
  const stranger = newKey(log.origin)
  await expect(verifyEvidence([file], { trust: () => [stranger.verifier] })).rejects.toMatchObject({
    code: 'NO_KNOWN_SIGNATURE',
  })
  const lines = linesOfEvidence(log, [1])
  const withStranger = forged(lines, 2, () => `key ${stranger.vkey}`)
  await expect(verify(log, withStranger)).rejects.toMatchObject({ code: 'NO_KNOWN_SIGNATURE' })
  expect(() => evidenceHead({ query: 'a\nb', keys: [], note: log.checkpoint() })).toThrow('no line')
})

test('a line without end does not fill the memory', async () => {
  const endless = function* (): Generator<Uint8Array> {
    for (;;) yield new Uint8Array(65_536).fill(0x61)
  }
  await expect(verifyEvidence(endless(), { trust: () => [] })).rejects.toMatchObject({ code: 'LINE_TOO_LONG', line: 1 })
})
