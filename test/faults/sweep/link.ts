import { setTimeout as pause } from 'node:timers/promises'

import type { PhoneCharacter } from '../../support/network.ts'
import type { SurvivingHost } from './surviving-host.ts'

const LINK_PATIENCE_MS = 30_000
const PAUSE_MS = 100

/**
 * Pairs as a person would who sees the host go down now and then: begins anew until the link is up. `shown` is told of each
 * code before it is scanned.
 */
export async function linkThrough(
  host: SurvivingHost,
  phone: PhoneCharacter,
  shown: () => void = () => undefined,
): Promise<void> {
  const endAt = Date.now() + LINK_PATIENCE_MS
  await host.call('POST', '/api/v1/channels/whatsapp/configure', { body: { fields: { display_name: 'Sweep' } } })
  while (Date.now() < endAt) {
    const started = await host.call('POST', '/api/v1/channels/whatsapp/qr/start')
    if (started.status === 200) {
      const { session_id, qr_data_url } = started.body as { session_id: string; qr_data_url: string }
      shown()
      await phone.scan(qr_data_url)
      await pairingEnd(host, session_id)
    }
    if (await isConnected(host, 5_000)) return
  }
  throw new Error('the phone was not linked in time')
}

async function pairingEnd(host: SurvivingHost, session: string): Promise<void> {
  const endAt = Date.now() + 10_000
  while (Date.now() < endAt) {
    const { status, body } = await host.call('GET', `/api/v1/channels/whatsapp/qr/status?session_id=${session}`)
    if (status !== 200 || (body as { status: string }).status !== 'pending') return
    await pause(PAUSE_MS)
  }
}

/** Whether the link comes up within this time. Asking also shows the linked number to the owner, which confirms it. */
export async function isConnected(host: SurvivingHost, withinMs: number): Promise<boolean> {
  const endAt = Date.now() + withinMs
  for (;;) {
    const { status: answered, body } = await host.call('GET', '/api/v1/channels')
    if (answered !== 200)
      throw new Error(`channels were asked for, and the answer was ${answered}: ${JSON.stringify(body)}`)
    const { channels } = body as { channels: { connection: { status: string } }[] }
    const status = channels[0]?.connection.status
    if (status === 'connected') return true
    if (Date.now() >= endAt || status === 'not_paired') return false
    await pause(PAUSE_MS)
  }
}
