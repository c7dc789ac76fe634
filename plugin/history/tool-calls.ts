import type { WireCalled } from '../contract/api/message-trace.ts'
import { type AccountKey, type Address, parseAddress, personAt, type Phone } from '../contract/ids.ts'
import { plainLine } from '../contract/plain-text.ts'
import { userOf } from '../policy/user-id.ts'
import type { Connection } from '../store/sql/connection.ts'
import { mentionedPerson } from '../store/people/people.ts'
import type { StoredStep } from '../store/turns/steps.ts'
import type { TurnApproval } from '../store/turns/turn-approvals.ts'

const MOST_ARGUMENTS = 1_000
const MOST_RESULT = 500

/** The approvers of an org, by their user ids. */
export type Approvers = ReadonlyMap<string, Address>

/** The approvers with their user ids, as far as this account knows the people. */
export async function approversOf(
  connection: Connection,
  key: AccountKey,
  addresses: Iterable<Address | Phone>,
): Promise<Approvers> {
  const approvers = new Map<string, Address>()
  for (const address of addresses) {
    const named = parseAddress(address)
    if (!named || named.kind === 'group') continue
    const person = await mentionedPerson(connection, key, personAt(named))
    approvers.set(userOf(key.org, person), address as Address)
  }
  return approvers
}

/**
 * The arguments and the result of a step, and the person who approved or refused it. Each text is limited in length, on one line,
 * and without invisible characters.
 */
export function calledIn(step: StoredStep, approvals: readonly TurnApproval[], approvers: Approvers): WireCalled {
  const asked = approvals.findLast(
    each => each.step === step.n && each.argumentsHash === step.argumentsHash && step.argumentsHash !== '',
  )
  const user = asked?.decidedBy ?? null
  return {
    arguments: asked ? plainLine(asked.arguments, MOST_ARGUMENTS) : null,
    result: step.result === null ? null : plainLine(step.result, MOST_RESULT),
    note: asked?.note ? plainLine(asked.note, MOST_ARGUMENTS) : null,
    decided_by: user === null ? null : { user_id: user, approver: approvers.get(user) ?? null, you: false },
  }
}
