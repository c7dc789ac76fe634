import { z } from 'zod'

import type { RestAddress } from '../auth/call-rule.ts'
import { type ProcedurePath, PROCEDURES } from '../trpc/procedures.ts'
import type { Route } from './route.ts'
import { routeInput } from './route-input.ts'

/** The path that all routes lie below. */
export const BASE_PATH = '/api/v1'
/** Where the metrics are below it, and without it: Prometheus asks there unless it is told otherwise. */
export const METRICS_PATH = '/metrics'

const addressOf = (written: RestAddress): Pick<Route, 'method' | 'path'> => {
  const [method = '', path = ''] = written.split(' ')
  return { method: method as Route['method'], path }
}

/** The routes of a procedure: none, one, or also the one whose place that took. */
function routesOf(procedure: ProcedurePath): Route[] {
  const { meta, inputs, output } = PROCEDURES[procedure]._def
  if (!meta.rest || !output) return []
  const { call, deprecated, summary, status = 200, refusals = [] } = meta.rest
  const routeAt = (written: RestAddress): Omit<Route, 'summary'> => {
    const address = addressOf(written)
    return { ...address, procedure, input: routeInput(address, inputs[0]), status, response: output, refusals }
  }
  const route: Route = { ...routeAt(call), summary }
  if (deprecated === undefined) return [route]
  return [route, { ...routeAt(deprecated), summary: `Deprecated: use ${call}`, deprecated: true }]
}

/** What is served beside the procedures: the description of the interface, and its metrics. */
const OTHERS: readonly Route[] = [
  {
    method: 'GET',
    path: '/openapi.json',
    procedure: null,
    summary: 'The description of all calls, as OpenAPI 3.1',
    input: { from: 'nothing' },
    status: 200,
    response: z.record(z.string(), z.unknown()),
    refusals: [],
  },
  {
    method: 'GET',
    path: METRICS_PATH,
    procedure: null,
    summary: 'The metrics of the org, in the text format of Prometheus; also at the root',
    input: { from: 'nothing' },
    status: 200,
    response: z.string(),
    text: true,
    refusals: [],
  },
]

/** The REST interface, read from the procedures: requests are dispatched by it, and OpenAPI is made of it. */
export const ROUTES: readonly Route[] = [...(Object.keys(PROCEDURES) as ProcedurePath[]).flatMap(routesOf), ...OTHERS]
