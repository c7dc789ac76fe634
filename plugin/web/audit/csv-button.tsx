import { useAction } from '../data/action.ts'
import { useChannel } from '../data/channel.ts'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { type AuditFilters, queryOf } from './filters.ts'

function keep(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  // What is being saved has its own hold on it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 1_000)
}

/** Saves all entries that the filters take, as the host writes them. A link cannot say who asks. */
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
        Save as CSV
      </button>
      <RefusalNote refusal={refusal} />
    </>
  )
}
