import type { WirePairing } from '../../plugin/contract/api.ts'
import type { WhatsAppClient } from '../client.ts'
import { follow } from '../follow.ts'
import { drawModules, readModules } from '../terminal-qr.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'

const STEPS = 'On the phone: WhatsApp → Settings → Linked devices → Link a device.'

/** Draws codes; on a terminal each takes the place of the one before. */
function createCanvas({ out }: Terminal) {
  let drawn = 0
  return (lines: string[]) => {
    if (out.isTTY === true && drawn > 0) out.write(`\u001b[${drawn}A\u001b[J`)
    out.write(`${lines.join('\n')}\n`)
    drawn = lines.length
  }
}

/** Links a phone, to an account that was never configured too: shows each code until one was scanned or none is left. */
export async function pair(
  { client }: WhatsAppClient,
  terminal: Terminal,
  options: { readonly account: string | null },
): Promise<ExitCode> {
  const account = options.account ?? 'default'
  const { channels } = await client.channels.list.query()
  const isConfigured = channels.some(({ accounts }) => accounts.some(each => each.account === account))
  if (!isConfigured) await client.whatsapp.configure.mutate({ account, fields: {} })
  const { session_id } = await client.whatsapp.qr.start.mutate({ account })
  const draw = createCanvas(terminal)
  let last: WirePairing = { status: 'expired', account }
  terminal.out.write(`${STEPS}\n`)
  await follow<WirePairing>(
    observer => client.whatsapp.qr.watch.subscribe({ session_id }, observer),
    terminal.signal,
    state => {
      last = state
      if (state.status !== 'pending') return 'enough'
      if (state.qr_data_url === undefined) return 'more'
      const code = drawModules(readModules(state.qr_data_url), terminal.out.isTTY === true)
      draw([...code, `This code is good for ${state.expires_in} s; another follows.`])
      return 'more'
    },
  )
  return report(last, terminal)
}

function report(state: WirePairing, { out, err }: Terminal): ExitCode {
  if (state.status === 'connected') {
    out.write(`Linked: ${state.phone}\n`)
    return EXIT.done
  }
  if (state.status === 'conflict') {
    err.write('No phone was linked: its number is linked to another account of this host. Unpair that one first.\n')
    return EXIT.failed
  }
  err.write('No phone was linked: the codes ran out, or the pairing was ended. Run pair again.\n')
  return EXIT.failed
}
