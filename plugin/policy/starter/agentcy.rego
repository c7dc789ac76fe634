# Nobody in particular may do nothing, and nothing is done that cannot be found again.
package agentcy

import rego.v1

deny contains "nobody knows on whose behalf this is" if not is_string(input.subject.user_id)

deny contains "nobody knows on whose behalf this is" if input.subject.user_id == ""

deny contains "the request has no id" if not is_string(input.context.request_id)

deny contains "the request has no id" if input.context.request_id == ""
