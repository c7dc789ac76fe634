import type { ComponentChildren, TargetedSubmitEvent } from 'preact'

import type { ConversationScope, MatchRule } from '../../contract/binding.ts'
import { Field } from '../parts/field.tsx'
import type { Draft } from './draft.ts'
import type { Offer } from './offered.ts'
import { type RuleForm, type RuleKey, ruleOf } from './rule-form.ts'
import { useOffered } from './use-offered.ts'
import { bindingTexts as texts } from '../texts/binding-texts.ts'

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

const MENTIONED = { '': texts.doesNotMatter, yes: texts.yes, no: texts.no }

function RuleFields({ rule }: { rule: RuleForm }) {
  const text = (name: RuleKey, most: number, list?: string) => (
    <input name={name} list={list} defaultValue={rule[name]} maxLength={most} autocomplete="off" />
  )
  return (
    <fieldset>
      <legend>{texts.fieldsLegend}</legend>
      <Field label={texts.from} hint={texts.senderHint}>
        {text('from', 64, 'people')}
      </Field>
      <Field label={texts.group} hint={texts.aGroupAsGUs}>
        {text('group', 64, 'groups')}
      </Field>
      <Field label={texts.to} hint={texts.theLinkedNumber}>
        {text('to', 64)}
      </Field>
      <Field label={texts.textMatches} hint={texts.patternHint}>
        {text('text_regex', 512)}
      </Field>
      <Field label={texts.mentioned} hint={texts.mentionedHint}>
        <Select name="mentioned" value={rule.mentioned} options={MENTIONED} />
      </Field>
      <Field label={texts.forwarded} hint={texts.itsSenderSays}>
        <Select
          name="forwarded"
          value={rule.forwarded}
          options={{ '': texts.doesNotMatter, yes: texts.forwardedOnly }}
        />
      </Field>
      <Field label={texts.chat}>
        <Select
          name="chat_type"
          value={rule.chat_type}
          options={{ '': texts.anyChat, direct: texts.directChatsOnly, group: texts.groupsOnly }}
        />
      </Field>
    </fieldset>
  )
}

const SCOPES = { chat: texts.ofEverybody, participant: texts.ofEachParticipant }

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
      <Field label={texts.agent} hint={hint}>
        <input name="agent" list="agents" required maxLength={128} autocomplete="off" defaultValue={draft.agent} />
      </Field>
      <Offers id="agents" offers={offered.agents} />
      <Offers id="people" offers={people} />
      <Offers id="groups" offers={groups} />
      <RuleFields rule={draft.rule} />
      <Field label={texts.conversationInGroups} hint={texts.conversationHint}>
        <Select name="conversation" value={scope} options={SCOPES} />
      </Field>
      <div class="inline">
        <button class="primary" disabled={busy}>
          {texts.save}
        </button>
        <a class="button" href="#/bindings">
          {texts.cancel}
        </a>
      </div>
      {children}
    </form>
  )
}
