import type { ComponentChildren } from 'preact'

import { Field } from '../parts/field.tsx'
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

const ROLES = { viewer: 'viewer', member: 'member', admin: 'admin', owner: 'owner' }
const EFFECTS = { read: 'read', write: 'write', destructive: 'destructive' }
const WHERE = { no: 'no', yes: 'yes', '': 'no message at all' }

/** The inputs of a policy test. */
export function TrialFields(parts: FieldParts) {
  const { trial, change } = parts
  return (
    <>
      <Field label="Role">
        <Choice name="role" options={ROLES} {...parts} />
      </Field>
      <Field label="Sender" hint="As +972… or lid:…; left empty, no message began it.">
        <Text name="sender" most={64} {...parts} />
      </Field>
      <Field label="In a group">
        <Choice name="isGroup" options={WHERE} {...parts} />
      </Field>
      <Field
        label="Action"
        hint="chat.tool.execute is the call of a tool; others are calls of the API, as binding.create."
      >
        <Text name="action" most={128} {...parts} />
      </Field>
      {isToolCall(trial) && (
        <>
          <Field label="Tool">
            <Text name="tool" most={128} {...parts} />
          </Field>
          <Field label="Effect of the tool">
            <Choice name="effect" options={EFFECTS} {...parts} />
          </Field>
        </>
      )}
      <label class="check">
        <input
          type="checkbox"
          checked={trial.approvalGranted}
          onChange={event => change({ approvalGranted: event.currentTarget.checked })}
        />
        It was approved
      </label>
    </>
  )
}
