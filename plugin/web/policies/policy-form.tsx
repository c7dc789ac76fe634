import type { TargetedSubmitEvent } from 'preact'
import { useRef, useState } from 'preact/hooks'

import type { WirePolicy } from '../../contract/api/policies.ts'
import { useAction } from '../data/action.ts'
import { useChannel } from '../data/channel.ts'
import { Field } from '../parts/field.tsx'
import { RefusalNote } from '../parts/refusal-note.tsx'
import type { Refusal } from '../data/refusal.ts'
import { policyTexts as texts } from '../texts/policy-texts.ts'
import { caretAt } from './caret.ts'
import { Problems } from './problems.tsx'
import { SourceEditor } from './source-editor.tsx'

type FormParts = {
  readonly policy: WirePolicy
  /** The names in use; null if the policy has its name already. */
  readonly taken: readonly string[] | null
  readonly saved: (name: string) => void
}

function Name({ name, taken, change }: { name: string; taken: readonly string[]; change: (name: string) => void }) {
  return (
    <Field label={texts.name} hint={texts.nameHint}>
      <input
        value={name}
        required
        pattern="(?!audit$)[A-Za-z0-9_\-]{1,64}"
        autocomplete="off"
        onInput={event => {
          const { value } = event.currentTarget
          event.currentTarget.setCustomValidity(taken.includes(value) ? texts.nameTaken : '')
          change(value)
        }}
      />
    </Field>
  )
}

/** The errors are listed below with their places; the host words other refusals. */
const sentenceOf = ({ message, problems }: Refusal): string => (problems.length === 0 ? message : texts.notCompiled)

/** Edits a policy, which is in force once saved. A policy that does not compile changes nothing, and its errors are shown. */
export function PolicyForm({ policy, taken, saved }: FormParts) {
  const { client } = useChannel()
  const { busy, refusal, run } = useAction()
  const [name, setName] = useState(policy.name)
  const [source, setSource] = useState(policy.source)
  const area = useRef<HTMLTextAreaElement>(null)
  const goTo = (row: number, column: number): void => {
    const at = caretAt(source, row, column)
    if (!area.current) return
    area.current.focus()
    area.current.setSelectionRange(at, at)
    const lineHeight = area.current.scrollHeight / source.split('\n').length
    area.current.scrollTop = lineHeight * (row - 1) - area.current.clientHeight / 2
  }
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    void run(() => client.policies.put.mutate({ name, source })).then(wasSaved => wasSaved && saved(name))
  }
  return (
    <form onSubmit={submit}>
      {taken && <Name name={name} taken={taken} change={setName} />}
      <SourceEditor area={area} source={source} change={setSource} />
      <RefusalNote refusal={refusal && { ...refusal, message: sentenceOf(refusal) }} />
      <Problems problems={refusal?.problems ?? []} open={name} goTo={goTo} />
      <div class="inline">
        <button class="primary" disabled={busy}>
          {texts.save}
        </button>
        <a class="button" href="#/policies">
          {texts.close}
        </a>
      </div>
    </form>
  )
}
