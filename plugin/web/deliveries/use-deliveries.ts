import { useEffect, useState } from 'preact/hooks'

import type { SendListItem } from '../../contract/api/sends.ts'
import { type Channel, useChannel } from '../data/channel.ts'
import { type Query, useQuery } from '../data/query.ts'
import { useLinks } from '../data/links.ts'
import { useOccasions } from '../data/use-occasions.ts'

/** The account and status to show; empty: all accounts, any status. */
export type DeliveryFilter = { readonly account: string; readonly status: SendListItem['status'] | '' }

/** The newest sends; `complete` if there are no older ones. */
export type DeliveryPage = { readonly sends: readonly SendListItem[]; readonly complete: boolean }

const PAGE = 50

type Asked = DeliveryFilter & { readonly pages: number; readonly signal: AbortSignal }

async function listed(client: Channel['client'], { account, status, pages, signal }: Asked): Promise<DeliveryPage> {
  const of = { limit: PAGE, ...(account !== '' && { account }), ...(status !== '' && { status }) }
  const sends: SendListItem[] = []
  for (let page = 0; page < pages; page += 1) {
    const before = sends.at(-1)?.id
    const more = await client.whatsapp.sends.list.query({ ...of, ...(before !== undefined && { before }) }, { signal })
    sends.push(...more.sends)
    if (more.sends.length < PAGE) return { sends, complete: true }
  }
  return { sends, complete: false }
}

/**
 * The newest sends, as far back as the user has loaded. Lists all again after each change, because it moves the sends behind it.
 */
export function useDeliveries(filter: DeliveryFilter): Query<DeliveryPage> & { readonly older: () => void } {
  const { client } = useChannel()
  const { accounts } = useLinks()
  const links = (accounts.value ?? []).map(({ account, connection }) => `${account} ${connection.status}`).join()
  const [pages, setPages] = useState(1)
  const [someWait, setSomeWait] = useState(false)
  const occasions = useOccasions(someWait)
  const query = useQuery(
    async signal => {
      const page = await listed(client, { ...filter, pages, signal })
      setSomeWait(page.sends.some(({ status }) => status === 'accepted'))
      return page
    },
    [filter.account, filter.status, pages, links],
  )
  useEffect(() => {
    if (occasions > 0) query.again()
  }, [occasions])
  return { ...query, older: () => setPages(before => before + 1) }
}
