import './passkey.css'

import { useState } from 'preact/hooks'

import type { WirePasskey } from '../../contract/api/passkey.ts'
import { useAction } from '../data/action.ts'
import { useChannel } from '../data/channel.ts'
import { useNow } from '../hooks/now.ts'
import { Field } from '../parts/field.tsx'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { lengthOf } from '../texts/words.ts'

type Shown = { readonly passkey: WirePasskey; readonly session: string }

function Script({ script }: { script: string }) {
  const [said, setSaid] = useState('')
  const copy = (): void => {
    navigator.clipboard.writeText(script).then(
      () => setSaid('Copied.'),
      () => setSaid('The browser does not allow that: select the text and copy it.'),
    )
  }
  return (
    <>
      <pre class="script" role="group" aria-label="Script" tabIndex={0}>
        {script}
      </pre>
      <p>
        <button onClick={copy}>Copy the script</button> <span role="status">{said}</span>
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
      <Field label="The answer" hint="All of it, from the first { to the last }.">
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
        Give the answer
      </button>
      <RefusalNote refusal={refusal} />
    </form>
  )
}

function Wanted({ passkey, session }: Shown) {
  return (
    <>
      <p>
        This number is protected by a passkey, and WhatsApp requires it to link another device. Only a page of WhatsApp
        itself can ask for it, so you run a script there.
      </p>
      <ol>
        <li>
          In a browser that has the passkey, on a computer, open <code>https://web.whatsapp.com</code> in a tab of its
          own. You need not sign in there.
        </li>
        <li>
          Open its developer tools (F12) at “Console”, paste this script and press Enter. Some browsers want you to type
          “allow pasting” first. The script asks the browser for the passkey and shows the answer; it sends nothing. Run
          no other script there.
          <Script script={passkey.script ?? ''} />
        </li>
        <li>
          Click “Show the passkey” in the box that appears, and unlock it. A passkey on the phone can be used too.
        </li>
        <li>
          Copy the answer and paste it here. It is checked before it goes to WhatsApp, once; what does not fit can be
          pasted again.
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
      <p>Look at the phone: WhatsApp shows a code there. Continue only if it is this one.</p>
      <output class="pairing-code" aria-label="Code to compare">
        {passkey.code}
      </output>
      <p>
        <button class="primary" disabled={busy} onClick={confirm}>
          The phone shows the same code
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
    <section aria-label="Passkey" class="passkey">
      {passkey.step === 'wanted' && <Wanted passkey={passkey} session={session} />}
      {passkey.step === 'compare' && <Compare passkey={passkey} session={session} />}
      {passkey.step === 'given' && (
        <p role="status">The answer has gone to WhatsApp. If the phone asks something, confirm it there …</p>
      )}
      {left > 0 && <p class="quiet">It has to be done within {lengthOf(left)}.</p>}
    </section>
  )
}
