import type { WireMessage } from '../../plugin/contract/api.ts'
import { answering } from '../answering.ts'
import type { Command, HostCall } from '../command.ts'
import { follow } from '../follow.ts'
import { jsonLine } from '../json-line.ts'
import { type Paint, paintFor } from '../paint.ts'
import { EXIT, type ExitCode, oneLine } from '../terminal.ts'

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
        terminal.out.write(`${json === true ? jsonLine(message) : describe(message, paint)}\n`)
      return 'more'
    },
  )
  return EXIT.done
}

/** What is shown by its words alone. */
const PLAIN = new Set(['text', 'media', 'edit'])

function describe(message: WireMessage, paint: Paint): string {
  const time = paint('dim', message.received_at.slice(11, 19))
  const isInbound = message.direction === 'inbound'
  const arrow = isInbound ? paint('green', '←') : paint('cyan', '→')
  const peer = isInbound ? message.from : message.to
  const where = message.group === null || message.group === peer ? peer : `${peer} in ${message.group}`
  const outcome = paint('dim', `[${oneLine(message.outcome)}]`)
  const kind = PLAIN.has(message.kind) ? '' : `${paint('dim', message.kind)} `
  const { claimed, mentions_all: toAll, gathered_in: head } = message
  const claims = [claimed.forwarded && 'forwarded', toAll && 'to all', head !== null && `with ${head}`].filter(Boolean)
  const marks = claims.map(each => `${paint('dim', `[${each}]`)} `).join('')
  const about = message.quoted ? `${paint('dim', quotedIn(message.quoted))} ` : ''
  return `${time} ${arrow} ${where}: ${kind}${marks}${about}${oneLine(message.text ?? '(no text)')} ${outcome}`
}

const QUOTED_LETTERS_MOST = 60

/** What a message quotes, in short; a question mark behind it: nobody but its sender says that it was written. */
function quotedIn({ text, kind, from, claimed }: NonNullable<WireMessage['quoted']>): string {
  const words = oneLine(text ?? `(${kind ?? 'no text'})`)
  const short = words.length > QUOTED_LETTERS_MOST ? `${words.slice(0, QUOTED_LETTERS_MOST)}…` : words
  return `[to ${from ?? 'somebody'}: ${short}${claimed ? ' ?' : ''}]`
}
