import { show } from '../command/answer.ts'
import type { Command, HostCall } from '../command/command.ts'
import { EXIT, type ExitCode } from '../terminal/terminal.ts'

/** Creates an account, or changes the display name of one. */
export const CONFIGURE: Command = {
  name: 'configure',
  parameters: [],
  summary: 'creates an account without linking a phone, or names one',
  details: ['"pair" creates a missing account by itself. Without --display-name an account has no display name.'],
  options: {
    account: 'the account, if not "default"',
    'display-name': 'the name in the catalog and on the page, at most 64 characters',
  },
  examples: ['configure', "configure --account sales --display-name 'Sales desk'"],
  place: 'host',
  run: configure,
}

async function configure(call: HostCall): Promise<ExitCode> {
  const { account = 'default', 'display-name': display_name } = call.options
  const fields = display_name === undefined ? {} : { display_name }
  const answer = await call.client.whatsapp.configure.mutate({ account, fields })
  show(call, answer, ({ status }) => [`${status} ${account}`])
  return EXIT.done
}
