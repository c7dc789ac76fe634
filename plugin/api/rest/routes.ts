import { z } from 'zod'

import type { RestAddress } from '../auth/call-rule.ts'
import { type ProcedurePath, PROCEDURES } from '../trpc/procedures.ts'
import type { Route } from './route.ts'
import { routeInput } from './route-input.ts'

/** The base path of all routes. */
export const BASE_PATH = '/api/v1'
/** The path of the metrics, below the base path and at the root: Prometheus requests it at the root by default. */
export const METRICS_PATH = '/metrics'

const addressOf = (written: RestAddress): Pick<Route, 'method' | 'path'> => {
  const [method = '', path = ''] = written.split(' ')
  return { method: method as Route['method'], path }
}

/** The routes of a procedure: none, one, or one and the deprecated route that it replaces. */
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

/** Routes without a procedure: the OpenAPI document and the metrics. */
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

/** The REST routes, derived from the procedures; used to dispatch requests and to generate OpenAPI. */
export const ROUTES: readonly Route[] = [...(Object.keys(PROCEDURES) as ProcedurePath[]).flatMap(routesOf), ...OTHERS]
