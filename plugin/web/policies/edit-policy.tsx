import { useChannel } from '../data/channel.ts'
import { Card } from '../parts/card.tsx'
import { Loaded } from '../parts/loaded.tsx'
import { useQuery } from '../data/query.ts'
import { policyTexts as texts } from '../texts/policy-texts.ts'
import { PolicyForm } from './policy-form.tsx'

const BEGINNING = `package agentcy.example

import rego.v1

deny contains "say here why" if {
	input.action == "chat.tool.execute"
	input.resource.tool == "service.restart"
	input.subject.role == "viewer"
}
`

/** A form for a new policy, with an example. */
export const NewPolicy = ({ taken, saved }: { taken: readonly string[]; saved: (name: string) => void }) => (
  <Card title={texts.newPolicy}>
    <PolicyForm policy={{ name: '', source: BEGINNING }} taken={taken} saved={saved} />
  </Card>
)

/** A form for an existing policy. */
export function EditPolicy({ name, saved }: { name: string; saved: (name: string) => void }) {
  const { client } = useChannel()
  const policy = useQuery(signal => client.policies.get.query({ name }, { signal }), [name])
  return (
    <Card title={name}>
      <Loaded query={policy}>{found => <PolicyForm policy={found} taken={null} saved={saved} />}</Loaded>
    </Card>
  )
}
