import type { HostProcess } from './host-process.ts'

/** Has a host take calls as fast as they come, from its owner's next reload on: what is counted is what they do. */
export async function liftCallLimits({ writeSettings, request }: HostProcess): Promise<void> {
  await writeSettings({ whatsapp: { limits: { calls_per_second: 100_000, calls_at_once: 100_000 } } })
  await request('POST', '/api/v1/channels/reload')
}
