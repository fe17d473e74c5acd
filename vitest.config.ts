/** How the whole suite runs: units beside each other, then whole products, and at last those that need the machine alone. */
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const shared = {
  pool: 'forks',
  testTimeout: 30_000,
  hookTimeout: 60_000,
  // For the many programs that tests start: what is compiled is kept.
  env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compiled') },
} as const

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
          include: products,
          exclude: alone,
          // They start servers and browsers, and wait for them more than they compute.
          maxWorkers: '100%',
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...shared,
          name: 'alone',
          include: alone,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
