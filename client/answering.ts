import type { HostCall } from './command.ts'

/**
 * Settles once the host has answered. A subscription waits for a host that is not there; a command that begins with one asks
 * for something first, so that the person learns it. @throws what keeps it from the host.
 */
export async function answering({ client }: Pick<HostCall, 'client'>): Promise<void> {
  await client.channels.list.query()
}
