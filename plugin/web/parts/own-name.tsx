const MOST = 40

/** What somebody calls themselves, beside their address: their own word, which may be anything. */
export function OwnName({ name }: { name: string | null }) {
  if (name === null || name.trim() === '') return null
  const letters = Array.from(name.trim())
  const shown = letters.length > MOST ? `${letters.slice(0, MOST - 1).join('')}…` : name.trim()
  return (
    <span class="quiet" title="What they call themselves">
      {' '}
      <bdi>~{shown}</bdi>
    </span>
  )
}
