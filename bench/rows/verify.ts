/** Row: full verification of a log from its bytes, beside bare SHA-256 over the same bytes. */
import { createHash, hash } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { openReader } from '@keywitness/tracker'
import { parseBundle, parseVerifierKey, platformHash, TILE_WIDTH, tileWidth, verifyLog } from '@keywitness/tlog'
import { interleaved } from '../harness/rounds.ts'
import type { Bench, Row, RowReport } from '../harness/row.ts'
import { short } from '../harness/statistics.ts'
import { filledLog, type LogPlace } from '../load/filled-log.ts'

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

  const from = (readBundle: (n: number) => Uint8Array | Promise<Uint8Array>) => async (): Promise<number> => {
    const began = performance.now()
    const report = await verifyLog({
      checkpoint,
      verifiers,
      readBundle,
      readTile: (level, n, width) => present(reader.tile(level, n, width)),
      hash: platformHash(hash),
    })
    if (!report.ok || report.entries !== size) throw new Error(`not verified: ${JSON.stringify(report.faults[0])}`)
    bytes = report.bytes
    return report.bytes / seconds(began)
  }
  const source = new BundleSource(place, size)
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
  const rounds = await interleaved(
    bench,
    {
      'verification, bundles read by another thread': from((n) => source.bundle(n)),
      'verification, bundles read by itself': from(bundleAt),
      'verification, bundles in memory': from((n) => held[n] as Uint8Array),
      'SHA-256, one stream': stream,
      'SHA-256, entry by entry': entryByEntry,
    },
    { leansOn: ['echo'] },
  )
  reader.close()
  await source.end()
  const what = 'full verification'
  const beside = 'bare SHA-256 over the same bytes, one stream'
  return {
    figures: [
      rounds.figure('verification, bundles read by another thread', 'SHA-256, one stream', {
        what: `${what}, segments read and unpacked by another thread, as by a server`,
        beside,
        must: 0.3,
        goal: 0.6,
      }),
      rounds.figure('verification, bundles read by itself', 'SHA-256, one stream', {
        what: `${what}, segments read and unpacked by the same thread`,
        beside,
      }),
      rounds.figure('verification, bundles in memory', 'SHA-256, one stream', {
        what: `${what}, bundles in memory`,
        beside,
      }),
      rounds.figure('verification, bundles read by itself', 'SHA-256, entry by entry', {
        what: `${what}, segments read and unpacked by the same thread`,
        beside: 'bare SHA-256 of each entry',
      }),
    ],
    absolute: [`${size} entries, ${short(bytes / 2 ** 20)} MB; raw values are bytes/s`],
    checks: ['the report says that every byte is what the signed root commits to'],
    skipped: [],
    raw: rounds.values,
  }
}

/** Bundles that another thread reads. */
class BundleSource {
  readonly #worker: Worker
  readonly #size: number
  readonly #waiting = new Map<number, (bytes: Uint8Array) => void>()

  constructor(place: LogPlace, size: number) {
    this.#size = size
    this.#worker = new Worker(new URL('../load/bundle-source.ts', import.meta.url), { workerData: place })
    this.#worker.on('message', ({ n, bytes }: { n: number; bytes: Uint8Array }) => {
      this.#waiting.get(n)?.(bytes)
      this.#waiting.delete(n)
    })
  }

  bundle(n: number): Promise<Uint8Array> {
    return new Promise((resolve) => {
      this.#waiting.set(n, resolve)
      this.#worker.postMessage({ n, width: tileWidth(0, n, this.#size) })
    })
  }

  end(): Promise<unknown> {
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve))
    this.#worker.postMessage('end')
    return ended
  }
}

function seconds(began: number): number {
  return (performance.now() - began) / 1e3
}

function present(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined) throw new Error('the log does not hold what it covers')
  return bytes
}
