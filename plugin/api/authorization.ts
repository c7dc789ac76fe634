import { ChannelError } from '../contract/errors.ts'
import type { Principal } from '../contract/host.ts'
import { ACTION_TABLE } from './action-table.ts'
import type { RequestContext } from './request-context.ts'
import { permitted, type ProcedurePath } from './role-table.ts'

/**
 * The caller, when both the role table and the policies of their org let them call `path`. A path that the table does not
 * name is open to nobody.
 * @throws ChannelError `unauthorized`, `forbidden`, `policy_denied`
 */
export async function authorized(
  { operations, principal, requestId }: RequestContext,
  path: string,
): Promise<Principal> {
  const caller = permitted(principal, path)
  const verdict = await operations.judge({
    ...caller,
    channel: 'api',
    // Whatever is permitted stands in the table of roles.
    action: ACTION_TABLE[path as ProcedurePath],
    resource: { channel: 'whatsapp', procedure: path },
    approvalGranted: false,
    requestId,
    message: null,
  })
  if (verdict.verdict === 'deny') throw new ChannelError('policy_denied')
  return caller
}
