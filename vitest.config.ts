import { defineConfig } from 'vitest/config'

import { SkippedReporter } from './test/support/skipped-reporter.ts'

export default defineConfig({
  test: {
    include: ['test/{unit,stage,e2e,faults}/**/*.test.ts'],
    // With them `npm test` would take longer than a change has to wait for: they are for a release.
    exclude: ['**/*.long.test.ts'],
    globalSetup: ['test/support/egress.ts'],
    setupFiles: ['test/support/connect-hook.mjs'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // More than there are cores: most stories wait for something most of the time.
    maxWorkers: 3,
    reporters: ['default', new SkippedReporter()],
  },
})
