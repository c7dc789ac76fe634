/** Resolves at the first signal to stop: Ctrl+C, a service's stop, a closed terminal. A second signal ends the process at once. */
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
