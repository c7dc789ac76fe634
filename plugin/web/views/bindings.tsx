import './beside.css'
import './bindings.css'

import { useState } from 'preact/hooks'

import { linkTo, useAddress } from '../hooks/address.ts'
import { BindingList } from '../bindings/binding-list.tsx'
import type { Changed } from '../bindings/changed.ts'
import { ExplainBox } from '../explain/explain-box.tsx'
import { NewBinding } from '../bindings/new-binding.tsx'
import { useOrder } from '../bindings/use-order.ts'
import { useChannel } from '../data/channel.ts'
import { useFocusInView } from '../hooks/focus.ts'
import { Card } from '../parts/card.tsx'
import { Empty } from '../parts/empty.tsx'
import { Loaded } from '../parts/loaded.tsx'
import { useQuery } from '../data/query.ts'
import { viewTexts as texts } from '../texts/view-texts.ts'

function ChangeNote({ changed }: { changed: Changed | null }) {
  return (
    <>
      <div role="status" class={changed ? 'note good' : ''}>
        {changed?.sentence}
      </div>
      <div role="alert" class={changed?.warning === undefined ? '' : 'note wait'}>
        {changed?.warning}
      </div>
    </>
  )
}

const NONE = <Empty title={texts.noBindingsYet}>{texts.bindingsAreNeeded}</Empty>

/** The bindings: which agent answers which messages. */
export function Bindings() {
  const { client } = useChannel()
  const [, part, name] = useAddress()
  const [changed, setChanged] = useState<Changed | null>(null)
  const query = useQuery(async signal => (await client.bindings.list.query({}, { signal })).bindings, [])
  const order = useOrder(query)
  useFocusInView(changed !== null, [changed, part, query.value])
  const agents = [...new Set((query.value ?? []).map(({ agent }) => agent))].toSorted()
  const done = (what: Changed): void => {
    setChanged(what)
    query.again()
    location.hash = linkTo('bindings')
  }
  const list = (
    <BindingList
      order={order}
      edited={part === 'edit' ? name : undefined}
      agents={agents}
      done={done}
      reload={query.again}
    />
  )
  const make = (
    <a class="button primary" href={linkTo('bindings', 'new')}>
      {texts.newBinding}
    </a>
  )
  return (
    <div class="beside">
      <div>
        {part === 'new' && <NewBinding key={name} address={name} agents={agents} done={done} />}
        <Card title={texts.inTheOrderAsked} aside={part !== 'new' && make}>
          <p class="quiet">{texts.firstMatchAnswers}</p>
          <ChangeNote changed={changed} />
          <Loaded query={query}>{({ length }) => (length === 0 ? NONE : list)}</Loaded>
        </Card>
      </div>
      <ExplainBox
        key={part === 'explain' ? name : ''}
        message={part === 'explain' ? name : undefined}
        bindings={query.value}
      />
    </div>
  )
}
