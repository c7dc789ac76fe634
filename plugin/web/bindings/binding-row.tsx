import type { WireBinding } from '../../contract/api/bindings.ts'
import { Badge } from '../parts/badge.tsx'
import { BindingActions, type Following } from './binding-actions.tsx'
import { ruleInWords } from './rule-form.ts'
import type { Drag } from './use-drag.ts'
import { bindingTexts as texts } from '../texts/binding-texts.ts'

/** The parts of a row: a binding, its position and the number of bindings, and how to move it. */
type RowParts = Following & {
  readonly binding: WireBinding
  readonly at: number
  readonly of: number
  readonly place: (id: string, to: number) => void
  readonly lift: Drag['lift']
}

function Moves({ binding: { id, agent }, at, of, place }: RowParts) {
  const move = (to: number, end: boolean, direction: 'up' | 'down') => (
    <button
      id={`${direction}-${id}`}
      aria-label={texts.moveLabel(texts.directions[direction], agent, { place: at + 1, places: of })}
      aria-disabled={end}
      onClick={() => end || place(id, to)}
    >
      {texts.move} {texts.directions[direction]}
    </button>
  )
  return (
    <>
      {move(at - 1, at === 0, 'up')}
      {move(at + 1, at === of - 1, 'down')}
    </>
  )
}

/** One binding: the agent, its rule, its position, and the actions on it. */
export function BindingRow(parts: RowParts) {
  const { binding, lift, done, reload } = parts
  return (
    <>
      <div class="binding-head">
        <span class="grip" title={texts.dragToReorder} onPointerDown={lift(binding.id)} aria-hidden="true">
          ⠿
        </span>
        <p>
          <strong>{binding.agent}</strong> {texts.answers} {ruleInWords(binding.match_rule)}
          {binding.conversation === 'participant' && texts.withEachParticipant}.
        </p>
        {!binding.enabled && <Badge tone="wait">{texts.disabled}</Badge>}
        {binding.suspended_at !== undefined && <Badge tone="bad">{texts.suspended}</Badge>}
      </div>
      {binding.suspended_at !== undefined && <p class="note wait">{texts.suspendedSentence}</p>}
      <BindingActions binding={binding} done={done} reload={reload}>
        <Moves {...parts} />
      </BindingActions>
    </>
  )
}
