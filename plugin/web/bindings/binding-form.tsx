import type { ComponentChildren, TargetedSubmitEvent } from 'preact'

import type { ConversationScope, MatchRule } from '../../contract/binding.ts'
import { Field } from '../parts/field.tsx'
import type { Draft } from './draft.ts'
import type { Offer } from './offered.ts'
import { type RuleForm, type RuleKey, ruleOf } from './rule-form.ts'
import { useOffered } from './use-offered.ts'

/** The values of a binding form. */
export type Filled = {
  readonly agent: string
  readonly match_rule: MatchRule
  readonly conversation: ConversationScope
}

type Choice = { readonly name: string; readonly value: string; readonly options: Readonly<Record<string, string>> }

function Select({ name, value, options }: Choice) {
  return (
    <select name={name}>
      {Object.entries(options).map(([each, words]) => (
        <option key={each} value={each} selected={each === value}>
          {words}
        </option>
      ))}
    </select>
  )
}

function Offers({ id, offers }: { id: string; offers: readonly Offer[] }) {
  return (
    <datalist id={id}>
      {offers.map(({ value, label }) => (
        <option key={value} value={value} label={label} />
      ))}
    </datalist>
  )
}

const ADDRESS = 'A number as +972…, or a person as lid:…'

function RuleFields({ rule }: { rule: RuleForm }) {
  const text = (name: RuleKey, most: number, list?: string) => (
    <input name={name} list={list} defaultValue={rule[name]} maxLength={most} autocomplete="off" />
  )
  return (
    <fieldset>
      <legend>Which messages it matches: all filled-in fields must match</legend>
      <Field label="From" hint={ADDRESS}>
        {text('from', 64, 'people')}
      </Field>
      <Field label="Group" hint="A group as …@g.us; or a person, who writes in a group or directly.">
        {text('group', 64, 'groups')}
      </Field>
      <Field label="To" hint="The linked number that it was written to.">
        {text('to', 64)}
      </Field>
      <Field label="Text matches" hint="A pattern in RE2 syntax, such as (?i)^status">
        {text('text_regex', 512)}
      </Field>
      <Field label="Mentioned" hint="Whether it mentions the number, or answers one of its messages.">
        <Select name="mentioned" value={rule.mentioned} options={{ '': 'does not matter', yes: 'yes', no: 'no' }} />
      </Field>
      <Field label="Forwarded" hint="Its sender says so. That one does not say so proves nothing.">
        <Select name="forwarded" value={rule.forwarded} options={{ '': 'does not matter', yes: 'forwarded only' }} />
      </Field>
      <Field label="Chat">
        <Select
          name="chat_type"
          value={rule.chat_type}
          options={{ '': 'any', direct: 'direct chats only', group: 'groups only' }}
        />
      </Field>
    </fieldset>
  )
}

const SCOPES = { chat: 'of everybody in the chat', participant: 'of each participant separately' }

function filledIn(form: HTMLFormElement): Filled {
  const given = Object.fromEntries(new FormData(form)) as RuleForm & { agent: string; conversation: ConversationScope }
  return { agent: given.agent.trim(), match_rule: ruleOf(given), conversation: given.conversation }
}

/** A form for a binding: the agent and its rule. */
export function BindingForm({
  draft,
  scope,
  agents,
  busy,
  submit,
  children,
}: {
  draft: Draft
  scope: ConversationScope
  agents: readonly string[]
  busy: boolean
  submit: (filled: Filled) => void
  children: ComponentChildren
}) {
  const { hint, people, groups, ...offered } = useOffered(agents)
  const given = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    submit(filledIn(event.currentTarget))
  }
  return (
    <form class="binding-form" onSubmit={given}>
      <Field label="Agent" hint={hint}>
        <input name="agent" list="agents" required maxLength={128} autocomplete="off" defaultValue={draft.agent} />
      </Field>
      <Offers id="agents" offers={offered.agents} />
      <Offers id="people" offers={people} />
      <Offers id="groups" offers={groups} />
      <RuleFields rule={draft.rule} />
      <Field label="Conversation in groups" hint="Whose earlier messages the agent is handed.">
        <Select name="conversation" value={scope} options={SCOPES} />
      </Field>
      <div class="inline">
        <button class="primary" disabled={busy}>
          Save
        </button>
        <a class="button" href="#/bindings">
          Cancel
        </a>
      </div>
      {children}
    </form>
  )
}
