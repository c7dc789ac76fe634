import type { Command, HostCall } from '../command.ts'
import { calledWrongly, EXIT, type ExitCode } from '../terminal.ts'
import { writtenText } from '../written-text.ts'

/** Answers to the passkey that an account wants before it links a device, while `pair` waits for it. */
export const PASSKEY: Command = {
  name: 'passkey',
  parameters: ['<session>'],
  summary: 'shows WhatsApp the passkey that it asks for while a phone is linked',
  details: [
    '`pair` names the session and shows how the answer is made. Paste it and press Ctrl-D; it is no argument, being a secret.',
    'It is checked before it goes to WhatsApp: what does not fit can be given again.',
  ],
  options: { confirm: 'the phone shows the code that pair shows' },
  examples: ['passkey qr_01J00000000000000000000000', 'passkey qr_01J00000000000000000000000 --confirm'],
  place: 'host',
  run: passkey,
}

async function passkey({ client, terminal, words, options }: HostCall): Promise<ExitCode> {
  const [session_id] = words
  if (session_id === undefined) return calledWrongly(terminal, 'Name the session that pair shows.')
  if (options.confirm === true) await client.whatsapp.passkey.confirm.mutate({ session_id })
  else await client.whatsapp.passkey.answer.mutate({ session_id, assertion: await writtenText(terminal, '-') })
  if (options.json !== true) terminal.out.write('It goes to WhatsApp. pair says what becomes of it.\n')
  return EXIT.done
}
