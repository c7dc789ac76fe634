import type { WireExplanation } from './api/bindings.ts'

/** Who answers a message, or why nobody does: as judged when it arrived, or by the current bindings. */
export type Judgement = Pick<WireExplanation, 'outcome' | 'reason' | 'binding_id' | 'bindings'>

type Words = {
  readonly answered: (agent: string) => string
  readonly unanswered: string
  readonly ignored: string
}

const THEN: Words = {
  answered: agent => `it was given to ${agent}`,
  unanswered: 'nobody answered',
  ignored: 'it was ignored',
}
const NOW: Words = {
  answered: agent => `${agent} would answer`,
  unanswered: 'nobody would answer',
  ignored: 'it would be ignored',
}
const ALWAYS: Words = {
  answered: agent => `${agent} answers`,
  unanswered: 'nobody answers',
  ignored: 'it is ignored',
}
const GONE = 'an agent whose binding is gone'

/**
 * Describes in plain words how a message was judged when it arrived and how its bindings would judge it now: both if they differ,
 * once if they do not.
 */
export function thenAndNow(then: Judgement, now: Judgement): string {
  const agents = new Map([...now.bindings, ...then.bindings].map(({ id, agent }) => [id, agent]))
  const agentOf = ({ binding_id: id, bindings }: Judgement): string =>
    bindings.find(each => each.id === id)?.agent ?? agents.get(id ?? '') ?? GONE
  const [before, after] = [agentOf(then), agentOf(now)]
  const isByAnother = then.binding_id !== now.binding_id && before === after
  const named = (agent: string, id: string | null): string => (isByAnother ? `${agent} (by ${id})` : agent)
  const said = [named(before, then.binding_id), named(after, now.binding_id)] as const
  return wordsOf(then, ALWAYS, said[0]) === wordsOf(now, ALWAYS, said[1])
    ? `Then and now: ${wordsOf(now, ALWAYS, said[1])}.`
    : `Then: ${wordsOf(then, THEN, said[0])}. Now: ${wordsOf(now, NOW, said[1])}.`
}

function wordsOf({ outcome, reason, binding_id: id }: Judgement, words: Words, agent: string): string {
  if (outcome === 'matched') return id === null ? 'no binding was asked' : words.answered(agent)
  const why = reason === null ? '' : ` (${reason.replaceAll('_', ' ')})`
  return `${outcome === 'ignored' ? words.ignored : words.unanswered}${why}`
}
