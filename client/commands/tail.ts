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

/** Prints each message from now on, of all accounts unless one is named, until the person ends it. */
export async function tail(
  { client }: WhatsAppClient,
  terminal: Terminal,
  { account, json }: { readonly json: boolean; readonly account: string | null },
): Promise<ExitCode> {
  await follow<{ id: string; data: WireMessage }>(
    observer => client.whatsapp.messages.watch.subscribe(undefined, observer),
    terminal.signal,
    ({ data: message }) => {
      if (account === null || message.account === account)
        terminal.out.write(`${json ? JSON.stringify(message) : describe(message)}\n`)
      return 'more'
    },
  )
  return EXIT.done
}
