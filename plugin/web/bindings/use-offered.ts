import { useChannel } from '../data/channel.ts'
import { useLinks } from '../data/links.ts'
import { useQuery } from '../data/query.ts'
import { agentHint, agentsIn, groupsIn, peopleIn } from './offered.ts'

/** The size of a page. */
const MESSAGES = 200

/** The suggestions of the binding form. Suggestions that cannot be loaded are left out; the user can still type the value. */
export function useOffered(bound: readonly string[]) {
  const { client } = useChannel()
  const accounts = (useLinks().accounts.value ?? []).map(({ account }) => account)
  const { value: list } = useQuery(signal => client.agents.list.query(undefined, { signal }), [])
  const { value: people } = useQuery(
    async signal => peopleIn((await client.whatsapp.messages.list.query({ limit: MESSAGES }, { signal })).messages),
    [],
  )
  const { value: groups } = useQuery(
    async signal => {
      const asked = accounts.map(account => client.whatsapp.groups.list.query({ account }, { signal }))
      const answers = await Promise.allSettled(asked)
      return groupsIn(answers.flatMap(answer => (answer.status === 'fulfilled' ? answer.value.groups : [])))
    },
    [accounts.join()],
  )
  return { hint: agentHint(list), agents: agentsIn(list, bound), people: people ?? [], groups: groups ?? [] }
}
