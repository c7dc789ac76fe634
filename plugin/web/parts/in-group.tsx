import { OwnName } from './own-name.tsx'

/** In which group something is, beside who it is of; nothing of what is in none. */
export function InGroup({ group, subject }: { group: string | null; subject: string | null }) {
  if (group === null) return null
  return (
    <span class="quiet">
      {' '}
      in <bdi>{group}</bdi>
      <OwnName name={subject} of="group" />
    </span>
  )
}
