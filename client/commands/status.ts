import type { WireAccount, WireChannel } from '../../plugin/contract/api.ts'
import type { WhatsAppClient } from '../client.ts'
import { EXIT, type ExitCode, oneLine, type Terminal } from '../terminal.ts'

type Link = Pick<WireAccount, 'display_name' | 'connection' | 'new_chats_locked_until'>

function describe(name: string, link: Link, bindings: number | null = null): string {
  const { display_name: shownAs, connection, new_chats_locked_until: lockedUntil } = link
  const facts = [
    connection.status,
    connection.phone,
    connection.reason,
    connection.retry_at === null ? null : `next attempt ${connection.retry_at}`,
    lockedUntil === null ? null : `no new chats until ${lockedUntil}`,
    bindings === null ? null : counted(bindings, 'binding'),
    connection.detail,
  ]
  return `${shownAs === null ? name : `${name} (${oneLine(shownAs)})`}: ${facts.filter(fact => fact !== null).join(' · ')}`
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

/** One line for a channel with one account, else one more for each. */
function linesOf(channel: WireChannel): string[] {
  const { channel: name, accounts, bindings } = channel
  if (accounts.length <= 1) return [describe(name, accounts[0] ?? channel, bindings)]
  const each = accounts.map(account => `  ${describe(account.account, account)}`)
  return [`${name}: ${counted(accounts.length, 'account')} · ${counted(bindings, 'binding')}`, ...each]
}

/** Says how the links stand, or that of one account. */
export async function status(
  { client }: WhatsAppClient,
  terminal: Terminal,
  { json, account }: { readonly json: boolean; readonly account: string | null },
): Promise<ExitCode> {
  const { channels } = await client.channels.list.query()
  if (account === null) {
    for (const channel of channels)
      terminal.out.write(`${json ? JSON.stringify(channel) : linesOf(channel).join('\n')}\n`)
    return EXIT.done
  }
  const found = channels.flatMap(({ accounts }) => accounts).find(each => each.account === account)
  if (!found) {
    terminal.err.write('No account of that name is configured: status without --account shows those that are.\n')
    return EXIT.failed
  }
  terminal.out.write(`${json ? JSON.stringify(found) : describe(account, found)}\n`)
  return EXIT.done
}
