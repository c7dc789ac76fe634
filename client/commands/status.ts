import type { WireProblem, WireProblems } from '../../plugin/contract/api/problems.ts'
import type { WireAccount, WireChannel, WireLink } from '../../plugin/contract/api/channels.ts'
import { createRedraw } from '../terminal/redraw.ts'
import type { Command, HostCall } from '../command/command.ts'
import { follow } from '../lists/follow.ts'
import { lastWords } from '../texts/last-words.ts'
import { jsonLine, plainAnswer } from '../terminal/answer-text.ts'
import { type Colour, type Paint, paintFor } from '../terminal/colour.ts'
import { EXIT, type ExitCode, failed } from '../terminal/terminal.ts'

/** Shows the state of all accounts or of one; with --watch again at each change. */
export const STATUS: Command = {
  name: 'status',
  parameters: [],
  summary: 'shows the state of the accounts, and what is wrong',
  details: ['Ends with 1 if an account is not connected or the channel has a problem.'],
  options: {
    account: 'only this account',
    watch: 'updates it at each change, in place on a terminal, until Ctrl-C',
  },
  examples: ['status', 'status --account sales --json', 'status --watch'],
  place: 'host',
  run: call => (call.options.watch === true ? watch(call) : once(call)),
}

const UNKNOWN = 'No account of this name is configured; status without --account shows all.'

/** The lines to print, and whether all is well. */
type Look = { readonly lines: readonly string[]; readonly isWell: boolean }

/** Null if the named account does not exist. */
async function look(call: HostCall): Promise<Look | null> {
  const { client, terminal, options } = call
  const { account, json } = options
  const catalog = await client.channels.list.query()
  const paint = paintFor(terminal)
  const { channels } = catalog
  const found = channels.flatMap(({ accounts }) => accounts).find(each => each.account === account)
  if (account !== undefined && !found) return null
  const links = account === undefined ? channels.flatMap(({ accounts }) => accounts) : found ? [found] : []
  const problems = channels.flatMap(channel => channel.problems).filter(isAbout(account))
  const isWell = problems.length === 0 && links.every(isLinkWell)
  if (json === true) return { lines: [jsonLine(found ?? catalog)], isWell }
  const said = plainAnswer(problems).map(({ says, todo }) => `  ! ${says} ${todo}`)
  const lines = found
    ? [describe(found.account, plainAnswer(found), { paint })]
    : plainAnswer(catalog).channels.flatMap(channel => linesOf(channel, paint))
  return { lines: [...lines, ...said.map(line => paint('yellow', line))], isWell }
}

/** Whether a problem concerns the account. A problem without an account concerns every account. */
const isAbout =
  (account: string | undefined) =>
  (problem: WireProblem): boolean =>
    account === undefined || problem.account === null || problem.account === account

/** Whether a link needs no attention: it is connected, is connecting without a problem, or was never made. */
function isLinkWell({ connection: { status, reason } }: Link): boolean {
  if (status === 'connecting' || status === 'not_paired') return reason === null
  return status === 'connected' || status === 'pairing' || status === 'not_configured'
}

async function once(call: HostCall): Promise<ExitCode> {
  const looked = await look(call)
  if (!looked) return failed(call.terminal, UNKNOWN)
  for (const line of looked.lines) call.terminal.out.write(`${line}\n`)
  return looked.isWell ? EXIT.done : EXIT.failed
}

/** The accounts to follow: the named one, or all. "default" is always among them, because it may be created during the watch. */
async function accountsIn({ client, options: { account } }: HostCall): Promise<string[]> {
  if (account !== undefined) return [account]
  const { channels } = await client.channels.list.query()
  return [...new Set(['default', ...channels.flatMap(({ accounts }) => accounts.map(each => each.account))])]
}

/**
 * Follows the state. A change describes only one link, so everything is queried again then; unchanged output is not drawn again.
 */
async function watch(call: HostCall): Promise<ExitCode> {
  const { client, terminal } = call
  if ((await look(call)) === null) return failed(terminal, UNKNOWN)
  const draw = createRedraw(terminal.out)
  let drawn = ''
  let looking = Promise.resolve()
  const refresh = async (): Promise<void> => {
    const lines = (await look(call))?.lines ?? []
    if (terminal.signal.aborted || lines.join('\n') === drawn) return
    drawn = lines.join('\n')
    draw(lines)
  }
  const lookAgain = (): 'more' => {
    // Errors are ignored: a host that does not answer now reports its links again when it is back.
    looking = looking.then(refresh).catch(() => undefined)
    return 'more'
  }
  const links = (await accountsIn(call)).map(account =>
    follow<WireLink>(
      observer => client.whatsapp.connection.watch.subscribe({ account }, observer),
      terminal.signal,
      lookAgain,
    ),
  )
  const problems = follow<WireProblems>(
    observer => client.problems.watch.subscribe(undefined, observer),
    terminal.signal,
    lookAgain,
  )
  await Promise.all([...links, problems])
  await looking
  return EXIT.done
}

type Link = Pick<
  WireAccount,
  'display_name' | 'connection' | 'new_chats_locked_until' | 'client_expires_at' | 'backlog'
>

const COLOURS: Partial<Record<Link['connection']['status'], Colour>> = {
  connected: 'green',
  stopped: 'red',
  degraded: 'yellow',
  waiting: 'yellow',
}

function describe(name: string, link: Link, { paint, bindings }: { paint: Paint; bindings?: number }): string {
  const { display_name: shownAs, connection, new_chats_locked_until: lockedUntil, backlog } = link
  const { client_expires_at: expiresAt } = link
  const colour = COLOURS[connection.status]
  const facts = [
    colour ? paint(colour, connection.status) : connection.status,
    connection.phone,
    connection.reason,
    connection.retry_at === null ? null : `next attempt ${connection.retry_at}`,
    lockedUntil === null ? null : `no new chats until ${lockedUntil}`,
    expiresAt === null ? null : `WhatsApp accepts this client until ${expiresAt}`,
    backlog === null ? null : `${backlog.done} of ${backlog.total} waiting messages received`,
    bindings === undefined ? null : counted(bindings, 'binding'),
    connection.detail,
    lastWords(connection.whatsapp_said),
  ]
  return `${shownAs === null ? name : `${name} (${shownAs})`}: ${facts.filter(fact => fact !== null).join(' · ')}`
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

/** One line for a channel with at most one account, else a heading and one line per account. */
function linesOf(channel: WireChannel, paint: Paint): string[] {
  const { channel: name, accounts, bindings } = channel
  if (accounts.length <= 1) return [describe(name, accounts[0] ?? channel, { paint, bindings })]
  const each = accounts.map(account => `  ${describe(account.account, account, { paint })}`)
  return [`${name}: ${counted(accounts.length, 'account')} · ${counted(bindings, 'binding')}`, ...each]
}
