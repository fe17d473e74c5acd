/** How the whole suite runs: units beside each other, then whole products, and at last those that need the machine alone. */
import { existsSync, statfsSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const shared = {
  pool: 'forks',
  testTimeout: 30_000,
  hookTimeout: 60_000,
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

export default defineConfig({
  test: {
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
          exclude: alone,
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
