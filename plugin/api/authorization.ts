import type { NewAuditEntry } from '../contract/audit.ts'
import { ChannelError } from '../contract/errors.ts'
import type { Principal } from '../contract/host.ts'
import type { PolicyVerdict } from '../contract/policy.ts'
import { ACTION_TABLE } from './action-table.ts'
import { AUDITED_EFFECTS, resourceOf } from './audited-effects.ts'
import type { RequestContext } from './request-context.ts'
import { permitted, type ProcedurePath } from './role-table.ts'

/** A call: which procedure, and whether it only reads. */
export type Asked = { readonly path: string; readonly type: 'query' | 'mutation' | 'subscription' }

/** What is the same in each entry about one call. Whatever is permitted stands in the tables. */
function entryOf(path: string, { user }: Principal, requestId: string): Omit<NewAuditEntry, 'decision'> {
  return {
    category: 'policy',
    action: ACTION_TABLE[path as ProcedurePath],
    user,
    resource: { channel: 'whatsapp', procedure: path },
    rule: null,
    input: {},
    requestId,
    latencyMs: null,
  }
}

type Judged = { readonly verdict: PolicyVerdict; readonly latencyMs: number }

async function judged({ operations, requestId }: RequestContext, caller: Principal, path: string): Promise<Judged> {
  const begun = performance.now()
  const verdict = await operations.judge({
    ...caller,
    channel: 'api',
    action: ACTION_TABLE[path as ProcedurePath],
    resource: { channel: 'whatsapp', procedure: path },
    approvalGranted: false,
    requestId,
    message: null,
  })
  return { verdict, latencyMs: performance.now() - begun }
}

/**
 * The caller, when both the role table and the policies of their org let them call `path`. A path that the table does not
 * name is open to nobody. What is denied is told to the audit log, and what changes something before it does.
 * @throws ChannelError `unauthorized`, `forbidden`, `policy_denied`
 */
export async function authorized(context: RequestContext, { path, type }: Asked): Promise<Principal> {
  const { audit, principal, requestId } = context
  const caller = permitted(principal, path)
  const { verdict, latencyMs } = await judged(context, caller, path)
  const { org, role, user } = caller
  const input = { subject: { org_id: org, user_id: user, role, channel: 'api' } }
  const entry = { ...entryOf(path, caller, requestId), input, latencyMs }
  if (verdict.verdict === 'deny') {
    await audit.append(org, { ...entry, decision: 'deny', rule: verdict.rule })
    throw new ChannelError('policy_denied')
  }
  if (type === 'mutation') await audit.append(org, { ...entry, decision: 'allow' })
  return caller
}

/** Tells the audit log what a call has done. It is done by then, so that a log which cannot take it changes nothing. */
export async function auditEffect(
  { audit, log, requestId }: RequestContext,
  caller: Principal,
  { path, answer }: { readonly path: string; readonly answer: unknown },
): Promise<void> {
  const category = AUDITED_EFFECTS[path as ProcedurePath]
  if (!category) return
  const entry = { ...entryOf(path, caller, requestId), category, resource: resourceOf(answer) }
  await audit.append(caller.org, { ...entry, decision: 'allow' }).catch(() => {
    log.error({ org: caller.org, request_id: requestId, action: entry.action }, 'effect not audited')
  })
}
