import type { ComponentChildren } from 'preact'

import type { WireBinding } from '../../contract/api/bindings.ts'
import { linkTo } from '../hooks/address.ts'
import { useAction } from '../data/action.ts'
import { useChannel } from '../data/channel.ts'
import { AskTwice } from '../parts/ask-twice.tsx'
import type { Changed } from './changed.ts'
import { OvertakenNote } from './overtaken-note.tsx'
import { ruleInWords } from './rule-form.ts'
import { bindingTexts as texts } from '../texts/binding-texts.ts'

/** `done` reports a change; `reload` loads the bindings again. */
export type Following = { readonly done: (changed: Changed) => void; readonly reload: () => void }

/**
 * Enables, disables, edits and deletes a binding. If somebody else changed it in the meantime, shows their version and changes
 * nothing.
 */
export function BindingActions({
  binding,
  done,
  reload,
  children,
}: { binding: WireBinding; children: ComponentChildren } & Following) {
  const { id, agent, match_rule: rule, enabled, version } = binding
  const { client } = useChannel()
  const { busy, refusal, run } = useAction()
  const act = (deed: () => Promise<Changed>): void => {
    void run(async () => done(await deed())).then(wasDone => wasDone || reload())
  }
  const toggle = (): void =>
    act(async () => {
      const { warning } = await client.bindings.update.mutate({ id, version, enabled: !enabled })
      return { sentence: texts.bindingIs(agent, enabled ? texts.disabled : texts.enabled), warning }
    })
  const remove = (): void =>
    act(async () => {
      await client.bindings.delete.mutate({ id })
      return { sentence: texts.bindingDeleted(agent) }
    })
  return (
    <>
      <div class="binding-actions">
        {children}
        <button disabled={busy} aria-label={`${enabled ? texts.disable : texts.enable} ${agent}`} onClick={toggle}>
          {enabled ? texts.disable : texts.enable}
        </button>
        <a class="button" href={linkTo('bindings', 'edit', id)} aria-label={texts.editOf(agent)}>
          {texts.edit}
        </a>
        <AskTwice
          label={texts.delete}
          about={agent}
          consequence={texts.deleteConsequence(ruleInWords(rule))}
          busy={busy}
          run={remove}
        />
      </div>
      <OvertakenNote refusal={refusal} />
    </>
  )
}
