/** How the whole suite runs: units beside each other, then whole products one file at a time. */
import { defineConfig } from 'vitest/config'

const shared = { pool: 'forks', testTimeout: 30_000, hookTimeout: 60_000 } as const

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
          // One of two cores is left idle otherwise.
          maxWorkers: '100%',
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: 'products',
          include: ['packages/{testkit,console,cli}/test/**/*.test.ts'],
          // They start servers and browsers, and ask how they behave under load: not beside each other.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
