const PATIENCE_MS = 3_000

/** The picture of the code that the surrounding page shows now; null if it shows none, or there is no surrounding page. */
export function shownCode(): Promise<string | null> {
  if (window.parent === window) return Promise.resolve(null)
  return new Promise(resolve => {
    const { port1, port2 } = new MessageChannel()
    const timer = setTimeout(() => resolve(null), PATIENCE_MS)
    port1.onmessage = ({ data }: MessageEvent<unknown>) => {
      clearTimeout(timer)
      port1.close()
      resolve(typeof data === 'string' ? data : null)
    }
    window.parent.postMessage('shown-code', location.origin, [port2])
  })
}
