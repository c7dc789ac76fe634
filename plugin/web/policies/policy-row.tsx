import type { WirePolicyList } from '../../contract/api/policies.ts'
import { useAction } from '../data/action.ts'
import { linkTo } from '../hooks/address.ts'
import { useChannel } from '../data/channel.ts'
import { AskTwice } from '../parts/ask-twice.tsx'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { policyTexts as texts } from '../texts/policy-texts.ts'
import { Problems } from './problems.tsx'

type Policy = WirePolicyList['policies'][number]

/** One policy, with a link to its source and a button to delete it. A compiled bundle has no source. */
export function PolicyRow({ policy, removed }: { policy: Policy; removed: (name: string) => void }) {
  const { name, kind, size_bytes: bytes } = policy
  const { client } = useChannel()
  const { busy, refusal, run } = useAction()
  const remove = (): void => {
    void run(() => client.policies.delete.mutate({ name })).then(wasRemoved => wasRemoved && removed(name))
  }
  return (
    <li class="policy">
      <div class="policy-line">
        {kind === 'source' ? <a href={linkTo('policies', 'edit', name)}>{name}</a> : <strong>{name}</strong>}
        <span class="quiet">
          {kind === 'bundle' && texts.bundle}
          {texts.bytes(bytes)}
        </span>
        <AskTwice label={texts.delete} about={name} consequence={texts.deleteConsequence} busy={busy} run={remove} />
      </div>
      <RefusalNote refusal={refusal} />
      <Problems problems={refusal?.problems ?? []} open={null} />
    </li>
  )
}
