import { setTimeout as pause } from 'node:timers/promises'

import { z } from 'zod'

import type { PhoneCharacter } from '../../host-stub/whatsapp/client/phone-character.ts'

/** Calls the documented REST interface of a host as one of its users. */
export type HostCalls = {
  readonly call: <Answer>(
    how: { method: string; path: string; body?: unknown },
    shape: z.ZodType<Answer>,
  ) => Promise<Answer>
}

const pollMs = 50
const linkLimitMs = 60_000

export function hostCalls(url: () => string, token: string): HostCalls {
  return {
    call: async ({ method, path, body }, shape) => {
      const response = await fetch(`${url()}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`)
      return shape.parse(await response.json())
    },
  }
}

const session = z.object({ session_id: z.string(), qr_data_url: z.string() })
const pairing = z.object({ status: z.string() })

/** Configures the channel and asks for a code, whose picture is in the answer. */
export async function startPairing({ call }: HostCalls): Promise<z.infer<typeof session>> {
  await call({ method: 'POST', path: '/channels/whatsapp/configure', body: { fields: {} } }, z.unknown())
  return call({ method: 'POST', path: '/channels/whatsapp/qr/start' }, session)
}

/** Configures the channel and lets the phone scan the picture. */
export async function linkPhone(calls: HostCalls, phone: PhoneCharacter): Promise<void> {
  const { call } = calls
  const started = await startPairing(calls)
  await phone.scan(started.qr_data_url)
  const endsAt = Date.now() + linkLimitMs
  const path = `/channels/whatsapp/qr/status?session_id=${started.session_id}`
  for (;;) {
    const { status } = await call({ method: 'GET', path }, pairing)
    if (status === 'connected') return
    if (status !== 'pending' || Date.now() > endsAt) throw new Error(`the pairing ended as ${status}`)
    await pause(pollMs)
  }
}
