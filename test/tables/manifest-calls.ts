import { BASE_PATH, METRICS_PATH, ROUTES } from '../../plugin/api/rest/routes.ts'
import { type ProcedurePath, PROCEDURES } from '../../plugin/api/trpc/procedures.ts'

/** Where a host can be asked how it is. */
const PROBES = ['/healthz', '/readyz']

/** The calls of the plugin as a manifest lists them: the tRPC procedures, the subscriptions, and the REST routes. */
export function manifestCalls() {
  const paths = Object.keys(PROCEDURES) as ProcedurePath[]
  const isSubscription = (path: ProcedurePath): boolean => PROCEDURES[path]._def.type === 'subscription'
  const served = ROUTES.map(({ method, path }) => ({ method, path: `${BASE_PATH}${path}` }))
  const besides = [METRICS_PATH, ...PROBES.map(path => `${BASE_PATH}${path}`), ...PROBES]
  return {
    procedures: paths.filter(path => !isSubscription(path)),
    subscriptions: paths.filter(isSubscription),
    routes: [...served, ...besides.map(path => ({ method: 'GET', path }))],
  }
}

/** A list as it stands in the manifest, each entry on a line of its own. */
function listed(name: string, entries: readonly object[] | readonly string[]): string {
  const lines = entries.map(entry => {
    if (typeof entry === 'string') return `      ${JSON.stringify(entry)}`
    const fields = Object.entries(entry).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    return `      { ${fields.join(', ')} }`
  })
  return `    "${name}": [\n${lines.join(',\n')}\n    ]`
}

/** A manifest with the calls that there are now. */
export function withCalls(manifest: string): string {
  const lists = Object.entries(manifestCalls()).map(([name, entries]) => listed(name, entries))
  return manifest.replace(/ {4}"procedures": \[[^]*? {4}\](?=\n {2}\}\n\}\n$)/, () => lists.join(',\n'))
}
