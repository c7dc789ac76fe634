import type { AuditFields, NewAuditEntry } from '../../contract/audit.ts'
import { ChannelError } from '../../contract/errors/errors.ts'
import type { Principal } from '../../contract/host.ts'
import type { PolicyVerdict } from '../../contract/policy.ts'
import type { CallRule } from './call-rule.ts'
import type { RequestContext } from './request-context.ts'
import { permitted } from './roles.ts'

/** The fields of an answer that identify what was changed: ids and names, never texts that people wrote. */
const NAMED = ['id', 'name', 'account', 'agent', 'session_id', 'binding_id', 'version', 'unlinked'] as const

export function resourceOf(answer: unknown): AuditFields {
  if (typeof answer !== 'object' || answer === null) return { channel: 'whatsapp' }
  const named = NAMED.flatMap(key => {
    const value = (answer as Readonly<Record<string, unknown>>)[key]
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[key, value]] : []
  })
  return { channel: 'whatsapp', ...(Object.fromEntries(named) as AuditFields) }
}

/** A call: its action in policies, its procedure, and its type. */
export type Asked = {
  readonly action: string
  readonly path: string
  readonly type: 'query' | 'mutation' | 'subscription'
}

/** The parts of a request needed to check and audit it. */
type Judging = Pick<RequestContext, 'operations' | 'audit' | 'requestId'>

/** The fields common to all audit entries of a call. */
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
 * Checks the policies of the caller's org, then waits for the org's share of the event loop. Writes denials to the audit log, and
 * changes before they are made. @throws ChannelError `policy_denied`
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

/** A call of a procedure with its rule; null: the procedure has no rule, and nobody may call it. */
export type Called = Omit<Asked, 'action'> & { readonly rule: CallRule | null }

/**
 * Returns the caller if both the procedure's rule and the policies of their org permit the call.
 * @throws ChannelError `unauthorized`, `forbidden`, `policy_denied`
 */
export async function authorized(context: RequestContext, { path, type, rule }: Called): Promise<Principal> {
  if (rule === null) throw new ChannelError('forbidden')
  const caller = permitted(context.principal, rule.role)
  await admit(context, caller, { action: rule.action, path, type })
  return caller
}

type Answered = { readonly call: Called; readonly answer: unknown }

/** Writes the effect of a call to the audit log. The effect has happened by then, so a failed write is only logged. */
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
