/** Row: full verification of a log from its bytes, beside bare SHA-256 over the same bytes. */
import { createHash, hash } from 'node:crypto'
import { openReader } from '@keywitness/tracker'
import { parseBundle, parseVerifierKey, platformHash, TILE_WIDTH, tileWidth, verifyLog } from '@keywitness/tlog'
import { interleaved } from '../harness/rounds.ts'
import type { Bench, Row, RowReport } from '../harness/row.ts'
import { short } from '../harness/statistics.ts'
import { filledLog } from '../load/filled-log.ts'

export const verify: Row = {
  name: 'verify',
  title: 'Full verification of a log, reading its sealed segments',
  run: measure,
}

async function measure(bench: Bench): Promise<RowReport> {
  const place = await filledLog(bench)
  const reader = openReader(place)
  const size = reader.covered()
  const bundles = Math.ceil(size / TILE_WIDTH)
  const bundleAt = (n: number): Uint8Array => present(reader.bundle(n, tileWidth(0, n, size)))
  const verifiers = [parseVerifierKey(reader.key())]
  const checkpoint = reader.checkpoint() ?? ''
  let bytes = 0

  const whole = async (): Promise<number> => {
    const began = performance.now()
    const report = await verifyLog({
      checkpoint,
      verifiers,
      readBundle: bundleAt,
      readTile: (level, n, width) => present(reader.tile(level, n, width)),
      hash: platformHash(hash),
    })
    if (!report.ok || report.entries !== size) throw new Error(`not verified: ${JSON.stringify(report.faults[0])}`)
    bytes = report.bytes
    return report.bytes / seconds(began)
  }
  /** The bytes lie in memory: nothing but hashing is measured. */
  const held = Array.from({ length: bundles }, (_, n) => Buffer.from(bundleAt(n)))
  const entries = held.flatMap((bundle) => parseBundle(bundle))
  const stream = (): number => {
    const began = performance.now()
    const digest = createHash('sha256')
    for (const bundle of held) digest.update(bundle)
    digest.digest()
    return held.reduce((sum, bundle) => sum + bundle.length, 0) / seconds(began)
  }
  const entryByEntry = (): number => {
    const began = performance.now()
    for (const entry of entries) hash('sha256', entry, 'binary')
    return entries.reduce((sum, entry) => sum + entry.length, 0) / seconds(began)
  }
  const inMemory = async (): Promise<number> => {
    const began = performance.now()
    const report = await verifyLog({
      checkpoint,
      verifiers,
      readBundle: (n) => held[n] as Uint8Array,
      readTile: (level, n, width) => present(reader.tile(level, n, width)),
      hash: platformHash(hash),
    })
    if (!report.ok) throw new Error('not verified')
    return report.bytes / seconds(began)
  }

  const rounds = await interleaved(
    bench,
    {
      'verification, from segments': whole,
      'verification, bundles in memory': inMemory,
      'SHA-256, one stream': stream,
      'SHA-256, entry by entry': entryByEntry,
    },
    { leansOn: ['echo'] },
  )
  reader.close()
  const what = 'full verification'
  return {
    figures: [
      rounds.figure('verification, from segments', 'SHA-256, one stream', {
        what: `${what}, segments read and unpacked`,
        beside: 'bare SHA-256 over the same bytes, one stream',
        must: 0.3,
        goal: 0.6,
      }),
      rounds.figure('verification, bundles in memory', 'SHA-256, one stream', {
        what: `${what}, bundles in memory`,
        beside: 'bare SHA-256 over the same bytes, one stream',
      }),
      rounds.figure('verification, from segments', 'SHA-256, entry by entry', {
        what: `${what}, segments read and unpacked`,
        beside: 'bare SHA-256 of each entry',
      }),
    ],
    absolute: [`${size} entries, ${short(bytes / 2 ** 20)} MB; raw values are bytes/s`],
    checks: ['the report says that every byte is what the signed root commits to'],
    skipped: [],
    raw: rounds.values,
  }
}

function seconds(began: number): number {
  return (performance.now() - began) / 1e3
}

function present(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined) throw new Error('the log does not hold what it covers')
  return bytes
}
