import type { TargetedSubmitEvent } from 'preact'

import { Field } from '../parts/field.tsx'
import { shellTexts as texts } from '../texts/shell-texts.ts'

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
        <h1>{texts.page}</h1>
        <div role="alert" class={reason === null ? '' : 'note bad'}>
          {reason}
        </div>
        <p>{texts.howToSignIn}</p>
        <Field label={texts.token}>
          <input name="token" type="password" autocomplete="off" required />
        </Field>
        <button class="primary">{texts.signIn}</button>
      </form>
    </main>
  )
}
