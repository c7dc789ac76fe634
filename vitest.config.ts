import { defineConfig } from 'vitest/config'

import { SkippedReporter } from './test/support/skipped-reporter.ts'

const everywhere = {
  setupFiles: ['test/support/connect-hook.mjs'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // What is waited for comes later on a busy machine.
  expect: { poll: { timeout: 20_000 } },
  // More than there are cores: most stories wait for something most of the time.
  maxWorkers: 3,
}

const testsOf = (...folders: string[]): string[] => folders.map(folder => `test/${folder}/**/*.test.ts`)

export default defineConfig({
  test: {
    globalSetup: ['test/support/egress.ts'],
    reporters: ['default', new SkippedReporter()],
    projects: [
      // To load all modules anew for each file takes as long as most of these files.
      { test: { ...everywhere, name: 'unit', include: testsOf('unit'), isolate: false } },
      { test: { ...everywhere, name: 'stage', include: testsOf('stage'), isolate: false } },
      // What puts something else in a module's place, or starts the host and the network.
      { test: { ...everywhere, name: 'stories', include: testsOf('isolated', 'e2e', 'faults') } },
    ],
  },
})
