# Nobody in particular may do nothing, and nothing is done that cannot be found again.
package agentcy

import rego.v1

known_user if {
	is_string(input.subject.user_id)
	input.subject.user_id != ""
}

known_request if {
	is_string(input.context.request_id)
	input.context.request_id != ""
}

deny contains "nobody knows on whose behalf this is" if not known_user

deny contains "the request has no id" if not known_request
