import { show } from '../command/answer.ts'
import type { Command, HostCall } from '../command/command.ts'
import { EXIT, type ExitCode } from '../terminal/terminal.ts'

/** Makes the host read the settings again. */
export const RELOAD: Command = {
  name: 'reload',
  parameters: [],
  summary: 'reads the settings again and reconnects the accounts',
  details: ['Invalid settings are refused, and the previous ones remain in force.'],
  options: {},
  examples: ['reload'],
  place: 'host',
  run: reload,
}

async function reload(call: HostCall): Promise<ExitCode> {
  show(call, await call.client.channels.reload.mutate(), () => ['reloaded'])
  return EXIT.done
}
