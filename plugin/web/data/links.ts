import { createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'

import type { WireAccount, WireLink } from '../../contract/api/channels.ts'
import { useChannel } from './channel.ts'
import { DEFAULT_ACCOUNT } from '../texts/account-words.ts'
import { type Query, useQuery } from './query.ts'

/** The accounts of the org and the states of their links. */
export type Links = {
  readonly accounts: Query<readonly WireAccount[]>
  /** The latest state of a link; undefined until there is one. */
  readonly linkOf: (account: string) => WireLink | undefined
}

export const LinksContext = createContext<Links | null>(null)

/** Follows the links of all accounts while a user is signed in. */
export function useLinksOfOrg(): Links {
  const { client } = useChannel()
  const [links, setLinks] = useState<ReadonlyMap<string, WireLink>>(new Map())
  const accounts = useQuery(
    async signal => (await client.channels.list.query(undefined, { signal })).channels.flatMap(each => each.accounts),
    [],
  )
  const names = [...new Set([DEFAULT_ACCOUNT, ...(accounts.value ?? []).map(({ account }) => account)])].toSorted()
  useEffect(() => {
    const subscriptions = names.map(account =>
      client.whatsapp.connection.watch.subscribe(
        { account },
        {
          onData(link) {
            setLinks(before => new Map(before).set(account, link))
            accounts.again()
          },
        },
      ),
    )
    return () => {
      for (const each of subscriptions) each.unsubscribe()
    }
  }, [client, names.join()])
  return { accounts, linkOf: account => links.get(account) }
}

export function useLinks(): Links {
  const links = useContext(LinksContext)
  if (!links) throw new Error('nobody is signed in')
  return links
}
