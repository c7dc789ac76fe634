import { useLinks } from '../data/links.ts'
import { Field } from '../parts/field.tsx'

/** Selects one of the org's accounts; with `all` also all of them, as the empty string. */
export function AccountChoice({
  label,
  name,
  all,
  chosen,
}: {
  label: string
  name?: string
  all?: string
  chosen?: (account: string) => void
}) {
  const { accounts } = useLinks()
  return (
    <Field label={label}>
      <select name={name} onChange={event => chosen?.(event.currentTarget.value)}>
        {all !== undefined && <option value="">{all}</option>}
        {(accounts.value ?? []).map(({ account, display_name }) => (
          <option key={account} value={account}>
            {display_name === null ? account : `${display_name} (${account})`}
          </option>
        ))}
      </select>
    </Field>
  )
}
