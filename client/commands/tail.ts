import type { WireMessage } from '../../plugin/contract/api.ts'
import { answering } from '../answering.ts'
import type { Command, HostCall } from '../command.ts'
import { follow } from '../follow.ts'
import { jsonLine } from '../json-line.ts'
import { messageLine } from '../message-line.ts'
import { paintFor } from '../paint.ts'
import { EXIT, type ExitCode } from '../terminal.ts'

/** Prints each message from now on, of all accounts unless one is named, until the person ends it. */
export const TAIL: Command = {
  name: 'tail',
  parameters: [],
  summary: 'prints messages as they come and go, until Ctrl-C',
  options: { account: 'those of this account alone' },
  examples: ['tail', 'tail --json | jq .text'],
  place: 'host',
  run: tail,
}

async function tail(call: HostCall): Promise<ExitCode> {
  const {
    client,
    terminal,
    options: { account, json },
  } = call
  await answering(call)
  const paint = paintFor(terminal)
  await follow<{ id: string; data: WireMessage }>(
    observer => client.whatsapp.messages.watch.subscribe(undefined, observer),
    terminal.signal,
    ({ data: message }) => {
      if (account === undefined || message.account === account)
        terminal.out.write(`${json === true ? jsonLine(message) : messageLine(message, paint)}\n`)
      return 'more'
    },
  )
  return EXIT.done
}
