/** A log made by Tessera, read and verified by ours. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  CompactRange,
  fromBase64,
  leafHash,
  openCheckpoint,
  parseBundle,
  parseVerifierKey,
  verifyLog,
} from './index.ts'

const VECTORS = new URL('../../../vectors/tlog/tessera-log.json', import.meta.url)
const log = JSON.parse(readFileSync(VECTORS, 'utf8')) as {
  verifierKey: string
  checkpoints: string[]
  bundles: string[]
  tiles: string[]
}
const verifier = parseVerifierKey(log.verifierKey)

test('all sixteen checkpoints open, and their roots are those of the entries', async () => {
  const entries = parseBundle(fromBase64(log.bundles.at(-1)!)!)
  const tree = new CompactRange()
  for (const [size, note] of log.checkpoints.entries()) {
    if (size > 0) tree.append(leafHash(entries[size - 1]!))
    const { checkpoint } = await openCheckpoint(note, [verifier])
    expect(checkpoint).toEqual({ origin: 'example.com/log/testdata', size, root: tree.root(), extensions: [] })
  }
})

test.each(log.checkpoints.map((note, size) => ({ note, size })))(
  'the whole log of size $size verifies',
  async (head) => {
    const report = await verifyLog({
      checkpoint: head.note,
      verifiers: [verifier],
      readBundle: (_n, width) => fromBase64(log.bundles[width - 1]!)!,
      readTile: (_level, _n, width) => fromBase64(log.tiles[width - 1]!)!,
    })
    expect(report).toMatchObject({ ok: true, entries: head.size, faults: [], moreFaults: 0 })
  },
)
