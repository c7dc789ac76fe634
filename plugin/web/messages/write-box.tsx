import type { TargetedSubmitEvent } from 'preact'
import { useRef, useState } from 'preact/hooks'

import { useAction } from '../data/action.ts'
import { useChannel } from '../data/channel.ts'
import { useLinks } from '../data/links.ts'
import { Field } from '../parts/field.tsx'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { AccountChoice } from './account-choice.tsx'
import type { Progress } from '../parts/progress.ts'
import { Ticks } from '../parts/ticks.tsx'
import { messageTexts as texts } from '../texts/message-texts.ts'

/** A request repeated with the same key is the same send. */
const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('')

type Written = { readonly to: string; readonly messageId: string }

function useWriting() {
  const { client } = useChannel()
  const { busy, refusal, run } = useAction()
  const key = useRef(newKey())
  const [written, setWritten] = useState<Written | null>(null)
  const write = (to: string, text: string, account: string): Promise<boolean> =>
    run(async () => {
      const body = { to, text, ...(account !== '' && { account }) }
      const answer = await client.whatsapp.send.mutate(body, { context: { idempotencyKey: key.current } })
      key.current = newKey()
      setWritten({ to, messageId: answer.message_id })
    })
  const changed = (): void => {
    key.current = newKey()
  }
  return { busy, refusal, written, write, changed }
}

/** A form to write a message, and the progress of that message. */
export function WriteBox({ progress }: { progress: Progress }) {
  const { busy, refusal, written, write, changed } = useWriting()
  const { accounts } = useLinks()
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const form = event.currentTarget
    const fields = new FormData(form)
    const given = (name: string): string => {
      const value = fields.get(name)
      return typeof value === 'string' ? value : ''
    }
    const done = await write(given('to').trim(), given('text'), given('account'))
    const text = form.elements.namedItem('text')
    if (done && text instanceof HTMLTextAreaElement) text.value = ''
  }
  const tick = written && (progress.ticks.get(written.messageId) ?? ({ status: 'accepted', code: null } as const))
  return (
    <details class="card write">
      <summary>{texts.newMessage}</summary>
      <form onSubmit={event => void submit(event)} onInput={changed}>
        <Field label={texts.to} hint={texts.recipientHint}>
          <input name="to" required maxLength={64} autocomplete="off" />
        </Field>
        {(accounts.value?.length ?? 0) > 1 && <AccountChoice name="account" label={texts.from} />}
        <Field label={texts.text}>
          <textarea name="text" required rows={2} maxLength={65_536} />
        </Field>
        <button class="primary" disabled={busy}>
          {texts.send}
        </button>
      </form>
      <p role="status">
        {written && tick && (
          <>
            {texts.to} <bdi>{written.to}</bdi>: <Ticks tick={tick} />
          </>
        )}
      </p>
      <RefusalNote refusal={refusal} />
    </details>
  )
}
