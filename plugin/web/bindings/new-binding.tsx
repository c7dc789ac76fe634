import { useAction } from '../data/action.ts'
import { useChannel } from '../data/channel.ts'
import { Card } from '../parts/card.tsx'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { BindingForm, type Filled } from './binding-form.tsx'
import { draftIn } from './draft.ts'
import type { Changed } from './changed.ts'
import { bindingTexts as texts } from '../texts/binding-texts.ts'

/** Creates a binding, empty or from the draft in the address. It comes last in matching order. */
export function NewBinding({
  address,
  agents,
  done,
}: {
  address: string | undefined
  agents: readonly string[]
  done: (changed: Changed) => void
}) {
  const { client } = useChannel()
  const { busy, refusal, run } = useAction()
  const submit = (filled: Filled): void => {
    void run(async () => {
      const { agent, warning } = await client.bindings.create.mutate(filled)
      done({ sentence: texts.bindingAdded(agent), warning })
    })
  }
  return (
    <Card title={texts.newBinding}>
      <BindingForm draft={draftIn(address)} scope="chat" agents={agents} busy={busy} submit={submit}>
        <RefusalNote refusal={refusal} />
      </BindingForm>
    </Card>
  )
}
