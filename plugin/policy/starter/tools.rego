# What viewers never get to use, approved or not. Add your own.
package agentcy.tools

import rego.v1

deny contains sprintf("%s is not for viewers", [input.resource.tool]) if {
	input.action == "chat.tool.execute"
	input.subject.role == "viewer"
	input.resource.tool in {
		"kubernetes.delete_namespace",
		"kubernetes.exec",
		"postgres.drop_database",
		"postgres.execute",
		"shell.execute",
	}
}
