import type { Tool } from '../agent-loop.ts'

const SERVICES = ['api', 'worker', 'database']

/** Reports which services are up. */
export const status: Tool = {
  name: 'service.status',
  effect: 'read',
  idempotent: true,
  run: async () => SERVICES.map(name => `${name}: up`).join('\n'),
}

/** Restarts a service. */
export const restart: Tool = {
  name: 'service.restart',
  effect: 'write',
  idempotent: false,
  run: async ({ name }) =>
    SERVICES.some(service => service === name) ? `${name}: restarted` : `There is no service "${name}".`,
}
