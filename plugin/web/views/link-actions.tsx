import { useState } from 'preact/hooks'

import { useAction } from '../action.ts'
import type { WireLink } from '../../contract/api.ts'
import { useChannel } from '../channel.ts'
import { useLinks } from '../links.ts'
import { RefusalNote } from '../parts/refusal-note.tsx'

function Unpair({ busy, unpair }: { busy: boolean; unpair: () => void }) {
  const [sure, setSure] = useState(false)
  if (!sure) return <button onClick={() => setSure(true)}>Unpair …</button>
  return (
    <>
      <span>The keys are destroyed; bindings and messages stay.</span>
      <button class="danger" disabled={busy} onClick={unpair}>
        Unpair now
      </button>
      <button onClick={() => setSure(false)}>Keep it</button>
    </>
  )
}

/** What can be done about a link: try it, and end it, which is asked for twice. */
export function LinkActions({ account, link }: { account: string; link: WireLink }) {
  const { client } = useChannel()
  const { accounts } = useLinks()
  const { busy, refusal, run } = useAction()
  const [said, setSaid] = useState<string | null>(null)
  const test = (): void => {
    setSaid(null)
    void run(async () => {
      const { phone } = await client.whatsapp.test.mutate({ account })
      setSaid(`WhatsApp answered: ${phone} is linked.`)
    })
  }
  const unpair = (): void => {
    void run(async () => {
      const { unlinked } = await client.whatsapp.unpair.mutate({ account })
      setSaid(unlinked ? null : 'WhatsApp was not reached: remove the device on the phone as well.')
      accounts.again()
    })
  }
  return (
    <footer>
      {link.since !== null && (
        <button disabled={busy} onClick={test}>
          Test
        </button>
      )}
      <Unpair busy={busy} unpair={unpair} />
      <span role="status">{said}</span>
      <RefusalNote refusal={refusal} />
    </footer>
  )
}
