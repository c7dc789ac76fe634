import type { TargetedInputEvent } from 'preact'

import { Field } from '../parts/field.tsx'
import type { AuditFilters } from './filters.ts'

type FormParts = {
  readonly filters: AuditFilters
  readonly actions: readonly string[]
  readonly change: (part: Partial<AuditFilters>) => void
}

function Decision({ filters, change }: Omit<FormParts, 'actions'>) {
  return (
    <Field label="Decision">
      <select
        value={filters.decision}
        onChange={event => change({ decision: event.currentTarget.value as AuditFilters['decision'] })}
      >
        <option value="">any</option>
        <option value="allow">allow</option>
        <option value="deny">deny</option>
      </select>
    </Field>
  )
}

/** The filters for entries; changes apply at once. */
export function FilterForm({ filters, actions, change }: FormParts) {
  const given = (name: 'action' | 'userId' | 'since') => ({
    value: filters[name],
    onInput: (event: TargetedInputEvent<HTMLInputElement>) => change({ [name]: event.currentTarget.value }),
  })
  return (
    <form class="filters" aria-label="Filters" onSubmit={event => event.preventDefault()}>
      <Decision filters={filters} change={change} />
      <Field label="Action">
        <input list="audit-actions" maxLength={128} autocomplete="off" placeholder="any" {...given('action')} />
      </Field>
      <datalist id="audit-actions">
        {actions.map(each => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <Field label="User">
        <input maxLength={128} autocomplete="off" placeholder="any, or usr_…" {...given('userId')} />
      </Field>
      <Field label="Since">
        <input type="datetime-local" {...given('since')} />
      </Field>
    </form>
  )
}
