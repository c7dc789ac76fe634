import { useState } from 'preact/hooks'

import type { PhoneCard } from '../whatsapp/contract/control-contract.ts'
import type { PairingOutcome, PairingRefusal } from '../whatsapp/world/registration.ts'
import { call } from './control.ts'
import { useDeed } from './deed.ts'
import { Refusal } from './refusal.tsx'
import { shownCode } from './shown-code.ts'
import type { Town } from './town.ts'

const WHY: Record<PairingRefusal, string> = {
  unreadable_code: 'The phone cannot read that code.',
  stale_code: 'That code is too old, or was never shown. Show a new one.',
  forged_code: 'That code is not of the device that it names. Nothing was linked.',
  device_refused: 'The device did not accept this phone. Nothing was linked.',
  passkey_demanded: 'This account wants a passkey first, which only WhatsApp’s own apps can show.',
  not_awaited: 'No device waits for this phone to enter a code.',
  client_outdated: 'Couldn’t link device. Nothing was linked, and the device was told nothing.',
  wrong_code: 'That is not the code that the device shows.',
}
const NO_CODE = 'The page shows no code. Open “Channels”, choose the account, and show its code first.'

const sentenceFor = (outcome: PairingOutcome): string => (outcome.linked ? 'The device is linked.' : WHY[outcome.why])

function Code({ enter, busy }: { enter: (code: string) => void; busy: boolean }) {
  const [code, setCode] = useState('')
  return (
    <form
      class="inline write"
      onSubmit={event => {
        event.preventDefault()
        enter(code.trim())
      }}
    >
      <label>
        <span>Pairing code</span>
        <input
          value={code}
          required
          maxLength={16}
          autocomplete="off"
          placeholder="ABCD-EFGH"
          onInput={event => setCode(event.currentTarget.value)}
        />
      </label>
      <button disabled={busy || code.trim() === ''}>Link by code</button>
    </form>
  )
}

/** The linked devices of a phone: scans a code, accepts a typed one, unlinks. */
export function LinkedDevices({ me, look }: { me: PhoneCard } & Pick<Town, 'look'>) {
  const { busy, refusal, run } = useDeed()
  const [said, setSaid] = useState<string | null>(null)
  const begin = (work: () => Promise<string>): void => {
    setSaid(null)
    void run(async () => {
      setSaid(await work())
      await look()
    })
  }
  const scan = async (): Promise<string> => {
    const qr = await shownCode()
    return qr === null ? NO_CODE : sentenceFor(await call('phones/scan', { name: me.name, qr }))
  }
  const enter = async (code: string): Promise<string> =>
    sentenceFor(await call('phones/enter_code', { name: me.name, code }))
  const unlink = async (device: number): Promise<string> => {
    await call('phones/remove_device', { name: me.name, device })
    return 'The device is unlinked.'
  }
  return (
    <div class="screen">
      <h3>Link a device</h3>
      <button class="primary" disabled={busy} onClick={() => begin(scan)}>
        Scan the shown code
      </button>
      <Code enter={code => begin(() => enter(code))} busy={busy} />
      <p role="status">{busy ? 'Linking …' : said}</p>
      <Refusal>{refusal}</Refusal>
      <h3>Linked devices</h3>
      {me.devices.length === 0 && <p class="note">None. Show a code on the page of the channel and scan it.</p>}
      <ul class="devices" aria-label="Linked devices">
        {me.devices.map(device => (
          <li key={device}>
            Device {device}
            <button disabled={busy} onClick={() => begin(() => unlink(device))}>
              Unlink device {device}
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
