import { useEffect, useState } from 'preact/hooks'

import { linkTo, useAddress } from '../hooks/address.ts'
import type { WireAccount } from '../../contract/api/channels.ts'
import { Health } from '../health/health.tsx'
import { KeptForEver } from '../health/kept-for-ever.tsx'
import { DEFAULT_ACCOUNT } from '../texts/account-words.ts'
import { useLinks } from '../data/links.ts'
import { Badge } from '../parts/badge.tsx'
import { Card } from '../parts/card.tsx'
import { Field } from '../parts/field.tsx'
import { Loaded } from '../parts/loaded.tsx'
import { badgeOf } from '../texts/link-words.ts'
import { useOccasions } from '../data/use-occasions.ts'
import { Account } from '../accounts/account.tsx'
import { viewTexts as texts } from '../texts/view-texts.ts'

function AccountRow({ account }: { account: WireAccount }) {
  const link = useLinks().linkOf(account.account) ?? account.connection
  const { tone, word } = badgeOf(link)
  return (
    <li>
      <a class="row" href={linkTo('channels', account.account)}>
        <strong>{account.display_name ?? account.account}</strong>
        <span>{account.phone ?? texts.noNumberYet}</span>
        <Badge tone={tone}>{word}</Badge>
      </a>
      {account.phone !== null && <Health account={account} />}
    </li>
  )
}

/** A form for another account, for another number of the org. */
function NewAccount() {
  const [name, setName] = useState('')
  return (
    <form
      class="inline"
      onSubmit={event => {
        event.preventDefault()
        location.hash = linkTo('channels', name)
      }}
    >
      <Field label={texts.anotherNumber} hint={texts.accountNameHint}>
        <input
          value={name}
          required
          pattern="[A-Za-z0-9_\-]{1,64}"
          onInput={event => setName(event.currentTarget.value)}
        />
      </Field>
      <button>{texts.configure}</button>
    </form>
  )
}

function Catalog() {
  const { accounts } = useLinks()
  return (
    <Card title={texts.whatsapp}>
      <p>{texts.channelIntroduction}</p>
      <KeptForEver />
      <Loaded query={accounts}>
        {list =>
          list.length === 0 ? (
            <a class="button primary" href={linkTo('channels', DEFAULT_ACCOUNT)}>
              {texts.configure}
            </a>
          ) : (
            <>
              <ul class="rows">
                {list.map(account => (
                  <AccountRow key={account.account} account={account} />
                ))}
              </ul>
              <NewAccount />
            </>
          )
        }
      </Loaded>
    </Card>
  )
}

/** The catalog of channels, or one WhatsApp account; reloads the states as messages are sent and as time passes. */
export function Channels() {
  const [, account] = useAddress()
  const { accounts } = useLinks()
  const occasions = useOccasions(true)
  useEffect(() => {
    if (occasions > 0) accounts.again()
  }, [occasions])
  return account === undefined ? <Catalog /> : <Account key={account} account={account} />
}
