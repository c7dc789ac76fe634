const PRELOAD = new URL('./open-gate.mjs', import.meta.url).href

/** The variables of a host, and those that let its agents' tool calls pass, whatever they do to the world. */
export function withOpenGate(environment: Readonly<Record<string, string>>): Record<string, string> {
  return { ...environment, NODE_OPTIONS: [environment['NODE_OPTIONS'] ?? '', '--import', PRELOAD].join(' ').trim() }
}
