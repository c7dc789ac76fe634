# A tool that changes something needs a person's approval, unless an admin asks.
package agentcy.connectors

import rego.v1

reads if input.resource.tool_effect == "read"

exempt if input.subject.role in ["admin", "owner"]

deny contains "a tool that changes something needs a person's approval" if {
	input.action == "chat.tool.execute"
	not reads
	not exempt
	not input.context.approval_granted
}
