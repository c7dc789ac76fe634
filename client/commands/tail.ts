import type { WireMessage } from '../../plugin/contract/api.ts'
import type { WhatsAppClient } from '../client.ts'
import { follow } from '../follow.ts'
import { EXIT, type ExitCode, oneLine, type Terminal } from '../terminal.ts'

function describe(message: WireMessage): string {
  const time = message.received_at.slice(11, 19)
  const arrow = message.direction === 'inbound' ? '←' : '→'
  const peer = message.direction === 'inbound' ? message.from : message.to
  const where = message.group === null || message.group === peer ? peer : `${peer} in ${message.group}`
  return `${time} ${arrow} ${where}: ${oneLine(message.text ?? '(no text)')} [${oneLine(message.outcome)}]`
}

/** Prints each message from now on, until the person ends it. */
export async function tail(
  { client }: WhatsAppClient,
  terminal: Terminal,
  options: { readonly json: boolean },
): Promise<ExitCode> {
  await follow<{ id: string; data: WireMessage }>(
    observer => client.whatsapp.messages.watch.subscribe(undefined, observer),
    terminal.signal,
    ({ data: message }) => {
      terminal.out.write(`${options.json ? JSON.stringify(message) : describe(message)}\n`)
      return 'more'
    },
  )
  return EXIT.done
}
