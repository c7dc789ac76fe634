import type { HostProcess } from './host-process.ts'

/** Has a host take calls as fast as they come, from its owner's next reload on: what is counted is what they do. */
export async function liftCallLimits(host: HostProcess): Promise<void> {
  await host.writeSettings({ whatsapp: { limits: { calls_per_second: 100_000, calls_at_once: 100_000 } } })
  await host.request('POST', '/api/v1/channels/reload')
}
