import { join } from 'node:path'

import type { EventLoopShares } from '../base/event-loop-shares.ts'
import type { PolicyTestInput, WirePolicy, WirePolicyList, WirePolicyTrial } from '../contract/api/policies.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import type { Log } from '../contract/host.ts'
import type { OrgId } from '../contract/ids.ts'
import type { PolicyProblem, PolicyQuestion, PolicyVerdict } from '../contract/policy.ts'
import type { JobRunner } from '../workers/job.ts'
import { PolicyEvaluator } from './policy-evaluator.ts'
import type { Evaluation } from './evaluation.ts'
import { completed, type PolicyInput } from './input.ts'
import type { CompilerPlaces } from '../config/environment.ts'
import { OpaBinary } from './compiler/opa-binary.ts'
import { OrgPolicies, type OrgPolicyParts } from './org-policies.ts'
import { isOwnersCall } from './owners-calls.ts'
import { sentenceOf } from './standing.ts'
import { readStarters } from './starters.ts'

/** What policies need. */
export type PoliciesParts = {
  readonly dataFolder: string
  readonly compiler: CompilerPlaces
  /** Whether policies decide. If not, they can still be read and written. */
  readonly policies: boolean
  /** Runs the policies that tenants wrote. */
  readonly jobs: JobRunner
  readonly shares: Pick<EventLoopShares, 'isAlone'>
  readonly log: Log
}

const CLOSED: PolicyVerdict = { verdict: 'deny', rule: null, reason: 'The policies of this org cannot be read.' }

/** The policies of all orgs. Those of an org are read on first use. */
export class Policies {
  readonly #parts: OrgPolicyParts
  readonly #enabled: boolean
  readonly #orgs = new Map<OrgId, Promise<OrgPolicies>>()

  private constructor(parts: OrgPolicyParts, enabled: boolean) {
    this.#parts = parts
    this.#enabled = enabled
  }

  static async open({ dataFolder, compiler, policies, jobs, shares, log }: PoliciesParts): Promise<Policies> {
    const folder = join(dataFolder, 'policies')
    const opa = new OpaBinary(compiler, sandbox => log.info({ sandbox: sandbox ?? 'none' }, 'policy compiler found'))
    const starters = await readStarters()
    const evaluator = new PolicyEvaluator({ jobs, starters, shares })
    return new Policies({ folder, opa, evaluator, starters, log }, policies)
  }

  /** Whether policies decide, but no compiler is installed for new ones. */
  lacksCompiler(): boolean {
    return this.#enabled && !this.#parts.opa.isThere()
  }

  /** Judges a call by the org's policies. Never throws: every failure denies. */
  async judge(question: PolicyQuestion): Promise<PolicyVerdict> {
    if (!this.#enabled) return { verdict: 'unjudged' }
    try {
      if (isOwnersCall(question)) return { verdict: 'allow' }
      return await (await this.#of(question.org)).judge(question)
    } catch {
      return CLOSED
    }
  }

  async list(org: OrgId): Promise<WirePolicyList> {
    const policies = await this.#of(org)
    const { sources, bundles } = await policies.files()
    const { status, problems } = policies.standing
    return {
      status: this.#enabled ? status : 'off',
      policies: [
        ...sources.map(({ name, source }) => ({
          name,
          kind: 'source' as const,
          size_bytes: Buffer.byteLength(source),
        })),
        ...bundles.map(({ name, bytes }) => ({ name, kind: 'bundle' as const, size_bytes: bytes.length })),
      ],
      problems: [...problems],
    }
  }

  async find(org: OrgId, name: string): Promise<WirePolicy> {
    const { sources } = await (await this.#of(org)).files()
    const found = sources.find(each => each.name === name)
    if (!found) throw new ChannelError('not_found')
    return found
  }

  async put(org: OrgId, policy: WirePolicy): Promise<void> {
    refuseFor(await (await this.#of(org)).put(policy))
  }

  async remove(org: OrgId, name: string): Promise<void> {
    const problems = await (await this.#of(org)).remove(name)
    if (!problems) throw new ChannelError('not_found')
    refuseFor(problems)
  }

  /** Tries an input, of which any part may be missing. Has no effect. */
  test(org: OrgId, input: PolicyTestInput): Promise<WirePolicyTrial> {
    return this.trial(org, completed(org, input))
  }

  /** Tries a complete input. Has no effect. */
  async trial(org: OrgId, input: PolicyInput): Promise<WirePolicyTrial> {
    const policies = await this.#of(org)
    const plain = await policies.try(input)
    if (!plain) return { decision: 'unjudged', rules: [], reason: null, took_ms: 0 }
    const granted = await policies.try({ ...input, context: { ...input.context, approval_granted: true } })
    const approval = granted?.verdict.verdict === 'allow' ? 'approval_required' : 'deny'
    return {
      decision: plain.verdict.verdict === 'allow' ? 'allow' : approval,
      rules: plain.denials.map(({ rule, message }) => ({ rule, message })),
      reason: unruled(plain) ?? (granted && unruled(granted)),
      took_ms: plain.tookMs,
    }
  }

  /** Reads an org's folder again. If its policies are refused, the previous ones stay in force. */
  async reloadOf(org: OrgId): Promise<void> {
    // If the folder was not open yet, opening it has just read it.
    const isKnown = this.#orgs.has(org)
    const policies = await this.#of(org)
    if (isKnown || policies.standing.status === 'suspended') await policies.reload()
  }

  /** The same for the folder of every org. */
  async reload(): Promise<void> {
    await Promise.all([...this.#orgs.values()].map(async policies => (await policies).reload()))
  }

  /** Checks that the org's folder had no problem when it was last read. @throws ChannelError `policy_refused` */
  async confirm(org: OrgId): Promise<void> {
    refuseFor((await this.#of(org)).standing.problems)
  }

  #of(org: OrgId): Promise<OrgPolicies> {
    const known = this.#orgs.get(org)
    if (known) return known
    const policies = new OrgPolicies(this.#parts, org)
    const opened = policies.open().then(() => policies)
    this.#orgs.set(org, opened)
    return opened
  }
}

/** Why an evaluation denies without a rule; null when a rule denies or the evaluation allows. */
const unruled = ({ verdict }: Evaluation): string | null =>
  verdict.verdict === 'deny' && verdict.rule === null ? verdict.reason : null

function refuseFor(problems: readonly PolicyProblem[]): void {
  if (problems.length === 0) return
  throw new ChannelError('policy_refused', problems.map(sentenceOf).join('; '), { problems })
}
