import { partTexts as texts } from '../texts/part-texts.ts'

const MOST = 40

const SAID_BY = { person: texts.nameOfPerson, group: texts.nameOfGroup } as const

/** The name of a person or group, shown after the address. Users choose it, so it may be anything. */
export function OwnName({ name, of = 'person' }: { name: string | null; of?: keyof typeof SAID_BY }) {
  if (name === null || name.trim() === '') return null
  const letters = Array.from(name.trim())
  const shown = letters.length > MOST ? `${letters.slice(0, MOST - 1).join('')}…` : name.trim()
  return (
    <span class="quiet" title={SAID_BY[of]}>
      {' '}
      <bdi>~{shown}</bdi>
    </span>
  )
}
