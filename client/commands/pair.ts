import type { WirePairing } from '../../plugin/contract/api.ts'
import { type Canvas, createCanvas } from '../canvas.ts'
import type { Command, HostCall } from '../command.ts'
import { follow } from '../follow.ts'
import { isColoured } from '../paint.ts'
import { drawModules, readModules } from '../terminal-qr.ts'
import { EXIT, type ExitCode, failed, type Terminal } from '../terminal.ts'

const STEPS = 'On the phone: WhatsApp → Settings → Linked devices → Link a device.'

/** Links a phone, to an account that was never configured too: shows each code until one was scanned or none is left. */
export const PAIR: Command = {
  name: 'pair',
  parameters: [],
  summary: 'links a phone: draws the QR code, and anew whenever it changes',
  details: [
    'On a terminal each code takes the place of the one before; piped, each is printed once.',
    'Ends with 1 when the codes ran out, or when another account of the host has the number.',
  ],
  options: { account: 'of several numbers the one that is meant, else "default"' },
  examples: ['pair', 'pair --account sales'],
  place: 'host',
  run: pair,
}

async function pair(call: HostCall): Promise<ExitCode> {
  const { client, terminal, options } = call
  const account = options.account ?? 'default'
  const { channels } = await client.channels.list.query()
  const isConfigured = channels.some(({ accounts }) => accounts.some(each => each.account === account))
  if (!isConfigured) await client.whatsapp.configure.mutate({ account, fields: {} })
  const { session_id } = await client.whatsapp.qr.start.mutate({ account })
  if (options.json !== true) terminal.out.write(`${STEPS}\n`)
  const draw = createCanvas(terminal.out)
  let last: WirePairing = { status: 'expired', account }
  await follow<WirePairing>(
    observer => client.whatsapp.qr.watch.subscribe({ session_id }, observer),
    terminal.signal,
    state => {
      last = state
      if (options.json === true) terminal.out.write(`${JSON.stringify(state)}\n`)
      else if (state.status === 'pending') drawCode(state, terminal, draw)
      return state.status === 'pending' ? 'more' : 'enough'
    },
  )
  // A code that was scanned, or that nobody may scan any more, is of no use on the screen.
  draw([])
  return report(last, call)
}

type Pending = Extract<WirePairing, { status: 'pending' }>

function drawCode({ qr_data_url, expires_in }: Pending, { out, environment }: Terminal, draw: Canvas): void {
  if (qr_data_url === undefined) return
  const code = drawModules(readModules(qr_data_url), isColoured(out, environment))
  draw([...code, `This code is good for ${expires_in} s; another follows.`])
}

function report(state: WirePairing, { terminal, options }: HostCall): ExitCode {
  if (state.status === 'connected') {
    if (options.json !== true) terminal.out.write(`Linked: ${state.phone}\n`)
    return EXIT.done
  }
  if (state.status === 'conflict') {
    return failed(
      terminal,
      'No phone was linked: its number is linked to another account of this host. Unpair that one first.',
    )
  }
  return failed(terminal, 'No phone was linked: the codes ran out, or the pairing was ended. Run pair again.')
}
