import { randomUUID } from 'node:crypto'

import type { WhatsAppClient } from '../client.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'

/** What to send to whom, by which account (null: `default`), and how to say that it was accepted. */
export type SendOptions = {
  readonly to: string
  readonly text: string
  readonly account: string | null
  readonly json: boolean
}

/** Sends a text; done when the host has accepted it. */
export async function send({ client }: WhatsAppClient, terminal: Terminal, options: SendOptions): Promise<ExitCode> {
  const { to, text, account } = options
  const body = { to, text, ...(account !== null && { account }) }
  const accepted = await client.whatsapp.send.mutate(body, { context: { idempotencyKey: randomUUID() } })
  terminal.out.write(`${options.json ? JSON.stringify(accepted) : `${accepted.status} ${accepted.id}`}\n`)
  return EXIT.done
}
