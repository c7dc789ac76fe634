import { show } from '../command/answer.ts'
import type { Command, HostCall } from '../command/command.ts'
import { confirmed } from '../terminal/confirmation.ts'
import { plainAnswer } from '../terminal/answer-text.ts'
import { calledWrongly, EXIT, type ExitCode, failed } from '../terminal/terminal.ts'

/** Unlinks an account from its phone after a person has confirmed it. */
export const UNPAIR: Command = {
  name: 'unpair',
  parameters: [],
  summary: 'unlinks a phone and destroys its keys; bindings stay',
  details: ['On a terminal it asks first. Elsewhere it needs --yes.'],
  options: { account: 'the account, if not "default"', yes: 'does not ask' },
  examples: ['unpair', 'unpair --account sales --yes'],
  place: 'host',
  run: unpair,
}

/** The linked number; null if none is linked or the account does not exist. */
async function linkedPhone({ client }: HostCall, account: string): Promise<string | null> {
  const { channels } = plainAnswer(await client.channels.list.query())
  return channels.flatMap(({ accounts }) => accounts).find(each => each.account === account)?.phone ?? null
}

async function unpair(call: HostCall): Promise<ExitCode> {
  const { client, terminal, options } = call
  const { account = 'default' } = options
  const phone = await linkedPhone(call, account)
  if (options.yes !== true) {
    const what = phone === null ? `Remove account ${account}` : `Unlink ${phone} from account ${account}`
    const wanted = await confirmed(terminal, `${what}? Its keys will be destroyed, and a phone must be linked again.`)
    if (wanted === null) return calledWrongly(terminal, 'It asks on a terminal. Elsewhere it needs --yes.')
    if (!wanted) return failed(terminal, 'Nothing was changed.')
  }
  const answer = await client.whatsapp.unpair.mutate({ account })
  show(call, answer, ({ status, unlinked }) => [`${status} ${account}: ${whatWasTold(unlinked, phone)}`])
  return EXIT.done
}

function whatWasTold(unlinked: boolean, phone: string | null): string {
  if (unlinked) return 'WhatsApp was informed.'
  if (phone === null) return 'no phone was linked.'
  return 'WhatsApp could not be reached. Remove the device on the phone, under Linked devices.'
}
