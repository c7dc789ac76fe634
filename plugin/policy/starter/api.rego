# Routes for admins, and when sources may be deleted (UTC).
package agentcy.api

import rego.v1

admin_actions := {
	"approval.decide",
	"binding.create",
	"binding.delete",
	"binding.update",
	"channel.configure",
	"channel.qr.start",
	"channel.reload",
	"channel.unconfigure",
	"policy.delete",
	"policy.update",
}

deny contains "this takes the role admin" if {
	input.action in admin_actions
	not input.subject.role in ["admin", "owner"]
}

hour := to_number(substring(input.env.now, 11, 2))

deny contains "sources are deleted in business hours only" if {
	input.action == "source.delete"
	not in_business_hours
}

in_business_hours if {
	hour >= 8
	hour < 18
}
