import { useChannel } from '../data/channel.ts'
import { useQuery } from '../data/query.ts'
import { useTurnChanges } from '../data/turn-changes.ts'

const MOST = 200

/** The calls that wait for a person, ordered by when they lapse. */
export function usePendingApprovals() {
  const { client } = useChannel()
  const query = useQuery(async signal => {
    const { approvals } = await client.approvals.list.query({ status: 'pending', limit: MOST }, { signal })
    return approvals.toSorted((one, other) => Date.parse(one.expires_at) - Date.parse(other.expires_at))
  }, [])
  useTurnChanges(query.again)
  return query
}

/** The turns that wait for a person. */
export function useWaitingTurns() {
  const { client } = useChannel()
  const query = useQuery(async signal => {
    const parked = (status: 'needs_operator' | 'dead_letter') =>
      client.turns.list.query({ status, limit: MOST }, { signal })
    const lists = await Promise.all([parked('needs_operator'), parked('dead_letter')])
    return lists.flatMap(({ turns }) => turns)
  }, [])
  useTurnChanges(query.again)
  return query
}
