import { useEffect, useRef, useState } from 'preact/hooks'

import type { WireBinding } from '../../contract/api/bindings.ts'
import { useChannel } from '../data/channel.ts'
import type { Query } from '../data/query.ts'
import { type Refusal, refusalOf } from '../data/refusal.ts'
import { placed } from './order.ts'
import { bindingTexts as texts } from '../texts/binding-texts.ts'

/** The bindings in the order that the user wants, and a function to reorder them. */
export type Order = {
  readonly bindings: readonly WireBinding[]
  readonly refusal: Refusal | null
  /** The last change, in words. */
  readonly said: string
  /** The host's warning about the moved binding: an effect that the user may not intend. */
  readonly warning: string | undefined
  /** Moves a binding to a place, from 0. */
  readonly place: (id: string, to: number) => void
}

const inOrder = (bindings: readonly WireBinding[], wish: readonly string[] | null): readonly WireBinding[] => {
  if (wish === null) return bindings
  const places = new Map(wish.map((id, place) => [id, place]))
  return bindings.toSorted((one, other) => (places.get(one.id) ?? 0) - (places.get(other.id) ?? 0))
}

/** Shows a new order at once, and sends the changes one after another. Shows the refusal if one fails. */
export function useOrder({ value, again }: Query<readonly WireBinding[]>): Order {
  const { client } = useChannel()
  const [wish, setWish] = useState<readonly string[] | null>(null)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const [said, setSaid] = useState('')
  const [warning, setWarning] = useState<string | undefined>()
  const line = useRef({ end: Promise.resolve(), waiting: 0 })
  useEffect(() => {
    if (line.current.waiting === 0) setWish(null)
  }, [value])

  const bindings = inOrder(value ?? [], wish)
  const ask = async (order: readonly string[], moved: string): Promise<void> => {
    await client.bindings.reorder.mutate({ order: [...order] }).then(
      answer => setWarning(answer.bindings.find(({ id }) => id === moved)?.warning),
      (thrown: unknown) => setRefusal(refusalOf(thrown)),
    )
    line.current.waiting -= 1
    if (line.current.waiting === 0) again()
  }
  const place = (id: string, to: number): void => {
    const ids = bindings.map(each => each.id)
    const order = placed(ids, id, to)
    if (order.join() === ids.join()) return
    const moved = bindings.find(each => each.id === id)
    setWish(order)
    setRefusal(null)
    setWarning(undefined)
    setSaid(texts.movedTo(moved?.agent ?? texts.theBinding, order.indexOf(id) + 1, order.length))
    line.current.waiting += 1
    line.current.end = line.current.end.then(() => ask(order, id))
  }
  return { bindings, refusal, said, warning, place }
}
