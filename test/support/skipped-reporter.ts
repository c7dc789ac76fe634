import type { Reporter, TestModule } from 'vitest/node'

/** Says at the end of a run which tests were skipped and why, so that nobody takes them for passed. */
export class SkippedReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const reasons = new Map<string, number>()
    for (const test of modules.flatMap(({ children }) => [...children.allTests('skipped')])) {
      const result = test.result()
      // What a filter on the command line left out has no reason.
      if (result.state !== 'skipped' || result.note === undefined) continue
      const reason = `${test.module.relativeModuleId}: ${result.note}`
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    }
    for (const [reason, count] of reasons) process.stdout.write(`SKIPPED  ${count} of ${reason}\n`)
  }
}
