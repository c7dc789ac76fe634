import type { WirePasskey } from '../../plugin/contract/api/passkey.ts'
import { plainLine } from '../../plugin/contract/plain-text.ts'

/** Instructions for a person whose account requires a passkey to link a device. */
export function passkeyLines({ step, script, code }: WirePasskey, session: string): string[] {
  if (step === 'given') return ['The answer has gone to WhatsApp. If the phone asks something, confirm it there.']
  if (step === 'compare') {
    const go = `  agentcy-whatsapp passkey ${session} --confirm`
    return [
      'The phone shows a code. Only if it is this one, continue in another terminal:',
      '',
      `  ${plainLine(code ?? '')}`,
      go,
    ]
  }
  return [
    'This number is protected by a passkey, and WhatsApp requires it to link another device.',
    '1. In a browser that has the passkey, open https://web.whatsapp.com in a tab of its own.',
    '2. Open the developer tools (F12), tab "Console", and run this script and no other. It shows the answer and sends nothing:',
    '',
    ...(script ?? '').split('\n').map(line => plainLine(line)),
    '3. Click "Show the passkey" in the box that appears, unlock it, and copy the answer.',
    '4. Paste it here in another terminal, then press Ctrl-D:',
    `  agentcy-whatsapp passkey ${session}`,
  ]
}
