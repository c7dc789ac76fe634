import { defineConfig } from 'vitest/config'

import { SkippedReporter } from './test/support/skipped-reporter.ts'

export default defineConfig({
  test: {
    include: ['test/release/**/*.test.ts'],
    testTimeout: 900_000,
    hookTimeout: 900_000,
    fileParallelism: false,
    expect: { poll: { timeout: 20_000 } },
    reporters: ['verbose', new SkippedReporter()],
  },
})
