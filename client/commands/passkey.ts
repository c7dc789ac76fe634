import type { Command, HostCall } from '../command/command.ts'
import { calledWrongly, EXIT, type ExitCode } from '../terminal/terminal.ts'
import { writtenText } from '../terminal/written-text.ts'

/** Answers the passkey request of an account that requires a passkey for linking, while `pair` waits for it. */
export const PASSKEY: Command = {
  name: 'passkey',
  parameters: ['<session>'],
  summary: 'gives WhatsApp the passkey that it requires to link a phone',
  details: [
    '`pair` shows the session and how to make the answer. Paste it and press Ctrl-D; it is a secret, so it is not an argument.',
    'It is checked before it goes to WhatsApp: an invalid answer can be given again.',
  ],
  options: { confirm: 'the phone shows the code that pair shows' },
  examples: ['passkey qr_01J00000000000000000000000', 'passkey qr_01J00000000000000000000000 --confirm'],
  place: 'host',
  run: passkey,
}

async function passkey({ client, terminal, words, options }: HostCall): Promise<ExitCode> {
  const [session_id] = words
  if (session_id === undefined) return calledWrongly(terminal, 'Give the session that pair shows.')
  if (options.confirm === true) await client.whatsapp.passkey.confirm.mutate({ session_id })
  else await client.whatsapp.passkey.answer.mutate({ session_id, assertion: await writtenText(terminal, '-') })
  if (options.json !== true) terminal.out.write('It was sent to WhatsApp. pair shows the result.\n')
  return EXIT.done
}
