import { OwnName } from './own-name.tsx'
import { partTexts as texts } from '../texts/part-texts.ts'

/** The group of something, shown after its sender; nothing if there is no group. */
export function InGroup({ group, subject }: { group: string | null; subject: string | null }) {
  if (group === null) return null
  return (
    <span class="quiet">
      {' '}
      {texts.in} <bdi>{group}</bdi>
      <OwnName name={subject} of="group" />
    </span>
  )
}
