import type { Route } from '../../plugin/api/rest/route.ts'
import { ROUTES } from '../../plugin/api/rest/routes.ts'
import { ruleOf } from '../../plugin/api/trpc/procedures.ts'
import { markdownTable } from './markdown-table.ts'

/** What may stand in the query of a call without a body. */
function queryOf({ input, method }: Route): string {
  if (method !== 'GET' && method !== 'DELETE') return ''
  const schema = input.from === 'query' ? input.schema : 'query' in input ? input.query : undefined
  const names = Object.keys(schema?.shape ?? {})
  return names.length === 0 ? '' : `?${names.map(name => `${name}=`).join('&')}`
}

function rowOf(route: Route): string[] {
  const { method, path, procedure, status, summary } = route
  const role = procedure === null ? 'viewer' : ruleOf(procedure).role
  return [
    `\`${method} ${path}${queryOf(route)}\``,
    procedure === null ? '–' : `\`${procedure}\``,
    role,
    `${status} ${summary}`,
  ]
}

/** The calls of the REST interface, in the order of their paths. */
export function callTable(): string[] {
  const byPath = (one: Route, other: Route): number => (one.path < other.path ? -1 : one.path > other.path ? 1 : 0)
  return markdownTable(['call', 'procedure', 'role', 'does'], ROUTES.toSorted(byPath).map(rowOf))
}
