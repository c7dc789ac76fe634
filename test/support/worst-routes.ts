/** A call of a route that no procedure stands behind. */
export type RouteCall = { readonly method: string; readonly path: string; readonly body?: Buffer }

/** The worst call of such a route that is taken, and what there is so much of. */
export type WorstRoute = { readonly most: string; readonly call: (artifact: string) => RouteCall }

const UPLOAD_BYTES = 4 * 2 ** 20
const get = (path: string): WorstRoute['call'] => {
  return artifact => ({ method: 'GET', path: path.replace(':id', artifact) })
}

/** T5: what is worst of each call that the table of calls in plugin/api/README.md has no procedure for, by that table's words. */
export const WORST_ROUTES: Readonly<Record<string, WorstRoute>> = {
  'POST /artifacts': {
    most: 'a file of 4 MiB; larger ones only take longer to come',
    call: () => ({ method: 'POST', path: '/api/v1/artifacts', body: Buffer.alloc(UPLOAD_BYTES, 7) }),
  },
  'GET /artifacts/:id': { most: 'the whole of it', call: get('/api/v1/artifacts/:id') },
  'GET /policies/audit': { most: 'a page of 1,000', call: get('/api/v1/policies/audit?limit=1000') },
  'GET /policies/audit/:id': { most: 'an id', call: get('/api/v1/policies/audit/adt_01J00000000000000000000000') },
  'GET /policies/audit/stream': { most: 'all of it', call: get('/api/v1/policies/audit/stream') },
  'GET /policies/audit.csv': { most: 'all of it', call: get('/api/v1/policies/audit.csv') },
  'POST /auth/exchange': {
    most: 'a code',
    call: () => ({ method: 'POST', path: '/api/v1/auth/exchange', body: Buffer.from('{"code":"none"}') }),
  },
  'DELETE /auth/token': { most: 'nothing', call: () => ({ method: 'DELETE', path: '/api/v1/auth/token' }) },
  'GET /openapi.json': { most: 'nothing', call: get('/api/v1/openapi.json') },
  'GET /metrics': { most: 'nothing', call: get('/metrics') },
  'GET /healthz': { most: 'nothing', call: get('/healthz') },
  'GET /readyz': { most: 'nothing', call: get('/readyz') },
}
