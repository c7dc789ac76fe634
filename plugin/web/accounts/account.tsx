import { useState } from 'preact/hooks'

import { linkTo } from '../hooks/address.ts'
import { useAction } from '../data/action.ts'
import type { WireAccount, WireLink } from '../../contract/api/channels.ts'
import { useChannel } from '../data/channel.ts'
import { Health } from '../health/health.tsx'
import { useLinks } from '../data/links.ts'
import { Badge } from '../parts/badge.tsx'
import { Card } from '../parts/card.tsx'
import { Loaded } from '../parts/loaded.tsx'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { accountTexts as texts } from '../texts/account-texts.ts'
import { hasLogin, titleOf, type Unpaired, unpairedSentence } from '../texts/account-words.ts'
import { badgeOf } from '../texts/link-words.ts'
import { LinkPanel } from '../pairing/link-panel.tsx'
import { usePairing } from '../pairing/use-pairing.ts'
import { SchemaForm, useSettings } from './schema-form.tsx'
import { LinkActions } from './link-actions.tsx'

const NOT_CONFIGURED: Omit<WireLink, 'account'> = {
  status: 'not_configured',
  phone: null,
  since: null,
  reason: null,
  permanent: false,
  retry_at: null,
  detail: null,
  whatsapp_said: null,
}

function Configure({ account, known }: { account: string; known: WireAccount | undefined }) {
  const { client } = useChannel()
  const { accounts } = useLinks()
  const { busy, refusal, run } = useAction()
  const settings = useSettings('whatsapp')
  const submit = (fields: Record<string, string>): void => {
    void run(() => client.whatsapp.configure.mutate({ account, fields })).then(accounts.again)
  }
  return (
    <Card title={known ? texts.settings : texts.configure}>
      <Loaded query={settings}>
        {described => (
          <SchemaForm
            settings={described}
            values={{ display_name: known?.display_name ?? null }}
            submit={submit}
            busy={busy}
          />
        )}
      </Loaded>
      <RefusalNote refusal={refusal} />
    </Card>
  )
}

/** The page of one account: its link and its settings. */
export function Account({ account }: { account: string }) {
  const { accounts, linkOf } = useLinks()
  const known = accounts.value?.find(each => each.account === account)
  const link = linkOf(account) ?? { ...(known?.connection ?? NOT_CONFIGURED), account }
  const pairing = usePairing(account)
  const [unpaired, setUnpaired] = useState<Unpaired | null>(null)
  const isOver = unpaired !== null && !hasLogin(link, known?.phone ?? null)
  const { tone, word } = badgeOf(link)
  return (
    <>
      <p>
        <a href={linkTo('channels')}>{texts.allChannels}</a>
      </p>
      <div role="status" class={isOver ? `note ${unpaired.unlinked ? 'good' : 'wait'}` : ''}>
        {isOver && unpairedSentence(unpaired)}
      </div>
      {link.status === 'not_configured' && <Configure account={account} known={known} />}
      <Card title={titleOf(account, known)} aside={<Badge tone={tone}>{word}</Badge>}>
        <LinkPanel link={link} {...pairing} />
        {known?.phone && <Health account={known} />}
        {known && <LinkActions known={known} link={link} ended={setUnpaired} />}
      </Card>
      {link.status !== 'not_configured' && known && <Configure account={account} known={known} />}
    </>
  )
}
