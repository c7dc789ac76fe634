import type { NewAuditEntry } from '../../contract/audit.ts'
import { ChannelError } from '../../contract/errors/errors.ts'
import type { Principal } from '../../contract/host.ts'
import type { PolicyVerdict } from '../../contract/policy.ts'
import type { CallRule } from './call-rule.ts'
import type { RequestContext } from './request-context.ts'
import { permitted } from './roles.ts'
import type { AuditFields } from '../../contract/audit.ts'

/** What an answer names that was acted on: ids and names, never what people wrote. */
const NAMED = ['id', 'name', 'account', 'agent', 'session_id', 'binding_id', 'version', 'unlinked'] as const

export function resourceOf(answer: unknown): AuditFields {
  if (typeof answer !== 'object' || answer === null) return { channel: 'whatsapp' }
  const named = NAMED.flatMap(key => {
    const value = (answer as Readonly<Record<string, unknown>>)[key]
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[key, value]] : []
  })
  return { channel: 'whatsapp', ...(Object.fromEntries(named) as AuditFields) }
}

/** A call: what policies call it, which procedure it is, and whether it only reads. */
export type Asked = {
  readonly action: string
  readonly path: string
  readonly type: 'query' | 'mutation' | 'subscription'
}

/** What judging and telling need of a request. */
type Judging = Pick<RequestContext, 'operations' | 'audit' | 'requestId'>

/** What is the same in each entry about one call. */
function entryOf(
  { action, path }: Omit<Asked, 'type'>,
  { user }: Principal,
  requestId: string,
): Omit<NewAuditEntry, 'decision'> {
  return {
    category: 'policy',
    action,
    user,
    resource: { channel: 'whatsapp', procedure: path },
    rule: null,
    input: {},
    requestId,
    latencyMs: null,
  }
}

type Judged = { readonly verdict: PolicyVerdict; readonly latencyMs: number }

async function judged({ operations, requestId }: Judging, caller: Principal, { action, path }: Asked): Promise<Judged> {
  const begun = performance.now()
  const verdict = await operations.policies.judge({
    ...caller,
    channel: 'api',
    action,
    resource: { channel: 'whatsapp', procedure: path },
    approvalGranted: false,
    requestId,
    message: null,
  })
  return { verdict, latencyMs: performance.now() - begun }
}

/**
 * Asks the policies of the caller's org, and waits for its share of the loop. What is denied is told to the audit log, and
 * what changes something before it does. @throws ChannelError `policy_denied`
 */
export async function admit(judging: Judging, caller: Principal, asked: Asked): Promise<void> {
  const { verdict, latencyMs } = await judged(judging, caller, asked)
  const { org, role, user } = caller
  const input = { subject: { org_id: org, user_id: user, role, channel: 'api' } }
  const entry = { ...entryOf(asked, caller, judging.requestId), input, latencyMs }
  if (verdict.verdict === 'deny') {
    await judging.audit.append(org, { ...entry, decision: 'deny', rule: verdict.rule })
    throw new ChannelError('policy_denied')
  }
  if (asked.type === 'mutation') await judging.audit.append(org, { ...entry, decision: 'allow' })
  await judging.operations.shares.next(org, 'calls')
}

/** A call of a procedure with its rule; null: one that was made without is open to nobody. */
export type Called = Omit<Asked, 'action'> & { readonly rule: CallRule | null }

/**
 * The caller, when both the rule of a procedure and the policies of their org let them call it.
 * @throws ChannelError `unauthorized`, `forbidden`, `policy_denied`
 */
export async function authorized(context: RequestContext, { path, type, rule }: Called): Promise<Principal> {
  if (rule === null) throw new ChannelError('forbidden')
  const caller = permitted(context.principal, rule.role)
  await admit(context, caller, { action: rule.action, path, type })
  return caller
}

type Answered = { readonly call: Called; readonly answer: unknown }

/** Tells the audit log what a call has done. It is done by then, so that a log which cannot take it changes nothing. */
export async function auditEffect(
  { audit, log, requestId }: RequestContext,
  caller: Principal,
  { call: { path, rule }, answer }: Answered,
): Promise<void> {
  if (!rule?.audited) return
  const { action, audited: category } = rule
  const entry = { ...entryOf({ action, path }, caller, requestId), category, resource: resourceOf(answer) }
  await audit.append(caller.org, { ...entry, decision: 'allow' }).catch(() => {
    log.error({ org: caller.org, request_id: requestId, action }, 'effect not audited')
  })
}
