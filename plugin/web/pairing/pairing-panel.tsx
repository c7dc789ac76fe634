import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'

import type { WireLink } from '../../contract/api/channels.ts'
import { Field } from '../parts/field.tsx'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { LastWords } from './last-words.tsx'
import { sentenceOf } from '../texts/link-words.ts'
import { pairingTexts as texts } from '../texts/pairing-texts.ts'
import { PasskeyPanel } from './passkey-panel.tsx'
import { Ring } from './ring.tsx'
import { Steps } from './steps.tsx'
import type { Pairing, ShownCode, Stage } from './use-pairing.ts'

/** The other way to link a phone: WhatsApp on the phone asks for a code that is shown here. */
function ByNumber({ begin }: Pick<Pairing, 'begin'>) {
  const [phone, setPhone] = useState('')
  return (
    <details>
      <summary>{texts.byNumber.heading}</summary>
      <form
        class="inline"
        onSubmit={event => {
          event.preventDefault()
          begin({ by: 'code', phone: phone.replaceAll(/[\s()-]/g, '') })
        }}
      >
        <Field label={texts.byNumber.number} hint={texts.byNumber.hint}>
          <input type="tel" required value={phone} onInput={event => setPhone(event.currentTarget.value)} />
        </Field>
        <button>{texts.byNumber.show}</button>
      </form>
    </details>
  )
}

function Begin({ begin, label, children }: Pick<Pairing, 'begin'> & { label: string; children?: ComponentChildren }) {
  return (
    <>
      {children}
      <button class="primary" onClick={() => begin({ by: 'qr' })}>
        {label}
      </button>
      <ByNumber begin={begin} />
    </>
  )
}

function Code({ code }: { code: ShownCode }) {
  return (
    <div class="code">
      <Ring endsAt={code.endsAt} lifeMs={code.lifeMs}>
        {code.pairing_code === undefined ? (
          <img class="qr" src={code.qr_data_url} alt={texts.qr} />
        ) : (
          <output class="pairing-code" aria-label={texts.code}>
            {code.pairing_code}
          </output>
        )}
      </Ring>
      <Steps by={code.pairing_code === undefined ? 'qr' : 'code'} />
    </div>
  )
}

/** The panel before a pairing starts: why the last link ended, if there was one. */
function Invitation({ link, begin }: { link: WireLink } & Pick<Pairing, 'begin'>) {
  // The reason is already shown above.
  const stopped = link.status === 'stopped'
  const why = stopped || link.reason === 'pairing_ended' ? null : sentenceOf(link.reason)
  return (
    <Begin begin={begin} label={texts.showQr}>
      {why !== null && <p class="note wait">{link.detail ?? why}</p>}
      {!stopped && <LastWords said={link.whatsapp_said} />}
      {!stopped && <p>{texts.notLinked}</p>}
    </Begin>
  )
}

/** Links a phone, and shows the state of the pairing. */
export function PairingPanel({ link, stage, begin }: { link: WireLink; stage: Stage } & Pick<Pairing, 'begin'>) {
  switch (stage.at) {
    case 'idle':
    case 'connected':
      return <Invitation link={link} begin={begin} />
    case 'beginning':
      return <p role="status">{texts.asking}</p>
    case 'pending':
      return stage.code.passkey ? (
        <PasskeyPanel passkey={stage.code.passkey} session={stage.code.session} />
      ) : (
        <Code code={stage.code} />
      )
    case 'expired':
      return (
        <Begin begin={begin} label={texts.tryAgain}>
          <p class="note wait">{sentenceOf(stage.reason ?? 'pairing_ended')}</p>
          <LastWords said={stage.said} />
        </Begin>
      )
    case 'conflict':
      return (
        <Begin begin={begin} label={texts.linkAnother}>
          <p class="note bad">{texts.conflict}</p>
        </Begin>
      )
    case 'refused':
      return (
        <Begin begin={begin} label={texts.tryAgain}>
          <RefusalNote refusal={stage.refusal} />
        </Begin>
      )
  }
}
