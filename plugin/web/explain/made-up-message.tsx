import { useLinks } from '../data/links.ts'
import { Field } from '../parts/field.tsx'
import type { MadeUp } from './question.ts'

function Account({ account, choose }: { account: string; choose: (account: string) => void }) {
  const names = (useLinks().accounts.value ?? []).map(each => each.account)
  if (names.length < 2) return null
  return (
    <Field label="Account">
      <select value={account} onChange={event => choose(event.currentTarget.value)}>
        {names.map(each => (
          <option key={each}>{each}</option>
        ))}
      </select>
    </Field>
  )
}

/** A message to test; it is not sent. */
export function MadeUpMessage({ message, change }: { message: MadeUp; change: (part: Partial<MadeUp>) => void }) {
  const address = (name: 'from' | 'to' | 'group') => (
    <input
      value={message[name]}
      maxLength={64}
      autocomplete="off"
      onInput={event => change({ [name]: event.currentTarget.value })}
    />
  )
  return (
    <>
      <Account account={message.account} choose={account => change({ account })} />
      <Field label="Written by">{address('from')}</Field>
      <Field label="Written to" hint="The linked number when left empty.">
        {address('to')}
      </Field>
      <Field label="Written in the group" hint="A direct chat when left empty.">
        {address('group')}
      </Field>
      <Field label="Text">
        <textarea rows={2} value={message.text} onInput={event => change({ text: event.currentTarget.value })} />
      </Field>
      <label class="check">
        <input
          type="checkbox"
          checked={message.mentioned}
          onChange={event => change({ mentioned: event.currentTarget.checked })}
        />
        It mentions the linked number
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={message.forwarded ?? false}
          onChange={event => change({ forwarded: event.currentTarget.checked })}
        />
        Its sender marks it as forwarded
      </label>
    </>
  )
}
