# A tool that changes something needs a person's approval, unless an admin asks.
package agentcy.connectors

import rego.v1

deny contains "a tool that changes something needs a person's approval" if {
	input.action == "chat.tool.execute"
	not input.resource.tool_effect == "read"
	not input.subject.role in {"admin", "owner"}
	not input.context.approval_granted
}
