import { useAction } from '../data/action.ts'
import { useChannel } from '../data/channel.ts'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { auditTexts as texts } from '../texts/audit-texts.ts'
import { type AuditFilters, queryOf } from './filters.ts'

function keep(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  // The browser holds the file on its own by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 1_000)
}

/** Saves all entries that pass the filters, as CSV from the host. A link would not work, because it cannot send the token. */
export function CsvButton({ filters }: { filters: AuditFilters }) {
  const channel = useChannel()
  const { busy, refusal, run } = useAction()
  const save = (): void => {
    void run(async () => {
      const path = `/api/v1/policies/audit.csv?${queryOf(filters, {})}`
      const response = await channel.get(path, new AbortController().signal)
      keep(await response.blob(), 'audit.csv')
    })
  }
  return (
    <>
      <button disabled={busy} onClick={save}>
        {texts.save}
      </button>
      <RefusalNote refusal={refusal} />
    </>
  )
}
