import type { WireChannel } from '../../plugin/contract/api.ts'
import type { WhatsAppClient } from '../client.ts'
import { EXIT, type ExitCode, oneLine, type Terminal } from '../terminal.ts'

function describe({
  channel,
  connection,
  display_name,
  bindings,
  new_chats_locked_until: lockedUntil,
}: WireChannel): string {
  const name = display_name === null ? channel : `${channel} (${oneLine(display_name)})`
  const facts = [
    connection.status,
    connection.phone,
    connection.reason,
    connection.retry_at === null ? null : `next attempt ${connection.retry_at}`,
    lockedUntil === null ? null : `no new chats until ${lockedUntil}`,
    `${bindings} ${bindings === 1 ? 'binding' : 'bindings'}`,
    connection.detail,
  ]
  return `${name}: ${facts.filter(fact => fact !== null).join(' · ')}`
}

/** Says how the link stands. */
export async function status(
  { client }: WhatsAppClient,
  terminal: Terminal,
  options: { readonly json: boolean },
): Promise<ExitCode> {
  const { channels } = await client.channels.list.query()
  for (const channel of channels) {
    terminal.out.write(`${options.json ? JSON.stringify(channel) : describe(channel)}\n`)
  }
  return EXIT.done
}
