import './passkey.css'

import { useState } from 'preact/hooks'

import type { WirePasskey } from '../../contract/api/passkey.ts'
import { useAction } from '../data/action.ts'
import { useChannel } from '../data/channel.ts'
import { useNow } from '../hooks/now.ts'
import { Field } from '../parts/field.tsx'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { pairingTexts } from '../texts/pairing-texts.ts'
import { lengthOf } from '../texts/words.ts'

const texts = pairingTexts.passkey

type Shown = { readonly passkey: WirePasskey; readonly session: string }

function Script({ script }: { script: string }) {
  const [said, setSaid] = useState('')
  const copy = (): void => {
    navigator.clipboard.writeText(script).then(
      () => setSaid(texts.copied),
      () => setSaid(texts.notCopied),
    )
  }
  return (
    <>
      <pre class="script" role="group" aria-label={texts.script} tabIndex={0}>
        {script}
      </pre>
      <p>
        <button onClick={copy}>{texts.copy}</button> <span role="status">{said}</span>
      </p>
    </>
  )
}

function AnswerBox({ session }: { session: string }) {
  const { client } = useChannel()
  const { busy, refusal, run } = useAction()
  const [assertion, setAssertion] = useState('')
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        void run(() => client.whatsapp.passkey.answer.mutate({ session_id: session, assertion }))
      }}
    >
      <Field label={texts.answer} hint={texts.answerHint}>
        <textarea
          required
          rows={6}
          autocomplete="off"
          spellcheck={false}
          value={assertion}
          onInput={event => setAssertion(event.currentTarget.value)}
        />
      </Field>
      <button class="primary" disabled={busy}>
        {texts.give}
      </button>
      <RefusalNote refusal={refusal} />
    </form>
  )
}

function Wanted({ passkey, session }: Shown) {
  return (
    <>
      <p>{texts.why}</p>
      <ol>
        <li>
          {texts.open.before}
          <code>{texts.open.address}</code>
          {texts.open.after}
        </li>
        <li>
          {texts.run}
          <Script script={passkey.script ?? ''} />
        </li>
        <li>{texts.unlock}</li>
        <li>
          {texts.paste}
          <AnswerBox session={session} />
        </li>
      </ol>
    </>
  )
}

function Compare({ passkey, session }: Shown) {
  const { client } = useChannel()
  const { busy, refusal, run } = useAction()
  const confirm = (): void => void run(() => client.whatsapp.passkey.confirm.mutate({ session_id: session }))
  return (
    <>
      <p>{texts.compare}</p>
      <output class="pairing-code" aria-label={texts.code}>
        {passkey.code}
      </output>
      <p>
        <button class="primary" disabled={busy} onClick={confirm}>
          {texts.same}
        </button>
      </p>
      <RefusalNote refusal={refusal} />
    </>
  )
}

/** The instructions for an account that requires a passkey before it links a device. */
export function PasskeyPanel({ passkey, session }: Shown) {
  const left = Date.parse(passkey.expires_at) - useNow()
  return (
    <section aria-label={texts.heading} class="passkey">
      {passkey.step === 'wanted' && <Wanted passkey={passkey} session={session} />}
      {passkey.step === 'compare' && <Compare passkey={passkey} session={session} />}
      {passkey.step === 'given' && <p role="status">{texts.given}</p>}
      {left > 0 && <p class="quiet">{texts.timeLeft(lengthOf(left))}</p>}
    </section>
  )
}
