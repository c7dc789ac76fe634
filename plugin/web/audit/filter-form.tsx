import type { TargetedInputEvent } from 'preact'

import { Field } from '../parts/field.tsx'
import { auditTexts as texts } from '../texts/audit-texts.ts'
import type { AuditFilters } from './filters.ts'

type FormParts = {
  readonly filters: AuditFilters
  readonly actions: readonly string[]
  readonly change: (part: Partial<AuditFilters>) => void
}

function Decision({ filters, change }: Omit<FormParts, 'actions'>) {
  return (
    <Field label={texts.decision}>
      <select
        value={filters.decision}
        onChange={event => change({ decision: event.currentTarget.value as AuditFilters['decision'] })}
      >
        <option value="">{texts.any}</option>
        <option value="allow">{texts.allow}</option>
        <option value="deny">{texts.deny}</option>
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
    <form class="filters" aria-label={texts.filters} onSubmit={event => event.preventDefault()}>
      <Decision filters={filters} change={change} />
      <Field label={texts.action}>
        <input list="audit-actions" maxLength={128} autocomplete="off" placeholder={texts.any} {...given('action')} />
      </Field>
      <datalist id="audit-actions">
        {actions.map(each => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <Field label={texts.user}>
        <input maxLength={128} autocomplete="off" placeholder={texts.anyUser} {...given('userId')} />
      </Field>
      <Field label={texts.since}>
        <input type="datetime-local" {...given('since')} />
      </Field>
    </form>
  )
}
