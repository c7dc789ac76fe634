import './beside.css'
import './policies.css'

import { useState } from 'preact/hooks'

import type { WirePolicyList } from '../../contract/api/policies.ts'
import { linkTo, useAddress } from '../hooks/address.ts'
import { useChannel } from '../data/channel.ts'
import { useFocusInView } from '../hooks/focus.ts'
import { Card } from '../parts/card.tsx'
import { Empty } from '../parts/empty.tsx'
import { Loaded } from '../parts/loaded.tsx'
import { EditPolicy, NewPolicy } from '../policies/edit-policy.tsx'
import { PolicyRow } from '../policies/policy-row.tsx'
import { PolicyStatusBadge, policyStatusSentence } from '../policies/policy-status.tsx'
import { Problems } from '../policies/problems.tsx'
import { TestBox } from '../policies/test-box.tsx'
import { useQuery } from '../data/query.ts'
import { viewTexts as texts } from '../texts/view-texts.ts'

function List({ list, removed }: { list: WirePolicyList; removed: (name: string) => void }) {
  const { status, problems, policies } = list
  return (
    <>
      <p>{policyStatusSentence(status)}</p>
      <Problems problems={problems} open={null} />
      {policies.length === 0 ? (
        <Empty title={texts.noPolicies}>{texts.policiesHint}</Empty>
      ) : (
        <ul class="rows" aria-label={texts.policies}>
          {policies.map(each => (
            <PolicyRow key={each.name} policy={each} removed={removed} />
          ))}
        </ul>
      )}
    </>
  )
}

/** The policies: what is allowed, what needs an approval, and what is denied. */
export function Policies() {
  const { client } = useChannel()
  const [, part, name = ''] = useAddress()
  const [said, setSaid] = useState<string | null>(null)
  const query = useQuery(signal => client.policies.list.query(undefined, { signal }), [])
  useFocusInView(said !== null, [said, query.value])
  const tell = (sentence: string): void => {
    setSaid(sentence)
    query.again()
  }
  const saved = (which: string): void => {
    tell(texts.policyIsActive(which))
    location.hash = linkTo('policies', 'edit', which)
  }
  const removed = (which: string): void => {
    tell(texts.policyIsDeleted(which))
    if (which === name) location.hash = linkTo('policies')
  }
  return (
    <div class="beside">
      <div>
        <div role="status" class={said === null ? '' : 'note good'}>
          {said}
        </div>
        {part === 'new' && <NewPolicy taken={(query.value?.policies ?? []).map(each => each.name)} saved={saved} />}
        {part === 'edit' && <EditPolicy key={name} name={name} saved={saved} />}
        <Card title={texts.policies} aside={query.value && <PolicyStatusBadge status={query.value.status} />}>
          <Loaded query={query}>{list => <List list={list} removed={removed} />}</Loaded>
          {part !== 'new' && (
            <a class="button" href={linkTo('policies', 'new')}>
              {texts.newPolicy}
            </a>
          )}
        </Card>
      </div>
      <TestBox policies={query.value} />
    </div>
  )
}
