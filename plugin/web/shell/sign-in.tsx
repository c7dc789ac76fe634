import type { TargetedSubmitEvent } from 'preact'

import { Field } from '../parts/field.tsx'

/** Asks for a token. The link that the host prints at start makes this unnecessary. */
export function SignIn({ reason, onToken }: { reason: string | null; onToken: (token: string) => void }) {
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const token = new FormData(event.currentTarget).get('token')
    if (typeof token === 'string' && token.trim() !== '') onToken(token.trim())
  }
  return (
    <main class="sign-in">
      <form class="card" onSubmit={submit}>
        <h1>WhatsApp channel</h1>
        <div role="alert" class={reason === null ? '' : 'note bad'}>
          {reason}
        </div>
        <p>
          Open the link that the host printed when it started: it signs you in, once. Or enter a token of an admin or
          the owner. It stays in this tab.
        </p>
        <Field label="Token">
          <input name="token" type="password" autocomplete="off" required />
        </Field>
        <button class="primary">Sign in</button>
      </form>
    </main>
  )
}
