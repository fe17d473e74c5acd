/** How the whole suite runs: units beside each other, then whole products, the longest first, and at last those that need the machine alone. */
import { randomInt } from 'node:crypto'
import { existsSync, statfsSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const shared = {
  pool: 'forks',
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // What comes by itself comes late on a busy machine.
  expect: { poll: { timeout: 10_000 } },
} as const

// For the many programs that tests start: what is compiled is kept.
const env = { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compiled') }

/** For tests that ask what is written, not how long the disk takes: half of the time of some is spent on waiting for it. */
const quick = { ...env, TMPDIR: hasRoom('/dev/shm') ? '/dev/shm' : tmpdir() }

function hasRoom(folder: string): boolean {
  if (!existsSync(folder)) return false
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize > 4 * 1024 ** 3
}

const server = ['packages/server/src/**/*.test.ts']

const products = ['packages/{testkit,console,cli}/test/**/*.test.ts']

/** They ask how a server behaves under load, or while its disk or its unit hangs: nothing else may load the machine. */
const alone = ['crash', 'flood', 'rotation', 'kmip-abuse'].map((name) => `packages/testkit/test/${name}.test.ts`)

/** Whole products that are killed, upgraded and cut off, a minute or more each: a run takes one of them, by its seed. */
const longWays = ['old-data', 'rotation-crash', 'ceremony-crash', 'stale-units', 'remote-tracker', 'seal']
const seed = Number((process.env['KEYWITNESS_SEED'] ??= String(randomInt(1_000))))
/** Files that are named are run, and `npm run soak -- tables` takes all. */
const isWhole =
  process.env['KEYWITNESS_SWEEP'] !== undefined || process.argv.slice(3).some((word) => !word.startsWith('-'))
const resting = isWhole
  ? []
  : longWays
      .filter((_, place) => place !== seed % longWays.length)
      .map((name) => `packages/testkit/test/${name}.test.ts`)

/** What takes longest begins first: a long file that begins last leaves a core idle. The rest follows by size. */
const long = [
  'console/test/access',
  'testkit/test/remote-tracker',
  'testkit/test/old-data',
  'testkit/test/rotation-crash',
  'testkit/test/completeness',
  'console/test/keys',
  'console/test/integrity',
  'console/test/trail',
  'testkit/test/ceremony-crash',
  'testkit/test/stale-units',
  'testkit/test/seal',
  'cli/test/tke/master-keys',
  'console/test/alerts',
  'testkit/test/tamper',
  'testkit/test/tke-cli',
  'console/test/alerts-setup',
  'testkit/test/start',
  'tracker/src/prune.fault',
  'server/src/units/process',
  'server/src/units/process-garbage',
  'server/src/units/ceremony',
].map((name) => `/packages/${name}.test.ts`)

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const nth = long.findIndex((name) => moduleId.endsWith(name))
      return nth < 0 ? long.length : nth
    }
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b))
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...shared,
          name: 'units',
          env: quick,
          include: [
            'packages/*/src/**/*.test.{ts,tsx}',
            'packages/cadf/test/**/*.test.ts',
            'tools/**/*.test.ts',
            'tidy.test.ts',
          ],
          exclude: server,
          // One of two cores is left idle otherwise.
          maxWorkers: '100%',
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: 'server',
          env: quick,
          include: server,
          maxWorkers: '100%',
          // Its modules are many, keep no state and do nothing at import: loaded once for many files, they take half the time.
          isolate: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...shared,
          name: 'products',
          env,
          include: products,
          exclude: [...alone, ...resting],
          // They start servers and browsers, and wait for them more than they compute.
          maxWorkers: Math.ceil(1.5 * availableParallelism()),
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...shared,
          name: 'alone',
          env,
          include: alone,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
