import { z } from 'zod'

import { text } from './fields.ts'
import type { OrgId } from '../ids.ts'
import type { PolicyQuestion, PolicyVerdict } from '../policy.ts'

const ID = z.string().max(64)

/** The name of a policy: its file name without `.rego`. */
export const policyNameSchema = z
  .string()
  .regex(/^(?!audit$)[A-Za-z0-9_-]{1,64}$/)
  .meta({ description: 'The name of its file, without .rego' })
/** The path of the calls about one policy. */
export const policyRequest = z.strictObject({ name: policyNameSchema })
/** The body of `PUT /policies/:name`. */
export const policyPutBody = z.strictObject({
  source: text(900_000).meta({ description: 'Rego, version 0 or 1, in a package below agentcy' }),
})
/** The input of `policies.put`. */
export const policyPutRequest = policyRequest.extend(policyPutBody.shape)
/** A policy and its source. */
export const policySchema = z.object({ name: z.string(), source: z.string() })

/** An error in a policy. */
export const policyProblemSchema = z.object({
  file: z.string().meta({ description: 'The name of the policy; empty when it is about all of them' }),
  row: z.int().nullable(),
  column: z.int().nullable(),
  message: z.string(),
})

/** The response to `GET /policies`. */
export const policyListResponse = z.object({
  status: z.enum(['in_force', 'last_good', 'refused', 'suspended', 'none', 'off']).meta({
    description:
      'last_good: what is there now is refused, so what was there before decides. refused: nothing good is left, so everything is denied. suspended: they took too long or too much memory three times within an hour, so everything is denied until an owner changes or reloads them. none, off: tools that only read pass, all others need an approval.',
  }),
  policies: z.array(z.object({ name: z.string(), kind: z.enum(['source', 'bundle']), size_bytes: z.int() })),
  problems: z.array(policyProblemSchema),
})
/** The response to `PUT /policies/:name`. */
export const policyPutResponse = z.object({ status: z.literal('in_force'), name: z.string() })
/** The response to `DELETE /policies/:name`. */
export const policyDeleteResponse = z.object({ status: z.literal('deleted'), name: z.string() })

/**
 * The body of `POST /policies/test`: an input as documented in agentcy-host.md §4. Missing fields are filled in as for a viewer
 * who writes on WhatsApp, so that no rule is skipped because a field is missing.
 */
export const policyTestRequest = z.strictObject({
  input: z.strictObject({
    subject: z
      .strictObject({
        user_id: ID.default('usr_test'),
        org_id: ID.optional().meta({ description: 'Taken from the token, whatever it says' }),
        role: z.enum(['viewer', 'member', 'admin', 'owner']).default('viewer'),
        channel: z.string().max(32).default('whatsapp'),
        external_id: ID.nullable().default(null),
        api_key_id: ID.nullable().default(null),
        sender: ID.nullable().default(null),
        is_group: z.boolean().nullable().default(null),
        mentioned: z.boolean().nullable().default(null),
        quoted_sender: ID.nullable().default(null),
      })
      .prefault({}),
    action: z.string().min(1).max(128).default('chat.tool.execute'),
    resource: z.record(z.string().max(64), z.unknown()).default({ tool_effect: 'write' }),
    context: z
      .strictObject({
        approval_granted: z.boolean().default(false),
        ip: ID.nullable().default(null),
        realm: z.string().max(64).default('default'),
        request_id: ID.default('req_test'),
        binding: ID.nullable().default(null),
        account: ID.nullable().default(null),
      })
      .prefault({}),
    claimed: z
      .strictObject({
        forwarded: z.boolean().nullable().default(null),
        forwarding_score: z.int().min(0).nullable().default(null),
        mentioned: z.boolean().nullable().default(null),
      })
      .prefault({})
      .meta({ description: 'What the sender says of the message, and nobody has borne out' }),
    env: z
      .strictObject({ now: z.iso.datetime().optional(), instance_mode: z.string().max(32).default('self-hosted') })
      .prefault({}),
  }),
})
/** The response to `POST /policies/test`. */
export const policyTestResponse = z.object({
  decision: z.enum(['allow', 'approval_required', 'deny', 'unjudged']).meta({
    description:
      'approval_required: denied as it is, allowed once somebody has approved it. unjudged: there are no policies.',
  }),
  rules: z
    .array(z.object({ rule: z.string(), message: z.string() }))
    .meta({ description: 'Every rule that denies, as package and rule' }),
  reason: z.string().nullable().meta({
    description: 'Why it is denied though no rule denies it, as when the policies were stopped; else null',
  }),
  took_ms: z.number(),
})

/** The same in TypeScript. */
export type WirePolicy = z.infer<typeof policySchema>
export type WirePolicyList = z.infer<typeof policyListResponse>
export type WirePolicyTrial = z.infer<typeof policyTestResponse>
/** The input of `policies.test`, with its defaults. */
export type PolicyTestInput = z.infer<typeof policyTestRequest>['input']

/** Policies, and what they decide. */
export type PolicyOperations = {
  /** What the org's policies decide about an API call. Never throws: a call that cannot be decided is denied. */
  judge(question: PolicyQuestion): Promise<PolicyVerdict>
  /** Checks that the policies in the org's folder are the ones in force. Error: `policy_refused` if not. */
  confirm(org: OrgId): Promise<void>
  /** The org's policies by their names, and whether they are in force. */
  list(org: OrgId): Promise<WirePolicyList>
  /** Error: `not_found`, also for a bundle, which has no source. */
  find(org: OrgId, name: string): Promise<WirePolicy>
  /**
   * Compiles the policy with the others and puts them into force at once. Error: `policy_refused` with row and column, and then
   * nothing has changed.
   */
  put(org: OrgId, policy: WirePolicy): Promise<void>
  /** Errors: `not_found`; `policy_refused` if the others do not compile without it. */
  remove(org: OrgId, name: string): Promise<void>
  /** What would be decided about a tool call or a request; changes nothing. */
  test(org: OrgId, input: PolicyTestInput): Promise<WirePolicyTrial>
}
