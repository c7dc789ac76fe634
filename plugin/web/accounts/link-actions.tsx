import { useState } from 'preact/hooks'

import { useAction } from '../data/action.ts'
import type { WireAccount, WireLink } from '../../contract/api/channels.ts'
import { useChannel } from '../data/channel.ts'
import { useLinks } from '../data/links.ts'
import { accountTexts as texts } from '../texts/account-texts.ts'
import { hasLogin, titleOf, type Unpaired } from '../texts/account-words.ts'
import { RefusalNote } from '../parts/refusal-note.tsx'

function Unpair({ busy, unpair }: { busy: boolean; unpair: () => void }) {
  const [sure, setSure] = useState(false)
  if (!sure) return <button onClick={() => setSure(true)}>{texts.unpair}</button>
  return (
    <>
      <span>{texts.unpairWarning}</span>
      <button class="danger" disabled={busy} onClick={unpair}>
        {texts.unpairNow}
      </button>
      <button onClick={() => setSure(false)}>{texts.keep}</button>
    </>
  )
}

/** The actions on a link: test it, and unpair it after a confirmation. */
export function LinkActions({
  known,
  link,
  ended,
}: {
  known: WireAccount
  link: WireLink
  ended: (unpaired: Unpaired) => void
}) {
  const { account, phone } = known
  const { client } = useChannel()
  const { accounts } = useLinks()
  const { busy, refusal, run } = useAction()
  const [said, setSaid] = useState<string | null>(null)
  const test = (): void => {
    setSaid(null)
    void run(async () => {
      const answer = await client.whatsapp.test.mutate({ account })
      setSaid(texts.tested(answer.phone))
    })
  }
  const unpair = (): void => {
    void run(async () => {
      const { unlinked } = await client.whatsapp.unpair.mutate({ account })
      ended({ name: titleOf(account, known), unlinked })
      accounts.again()
    })
  }
  return (
    <footer>
      {link.since !== null && (
        <button disabled={busy} onClick={test}>
          {texts.test}
        </button>
      )}
      {hasLogin(link, phone) && <Unpair busy={busy} unpair={unpair} />}
      <span role="status">{said}</span>
      <RefusalNote refusal={refusal} />
    </footer>
  )
}
