import { useState } from 'preact/hooks'

import { useChannel } from '../data/channel.ts'
import { useDebounced } from '../hooks/debounced.ts'
import { DEFAULT_ACCOUNT } from '../texts/account-words.ts'
import { Card } from '../parts/card.tsx'
import { Field } from '../parts/field.tsx'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { useQuery } from '../data/query.ts'
import { Explained } from './explained.tsx'
import { MadeUpMessage } from './made-up-message.tsx'
import { type MadeUp, type Question, questionAbout, questionById } from './question.ts'
import { explainTexts as texts } from '../texts/explain-texts.ts'

const NOTHING: MadeUp = { account: DEFAULT_ACCOUNT, from: '', to: '', group: '', text: '', mentioned: false }

function Choice({ stored, choose }: { stored: boolean; choose: (stored: boolean) => void }) {
  const radio = (value: boolean, label: string) => (
    <label class="check">
      <input type="radio" name="which-message" checked={stored === value} onChange={() => choose(value)} />
      {label}
    </label>
  )
  return (
    <fieldset class="choice">
      <legend>{texts.whichMessage}</legend>
      {radio(false, texts.aMadeUpMessage)}
      {radio(true, texts.aReceivedMessage)}
    </fieldset>
  )
}

/** The answer by the current bindings; for a received message also by the bindings of that time. */
function Answer({ question, bindings }: { question: Question; bindings: unknown }) {
  const { client } = useChannel()
  const { ask, missing } = useDebounced(question)
  const { value, refusal } = useQuery(
    async signal => {
      if (ask === null) return null
      const { message_id: id } = ask
      const [explanation, before] = await Promise.all([
        client.bindings.explain.query(ask, { signal }),
        id === undefined ? null : client.whatsapp.messages.trace.query({ id }, { signal }),
      ])
      return { explanation, before }
    },
    [JSON.stringify(ask), bindings],
  )
  if (missing !== null) return <p class="quiet">{missing}</p>
  if (refusal) return <RefusalNote refusal={refusal} />
  return value && <Explained {...value} />
}

/** Shows who answers a message and why; updates while the user types and when the bindings change. */
export function ExplainBox({ message, bindings }: { message: string | undefined; bindings: unknown }) {
  const [stored, setStored] = useState(message !== undefined)
  const [id, setId] = useState(message ?? '')
  const [madeUp, setMadeUp] = useState(NOTHING)
  return (
    <Card title={texts.explainAMessage}>
      <Choice stored={stored} choose={setStored} />
      {stored ? (
        <Field label={texts.idOfTheMessage}>
          <input value={id} maxLength={64} autocomplete="off" onInput={event => setId(event.currentTarget.value)} />
        </Field>
      ) : (
        <MadeUpMessage message={madeUp} change={part => setMadeUp(before => ({ ...before, ...part }))} />
      )}
      <Answer question={stored ? questionById(id) : questionAbout(madeUp)} bindings={bindings} />
    </Card>
  )
}
