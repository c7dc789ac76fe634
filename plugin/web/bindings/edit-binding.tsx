import { useState } from 'preact/hooks'

import type { WireBinding } from '../../contract/api/bindings.ts'
import { useAction } from '../data/action.ts'
import { useChannel } from '../data/channel.ts'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { refusalOf } from '../data/refusal.ts'
import { BindingForm, type Filled } from './binding-form.tsx'
import type { Following } from './binding-actions.tsx'
import { formOf, ruleInWords } from './rule-form.ts'
import { bindingTexts as texts } from '../texts/binding-texts.ts'

/**
 * Edits a binding. If somebody else changed it first, shows their version and keeps what was typed; saving again replaces their
 * version.
 */
export function EditBinding({
  binding,
  agents,
  done,
  reload,
}: { binding: WireBinding; agents: readonly string[] } & Following) {
  const { client } = useChannel()
  const { busy, refusal, run } = useAction()
  const [overtaken, setOvertaken] = useState(false)
  const [first] = useState({ draft: { agent: binding.agent, rule: formOf(binding.match_rule) }, binding })
  const submit = (filled: Filled): void => {
    const { id, version } = binding
    void run(async () => {
      try {
        const { agent, warning } = await client.bindings.update.mutate({ id, version, ...filled })
        done({ sentence: texts.bindingSaved(agent), warning })
      } catch (thrown) {
        if (refusalOf(thrown).code !== 'binding_changed') throw thrown
        setOvertaken(true)
        reload()
      }
    })
  }
  return (
    <BindingForm draft={first.draft} scope={first.binding.conversation} agents={agents} busy={busy} submit={submit}>
      <div role="alert" class={overtaken ? 'note wait' : ''}>
        {overtaken && texts.changedMeanwhile(binding.agent, ruleInWords(binding.match_rule))}
      </div>
      <RefusalNote refusal={refusal} />
    </BindingForm>
  )
}
