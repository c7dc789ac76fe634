import { defineConfig } from 'vitest/config'

import { SkippedReporter } from './test/support/skipped-reporter.ts'

const everywhere = {
  testTimeout: 900_000,
  hookTimeout: 900_000,
  expect: { poll: { timeout: 20_000 } },
}

export default defineConfig({
  test: {
    reporters: ['verbose', new SkippedReporter()],
    projects: [
      // These wait for most of their time: three at once take a third as long.
      {
        test: {
          ...everywhere,
          name: 'faults',
          include: ['test/release/faults/**/*.test.ts'],
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      // These measure times, or use the whole machine.
      {
        test: {
          ...everywhere,
          name: 'alone',
          include: ['test/release/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
