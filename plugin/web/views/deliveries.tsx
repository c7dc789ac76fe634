import '../messages/messages.css'

import { useState } from 'preact/hooks'

import { linkTo } from '../hooks/address.ts'
import { DeliveryRow } from '../deliveries/delivery-row.tsx'
import { type DeliveryFilter, useDeliveries } from '../deliveries/use-deliveries.ts'
import { AccountChoice } from '../messages/account-choice.tsx'
import { Empty } from '../parts/empty.tsx'
import { Field } from '../parts/field.tsx'
import { Loaded } from '../parts/loaded.tsx'
import { viewTexts as texts } from '../texts/view-texts.ts'

const STATES: Record<DeliveryFilter['status'], string> = {
  '': texts.anyStatus,
  accepted: texts.queued,
  sent: texts.sent,
  delivered: texts.delivered,
  read: texts.read,
  rejected: texts.rejected,
  expired: texts.tooLateToBeSent,
  cancelled: texts.takenBack,
}

const isState = (value: string): value is DeliveryFilter['status'] => Object.hasOwn(STATES, value)

function StateChoice({ chosen }: { chosen: (status: DeliveryFilter['status']) => void }) {
  return (
    <Field label={texts.show}>
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
    return <Empty title={texts.nothingOfThatKind}>{texts.showAllHint}</Empty>
  return (
    <Empty title={texts.nothingSentYet}>
      {texts.answersAppearHere} <a href={linkTo('messages')}>{texts.messages}</a>.
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
          <ol class="feed" aria-label={texts.deliveriesNewestFirst}>
            {sends.map(send => (
              <DeliveryRow key={send.id} send={send} again={query.again} />
            ))}
          </ol>
          {!complete && <button onClick={query.older}>{texts.olderDeliveries}</button>}
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
          label={texts.account}
          all={texts.allAccounts}
          chosen={account => setFilter(before => ({ ...before, account }))}
        />
      </div>
      <List key={`${filter.account} ${filter.status}`} filter={filter} />
    </>
  )
}
