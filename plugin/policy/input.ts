import type { PolicyTestInput } from '../contract/api/policies.ts'
import { wordOf } from '../contract/claimed.ts'
import type { OrgId } from '../contract/ids.ts'
import type { PolicyQuestion } from '../contract/policy.ts'

/** The `input` of a policy: the documented fields (agentcy-host.md §4), each always present, and our own. */
export type PolicyInput = Readonly<
  Record<'subject' | 'resource' | 'context' | 'claimed' | 'env', Readonly<Record<string, unknown>>>
> & {
  readonly action: string
}

/** Makes the input for a question. Unknown facts are null, because Rego silently skips a rule about a missing field. */
export function inputOf(question: PolicyQuestion, now: Date): PolicyInput {
  const { message } = question
  return {
    subject: {
      user_id: question.user,
      org_id: question.org,
      role: question.role,
      channel: question.channel,
      external_id: null,
      api_key_id: null,
      sender: message?.sender ?? null,
      is_group: message?.isGroup ?? null,
      // Policies that were compiled before it became a claim read it here. The compiler refuses new ones that do.
      mentioned: message ? wordOf(message.claimed.mentioned) : null,
      quoted_sender: message?.quotedSender ?? null,
    },
    action: question.action,
    resource: question.resource,
    context: {
      approval_granted: question.approvalGranted,
      ip: null,
      realm: 'default',
      request_id: question.requestId,
      binding: message?.binding ?? null,
      account: message?.account ?? null,
    },
    claimed: {
      forwarded: message ? wordOf(message.claimed.forwarded) : null,
      forwarding_score: message ? wordOf(message.claimed.forwardingScore) : null,
      mentioned: message ? wordOf(message.claimed.mentioned) : null,
    },
    env: { now: now.toISOString(), instance_mode: 'self-hosted' },
  }
}

const nullable = (type: string) => ({ anyOf: [{ type }, { type: 'null' }] })
const closed = (properties: Readonly<Record<string, object>>) => ({
  type: 'object',
  properties,
  additionalProperties: false,
})

/**
 * JSON Schema of {@link PolicyInput}, so that a policy which names an unknown field does not compile. It leaves out
 * `subject.mentioned`, which only policies compiled earlier read.
 */
export const INPUT_SCHEMA = closed({
  subject: closed({
    user_id: { type: 'string' },
    org_id: { type: 'string' },
    role: { type: 'string' },
    channel: { type: 'string' },
    external_id: nullable('string'),
    api_key_id: nullable('string'),
    sender: nullable('string'),
    is_group: nullable('boolean'),
    quoted_sender: nullable('string'),
  }),
  action: { type: 'string' },
  // The fields of a resource depend on its kind.
  resource: { type: 'object', additionalProperties: {} },
  context: closed({
    approval_granted: { type: 'boolean' },
    ip: nullable('string'),
    realm: { type: 'string' },
    request_id: { type: 'string' },
    binding: nullable('string'),
    account: nullable('string'),
  }),
  // What the sender says, which nobody else has confirmed.
  claimed: closed({
    forwarded: nullable('boolean'),
    forwarding_score: nullable('integer'),
    mentioned: nullable('boolean'),
  }),
  env: closed({ now: { type: 'string' }, instance_mode: { type: 'string' } }),
})

/** Completes an input that a caller wants to try. The org is always the caller's own. */
export function completed(org: OrgId, { subject, env, ...input }: PolicyTestInput): PolicyInput {
  const now = env.now ?? new Date().toISOString()
  return { ...input, subject: { ...subject, org_id: org }, env: { ...env, now } }
}
