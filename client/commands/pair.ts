import type { WirePairing } from '../../plugin/contract/api/pairing.ts'
import { type Redraw, createRedraw } from '../terminal/redraw.ts'
import type { Command, HostCall } from '../command/command.ts'
import { follow } from '../lists/follow.ts'
import { jsonLine, plainAnswer } from '../terminal/answer-text.ts'
import { lastWords } from '../texts/last-words.ts'
import { passkeyLines } from '../texts/passkey-lines.ts'
import { isColoured } from '../terminal/colour.ts'
import { drawModules, readModules } from '../terminal/terminal-qr.ts'
import { EXIT, type ExitCode, failed, type Terminal } from '../terminal/terminal.ts'
import { writtenText } from '../terminal/written-text.ts'

const LINK_A_DEVICE = 'On the phone: WhatsApp → Settings → Linked devices → Link a device'
const SCAN = `${LINK_A_DEVICE}.`
const TYPE = `${LINK_A_DEVICE} → Link with phone number instead. Type there:`

/** Links a phone, also to an account that is not configured yet. Shows each code until one is used or none is left. */
export const PAIR: Command = {
  name: 'pair',
  parameters: [],
  summary: 'links a phone: shows the QR code, and each new one',
  details: [
    'On a terminal each code replaces the previous one; piped, each is printed once.',
    'Ends with 1 when the codes ran out, or when the number is linked to another account of the host.',
  ],
  options: {
    account: 'the account, if not "default"',
    code: 'shows a code to type on the phone of this number, +<number>, instead of one to scan; "-" reads the number from standard input',
  },
  examples: ['pair', 'pair --account sales', 'pair --code +972500000001'],
  place: 'host',
  run: pair,
}

async function begin({ client, terminal, options }: HostCall, account: string) {
  const { code } = options
  if (code === undefined) return client.whatsapp.qr.start.mutate({ account })
  const phone = await writtenText(terminal, code)
  return client.whatsapp.code.start.mutate({ account, phone })
}

async function pair(call: HostCall): Promise<ExitCode> {
  const { client, terminal, options } = call
  const account = options.account ?? 'default'
  const { channels } = await client.channels.list.query()
  const isConfigured = channels.some(({ accounts }) => accounts.some(each => each.account === account))
  if (!isConfigured) await client.whatsapp.configure.mutate({ account, fields: {} })
  const { session_id, passkey } = await begin(call, account)
  if (options.json !== true && !passkey) terminal.out.write(`${options.code === undefined ? SCAN : TYPE}\n`)
  const draw = createRedraw(terminal.out)
  let last: WirePairing = { status: 'expired', account }
  await follow<WirePairing>(
    observer => client.whatsapp.qr.watch.subscribe({ session_id }, observer),
    terminal.signal,
    state => {
      last = state
      if (options.json === true) terminal.out.write(`${jsonLine(state)}\n`)
      else if (state.status === 'pending') drawCode(state, session_id, { terminal, draw })
      return state.status === 'pending' ? 'more' : 'enough'
    },
  )
  // Removes the last code, which is used or invalid by now.
  draw([])
  return report(plainAnswer(last), call)
}

type Drawing = { readonly terminal: Terminal; readonly draw: Redraw }
type Pending = Extract<WirePairing, { status: 'pending' }>

function drawCode(state: Pending, session: string, { terminal: { out, environment }, draw }: Drawing): void {
  const { qr_data_url, pairing_code, passkey, expires_in } = state
  if (passkey) draw(passkeyLines(passkey, session))
  if (pairing_code !== undefined) draw(['', `  ${pairing_code}`, '', `This code is valid for ${expires_in} s.`])
  if (qr_data_url === undefined) return
  const code = drawModules(readModules(qr_data_url), isColoured(out, environment))
  draw([...code, `This code is valid for ${expires_in} s; another one follows.`])
}

function report(state: WirePairing, { terminal, options }: HostCall): ExitCode {
  if (state.status === 'connected') {
    if (options.json !== true) terminal.out.write(`Linked: ${state.phone}\n`)
    return EXIT.done
  }
  if (state.status === 'conflict') {
    return failed(
      terminal,
      'No phone was linked: its number is linked to another account of this host. Unpair that account first.',
    )
  }
  if (state.status === 'expired' && state.reason !== undefined) {
    const why = [
      `No phone was linked. ${WHY[state.reason] ?? `It ended: ${state.reason}.`}`,
      lastWords(state.whatsapp_said),
    ]
    return failed(terminal, why.filter(part => part !== null).join(' '))
  }
  return failed(terminal, 'No phone was linked: the code expired, or the pairing was ended. Run pair again.')
}

const WHY: Record<string, string> = {
  client_outdated:
    'WhatsApp rejects this client as too old, and no newer version was found. Allow the host to reach https://web.whatsapp.com, or update the plugin.',
  client_old:
    'The codes expired. If the phone said that it could not link the device, WhatsApp may reject this client, which is more than 100 days old. Allow the host to reach https://web.whatsapp.com, or update the plugin.',
}
