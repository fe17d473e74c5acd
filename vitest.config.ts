/** How the whole suite runs: whole products and units beside each other, the longest first, and at last those that need the machine alone. */
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

const units = [
  'packages/*/src/**/*.test.{ts,tsx}',
  'packages/{cadf,cli}/test/**/*.test.ts',
  'tools/**/*.test.ts',
  'tidy.test.ts',
]

/** They put something else in the place of a module: no other file may have loaded it. */
const mocking = ['asymmetric-key', 'ep11/asymmetric-forms'].map((name) => `packages/crypto-unit/src/${name}.test.ts`)

const products = ['packages/{testkit,console}/test/**/*.test.ts']

/** They ask how a server behaves under load, or while its disk or its unit hangs: nothing else may load the machine. */
const alone = ['crash', 'flood', 'rotation', 'kmip-abuse'].map((name) => `packages/testkit/test/${name}.test.ts`)

/** Whole products that are killed, upgraded and cut off, a minute or more each: a run takes a third of them, those of its seed. */
const longWays = ['old-data', 'rotation-crash', 'ceremony-crash', 'stale-units', 'remote-tracker', 'seal']
const seed = Number((process.env['KEYWITNESS_SEED'] ??= String(Date.now() % 1_000)))
/** Files that are named are run, and `npm run soak -- tables` takes all. */
const isWhole =
  process.env['KEYWITNESS_SWEEP'] !== undefined || process.argv.slice(3).some((word) => !word.startsWith('-'))
const resting = isWhole
  ? []
  : longWays.filter((_, place) => (place + seed) % 3 !== 0).map((name) => `packages/testkit/test/${name}.test.ts`)

/** What takes longest begins first: a long file that begins last leaves a core idle. The rest follows by size, products before units. */
const long = [
  'console/test/access',
  'testkit/test/remote-tracker',
  'testkit/test/old-data',
  'testkit/test/rotation-crash',
  'testkit/test/completeness',
  'console/test/trail',
  'console/test/alerts',
  'cli/test/tke/master-keys',
  'testkit/test/start',
  'testkit/test/ceremony-crash',
  'testkit/test/stale-units',
  'testkit/test/seal',
  'console/test/proof',
  'testkit/test/tke-cli',
  'tracker/src/prune.fault',
  'server/src/units/process',
  'server/src/units/process-garbage',
  'server/src/units/ceremony',
].map((name) => `/packages/${name}.test.ts`)

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId, project }: TestSpecification): number => {
      const nth = long.findIndex((name) => moduleId.endsWith(name))
      if (nth >= 0) return nth
      return project.name === 'products' ? long.length : long.length + 1
    }
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b))
  }
}

/** All but the last run beside each other. They start servers and browsers, and wait for them about as much as they compute. */
const together = { maxWorkers: Math.ceil(1.5 * availableParallelism()), sequence: { groupOrder: 0 } }

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...shared,
          ...together,
          name: 'units',
          env: quick,
          include: units,
          exclude: mocking,
          // Their modules are many, keep no state and do nothing at import: loaded once for many files, they take half the time.
          isolate: false,
        },
      },
      { test: { ...shared, ...together, name: 'mocking', env: quick, include: mocking } },
      { test: { ...shared, ...together, name: 'products', env, include: products, exclude: [...alone, ...resting] } },
      {
        test: {
          ...shared,
          name: 'alone',
          env,
          include: alone,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
