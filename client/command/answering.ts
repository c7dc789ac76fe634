import type { HostCall } from './command.ts'

/**
 * Resolves once the host has answered a query. A subscription waits silently for a host that is down, so a command that starts with
 * a subscription calls this first and the person sees the error.
 * @throws the error that keeps the call from the host.
 */
export async function answering({ client }: Pick<HostCall, 'client'>): Promise<void> {
  await client.channels.list.query()
}
