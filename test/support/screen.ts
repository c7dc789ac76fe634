import type { Terminal } from '../../client/terminal/terminal.ts'

/** A terminal that keeps what is written to it, and tells when something fitting was. */
export function createScreen(
  environment: Readonly<Record<string, string>>,
  { isTTY = false, input = '' }: { readonly isTTY?: boolean; readonly input?: string } = {},
) {
  const ended = new AbortController()
  const written = { out: '', err: '' }
  let wake: (() => void)[] = []
  const streamOf = (name: 'out' | 'err') => ({
    isTTY,
    write(text: string) {
      written[name] += text
      for (const each of wake.splice(0)) each()
    },
  })
  async function* typed(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(input)
  }
  const terminal: Terminal = {
    out: streamOf('out'),
    err: streamOf('err'),
    input: Object.assign(typed(), { isTTY }),
    environment,
    signal: ended.signal,
  }
  return {
    written,
    end: () => ended.abort(),
    async until(pattern: RegExp) {
      while (!pattern.test(written.out)) await new Promise<void>(resolve => wake.push(resolve))
    },
    terminal,
  }
}
