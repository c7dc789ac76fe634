# Routes for admins, and when sources may be deleted (UTC).
package agentcy.api

import rego.v1

deny contains "this takes the role admin" if {
	not input.subject.role in {"admin", "owner"}
	input.action in {
		"approval.decide",
		"binding.create",
		"binding.delete",
		"binding.update",
		"channel.code.start",
		"channel.configure",
		"channel.qr.start",
		"channel.reload",
		"channel.unconfigure",
		"policy.delete",
		"policy.update",
	}
}

deny contains "sources are deleted in business hours only" if {
	input.action == "source.delete"
	to_number(substring(input.env.now, 11, 2)) < 8
}

deny contains "sources are deleted in business hours only" if {
	input.action == "source.delete"
	to_number(substring(input.env.now, 11, 2)) >= 18
}
