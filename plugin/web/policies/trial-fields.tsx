import type { ComponentChildren } from 'preact'

import { Field } from '../parts/field.tsx'
import { policyTexts as texts } from '../texts/policy-texts.ts'
import { isToolCall, type Trial } from './trial.ts'

type FieldParts = { readonly trial: Trial; readonly change: (part: Partial<Trial>) => void }

function Choice<Name extends 'role' | 'isGroup' | 'effect'>({
  name,
  options,
  trial,
  change,
}: FieldParts & { name: Name; options: Readonly<Record<Trial[Name], string>> }): ComponentChildren {
  return (
    <select value={trial[name]} onChange={event => change({ [name]: event.currentTarget.value })}>
      {Object.entries<string>(options).map(([value, words]) => (
        <option key={value} value={value}>
          {words}
        </option>
      ))}
    </select>
  )
}

function Text({ name, most, trial, change }: FieldParts & { name: 'sender' | 'action' | 'tool'; most: number }) {
  return (
    <input
      value={trial[name]}
      maxLength={most}
      autocomplete="off"
      onInput={event => change({ [name]: event.currentTarget.value })}
    />
  )
}

/** The inputs of a policy test. */
export function TrialFields(parts: FieldParts) {
  const { trial, change } = parts
  return (
    <>
      <Field label={texts.role}>
        <Choice name="role" options={texts.roles} {...parts} />
      </Field>
      <Field label={texts.sender} hint={texts.senderHint}>
        <Text name="sender" most={64} {...parts} />
      </Field>
      <Field label={texts.inGroup}>
        <Choice name="isGroup" options={texts.inGroupAnswers} {...parts} />
      </Field>
      <Field label={texts.action} hint={texts.actionHint}>
        <Text name="action" most={128} {...parts} />
      </Field>
      {isToolCall(trial) && (
        <>
          <Field label={texts.tool}>
            <Text name="tool" most={128} {...parts} />
          </Field>
          <Field label={texts.effect}>
            <Choice name="effect" options={texts.effects} {...parts} />
          </Field>
        </>
      )}
      <label class="check">
        <input
          type="checkbox"
          checked={trial.approvalGranted}
          onChange={event => change({ approvalGranted: event.currentTarget.checked })}
        />
        {texts.approved}
      </label>
    </>
  )
}
