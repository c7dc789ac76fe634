import { defineConfig } from 'vitest/config'

import { SkippedReporter } from './test/support/skipped-reporter.ts'

/** They put something else in a module's place, which tests after them in the same worker would meet. */
const REPLACES_MODULES = ['gateway-missing', 'workers-missing', 'download', 'upload'].map(
  name => `test/stage/${name}.test.ts`,
)

const everywhere = {
  setupFiles: ['test/support/connect-hook.mjs'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // What is waited for comes later on a busy machine.
  expect: { poll: { timeout: 20_000 } },
  // More than there are cores: most stories wait for something most of the time.
  maxWorkers: 3,
}

export default defineConfig({
  test: {
    globalSetup: ['test/support/egress.ts'],
    reporters: ['default', new SkippedReporter()],
    projects: [
      {
        test: {
          ...everywhere,
          name: 'modules',
          include: ['test/{unit,stage}/**/*.test.ts'],
          exclude: REPLACES_MODULES,
          // To load all modules anew for each file takes as long as most files.
          isolate: false,
        },
      },
      {
        test: {
          ...everywhere,
          name: 'stories',
          include: ['test/{e2e,faults}/**/*.test.ts', ...REPLACES_MODULES],
          // With them `npm test` would take longer than a change has to wait for: they are for a release.
          exclude: ['**/*.long.test.ts'],
        },
      },
    ],
  },
})
