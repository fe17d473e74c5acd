/** Pruned logs: the minimum index is signed apart from checkpoints, and what is above it verifies as before. */
import { expect, test } from 'vitest'
import { fastHash, MemoryLog, newKey } from '../test/memory-log.ts'
import {
  type MinimumIndex,
  NotStored,
  formatMinimumIndex,
  openCheckpoint,
  openMinimumIndex,
  parseMinimumIndex,
  rangeHash,
  signNote,
  verifyLog,
} from './index.ts'

const said: MinimumIndex = {
  origin: 'example.com/log',
  index: 512,
  keepDays: 365,
  size: 700,
  root: new Uint8Array(32).fill(7),
  time: 1_750_000_000_000,
}

test('what is signed reads back, and only its own log’s key says it', async () => {
  const { signer, verifier } = newKey(said.origin)
  const note = signNote(formatMinimumIndex(said), [signer])
  expect(await openMinimumIndex(note, [verifier])).toEqual(said)
  const other = newKey('example.com/other')
  await expect(openMinimumIndex(note, [other.verifier])).rejects.toMatchObject({ code: 'NO_KNOWN_SIGNATURE' })
  const foreign = signNote(formatMinimumIndex(said), [other.signer])
  await expect(openMinimumIndex(foreign, [other.verifier])).rejects.toMatchObject({ code: 'ORIGIN' })
  const changed = note.replace('\n512\n', '\n256\n')
  await expect(openMinimumIndex(changed, [verifier])).rejects.toMatchObject({ code: 'BAD_SIGNATURE' })
})

test('no checkpoint is taken for it, and it for no checkpoint', async () => {
  const { signer, verifier } = newKey(said.origin)
  const note = signNote(formatMinimumIndex(said), [signer])
  await expect(openCheckpoint(note, [verifier])).rejects.toMatchObject({ code: 'CHECKPOINT_FORMAT' })
  const checkpoint = new MemoryLog(3).options().checkpoint
  expect(() => parseMinimumIndex(checkpoint)).toThrow(expect.objectContaining({ code: 'MINIMUM_FORMAT' }))
})

test.each([
  ['an index that is no multiple of 256', { index: 500 }],
  ['an index beyond its tree', { index: 1_024 }],
  ['a root of another length', { root: new Uint8Array(31) }],
  ['an origin of two lines', { origin: 'a\nb' }],
  ['a negative time', { time: -1 }],
])('%s is refused', (_what, wrong) => {
  expect(() => formatMinimumIndex({ ...said, ...wrong })).toThrow(expect.objectContaining({ code: 'MINIMUM_FORMAT' }))
})

/** A log whose bundles below an index are gone. */
function prunedLog(size: number, minimum: number) {
  const log = new MemoryLog(size)
  const options = log.options({
    minimum,
    readBundle: (n, width) => {
      if ((n + 1) * 256 <= minimum) throw new NotStored('pruned')
      return log.bundle(n, width)
    },
  })
  return { log, options }
}

test.each([
  [700, 256],
  [700, 512],
  [66_049, 65_536],
  [512, 512],
])('a log of %i pruned below %i verifies from there on', async (size, minimum) => {
  const { log, options } = prunedLog(size, minimum)
  const heads = [minimum, minimum / 2 + 3].map((at) => ({ size: at, root: rangeHash(0, at, log.node, fastHash) }))
  const report = await verifyLog({ ...options, heads })
  expect(report).toMatchObject({ ok: true, entries: size - minimum, pruned: minimum, faults: [] })
  expect(report.root).toEqual(log.head().root)
})

test('what an older copy has below the minimum index is verified, too', async () => {
  const { log, options } = prunedLog(700, 512)
  const copy = { ...options, hasBundle: (n: number) => n === 1, readBundle: log.bundle }
  expect(await verifyLog(copy)).toMatchObject({ ok: true, pruned: 256, entries: 444 })
  log.entries[300] = new TextEncoder().encode('changed')
  expect((await verifyLog(copy)).faults).toEqual([expect.objectContaining({ kind: 'CHANGED', index: 300 })])
})

test('entries that are gone above the minimum index are missing', async () => {
  const { log, options } = prunedLog(700, 256)
  const report = await verifyLog({
    ...options,
    readBundle: (n, width) => {
      if (n < 2) throw new NotStored('not there')
      return log.bundle(n, width)
    },
  })
  expect(report.ok).toBe(false)
  expect(report.faults[0]).toMatchObject({ kind: 'UNREADABLE', index: 256, count: 256 })
})

test('without a minimum index every missing bundle is a fault', async () => {
  const { options } = prunedLog(700, 512)
  const report = await verifyLog({ ...options, minimum: 0 })
  expect(report.faults.map(({ kind }) => kind)).toEqual(['UNREADABLE', 'UNREADABLE'])
})

test('a changed hash of a pruned entry does not lead to the signed root', async () => {
  const { log, options } = prunedLog(700, 512)
  const report = await verifyLog({
    ...options,
    readTile: (level, n, width) => {
      const tile = log.tile(level, n, width).slice()
      if (level === 0 && n === 1) tile[40]! ^= 1
      return tile
    },
  })
  expect(report.ok).toBe(false)
  expect(report.faults[0]).toMatchObject({ index: 256 })
})

test('a pruned tile that is not there is named', async () => {
  const { log, options } = prunedLog(700, 512)
  const report = await verifyLog({
    ...options,
    readTile: (level, n, width) => {
      if (level === 0 && n === 0) throw new NotStored('gone')
      return log.tile(level, n, width)
    },
  })
  expect(report.ok).toBe(false)
  expect(report.faults).toContainEqual(expect.objectContaining({ kind: 'UNREADABLE', path: 'tile/0/000' }))
})
