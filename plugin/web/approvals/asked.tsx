import type { WireApproval } from '../../contract/api/approvals.ts'
import { linkTo } from '../hooks/address.ts'
import { InGroup } from '../parts/in-group.tsx'
import { OwnName } from '../parts/own-name.tsx'
import { UntrustedLine } from '../parts/untrusted.tsx'
import { approvalTexts as texts } from '../texts/approval-texts.ts'

type Of = { readonly approval: Pick<WireApproval, 'asked' | 'user_id' | 'message_id'> }

/** Who asked: the address, and the name that the person uses. */
export function Asker({ approval: { asked, user_id: user } }: Of) {
  if (!asked) return <code>{user}</code>
  return (
    <span title={user}>
      <bdi>{asked.address}</bdi>
      <OwnName name={asked.name} />
      <InGroup group={asked.group} subject={asked.group_subject} />
    </span>
  )
}

/** The text of the question, and a link to its message. */
export function Question({ approval: { asked, message_id: id } }: Of) {
  return (
    <>
      {asked?.text && <UntrustedLine label={texts.whatWasWritten} text={asked.text} />}
      {asked?.text === null && <p class="quiet">{texts.tooLong}</p>}
      <a href={linkTo('messages', id)}>
        <code>{id}</code>
      </a>
    </>
  )
}
