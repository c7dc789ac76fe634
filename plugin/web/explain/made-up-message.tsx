import { useLinks } from '../data/links.ts'
import { Field } from '../parts/field.tsx'
import type { MadeUp } from './question.ts'
import { explainTexts as texts } from '../texts/explain-texts.ts'

function Account({ account, choose }: { account: string; choose: (account: string) => void }) {
  const names = (useLinks().accounts.value ?? []).map(each => each.account)
  if (names.length < 2) return null
  return (
    <Field label={texts.account}>
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
      <Field label={texts.writtenBy}>{address('from')}</Field>
      <Field label={texts.writtenTo} hint={texts.writtenToHint}>
        {address('to')}
      </Field>
      <Field label={texts.writtenInTheGroup} hint={texts.groupHint}>
        {address('group')}
      </Field>
      <Field label={texts.text}>
        <textarea rows={2} value={message.text} onInput={event => change({ text: event.currentTarget.value })} />
      </Field>
      <label class="check">
        <input
          type="checkbox"
          checked={message.mentioned}
          onChange={event => change({ mentioned: event.currentTarget.checked })}
        />
        {texts.mentionsTheNumber}
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={message.forwarded ?? false}
          onChange={event => change({ forwarded: event.currentTarget.checked })}
        />
        {texts.isForwarded}
      </label>
    </>
  )
}
