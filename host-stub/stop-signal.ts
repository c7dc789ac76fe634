/** Resolves when somebody wants this process to stop: Ctrl+C, a service's stop, a closed terminal. A second wish ends it at once. */
export function untilStopped(): Promise<void> {
  return new Promise(resolve => {
    let asked = false
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(1)
        asked = true
        resolve()
      })
    }
  })
}
