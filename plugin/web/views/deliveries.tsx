import '../messages/messages.css'

import { useState } from 'preact/hooks'

import { linkTo } from '../hooks/address.ts'
import { DeliveryRow } from '../deliveries/delivery-row.tsx'
import { type DeliveryFilter, useDeliveries } from '../deliveries/use-deliveries.ts'
import { AccountChoice } from '../messages/account-choice.tsx'
import { Empty } from '../parts/empty.tsx'
import { Field } from '../parts/field.tsx'
import { Loaded } from '../parts/loaded.tsx'

const STATES: Record<DeliveryFilter['status'], string> = {
  '': 'Any status',
  accepted: 'Queued',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  rejected: 'Rejected',
  expired: 'Too late to be sent',
  cancelled: 'Taken back',
}

const isState = (value: string): value is DeliveryFilter['status'] => Object.hasOwn(STATES, value)

function StateChoice({ chosen }: { chosen: (status: DeliveryFilter['status']) => void }) {
  return (
    <Field label="Show">
      <select
        onChange={({ currentTarget: { value } }) => {
          if (isState(value)) chosen(value)
        }}
      >
        {Object.entries(STATES).map(([status, words]) => (
          <option key={status} value={status}>
            {words}
          </option>
        ))}
      </select>
    </Field>
  )
}

function NothingThere({ filter }: { filter: DeliveryFilter }) {
  if (filter.account !== '' || filter.status !== '')
    return <Empty title="Nothing of that kind">Show all accounts, with any status.</Empty>
  return (
    <Empty title="Nothing was to be sent yet">
      Answers of agents appear here, and messages written under <a href={linkTo('messages')}>Messages</a>.
    </Empty>
  )
}

function List({ filter }: { filter: DeliveryFilter }) {
  const query = useDeliveries(filter)
  return (
    <Loaded query={query}>
      {({ sends, complete }) => (
        <>
          {sends.length === 0 && <NothingThere filter={filter} />}
          <ol class="feed" aria-label="Deliveries, newest first">
            {sends.map(send => (
              <DeliveryRow key={send.id} send={send} again={query.again} />
            ))}
          </ol>
          {!complete && <button onClick={query.older}>Older deliveries</button>}
        </>
      )}
    </Loaded>
  )
}

/** The sends and their progress, whether waiting, sent or failed. */
export function Deliveries() {
  const [filter, setFilter] = useState<DeliveryFilter>({ account: '', status: '' })
  return (
    <>
      <div class="choices inline">
        <StateChoice chosen={status => setFilter(before => ({ ...before, status }))} />
        <AccountChoice
          label="Account"
          all="All accounts"
          chosen={account => setFilter(before => ({ ...before, account }))}
        />
      </div>
      <List key={`${filter.account} ${filter.status}`} filter={filter} />
    </>
  )
}
