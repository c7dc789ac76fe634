import { join } from 'node:path'

import type { WirePolicy, WirePolicyList, WirePolicyTrial } from '../contract/api-policies.ts'
import { ChannelError } from '../contract/errors.ts'
import type { Log } from '../contract/host.ts'
import type { OrgId } from '../contract/ids.ts'
import type { PolicyProblem, PolicyQuestion, PolicyVerdict } from '../contract/policy.ts'
import type { Evaluation } from './evaluation.ts'
import { evaluate } from './evaluation.ts'
import type { PolicyInput } from './input.ts'
import { inputOf } from './input.ts'
import type { CompilerPlaces } from './opa-binary.ts'
import { OpaBinary } from './opa-binary.ts'
import type { PolicyGround, PolicyStanding } from './org-policies.ts'
import { OrgPolicies } from './org-policies.ts'
import { isOwnersCall } from './owners-calls.ts'
import { readStarters } from './starters.ts'

/** What policies need. */
export type PoliciesParts = {
  readonly dataFolder: string
  readonly compiler: CompilerPlaces
  /** Off: nothing is judged, but policies can be written. */
  readonly enabled: boolean
  readonly log: Log
}

const CLOSED: PolicyVerdict = { verdict: 'deny', rule: null, reason: 'The policies of this org cannot be read.' }

/** The policies of all orgs, each read when it is first asked for. */
export class Policies {
  readonly #ground: PolicyGround
  readonly #enabled: boolean
  readonly #orgs = new Map<OrgId, Promise<OrgPolicies>>()

  private constructor(ground: PolicyGround, enabled: boolean) {
    this.#ground = ground
    this.#enabled = enabled
  }

  static async open({ dataFolder, compiler, enabled, log }: PoliciesParts): Promise<Policies> {
    const folder = join(dataFolder, 'policies')
    const opa = new OpaBinary(compiler, sandbox => log.info({ sandbox: sandbox ?? 'none' }, 'policy compiler found'))
    return new Policies({ folder, opa, starters: await readStarters(), log }, enabled)
  }

  /** What the org's policies say. Never throws: whatever goes wrong denies. */
  async judge(question: PolicyQuestion): Promise<PolicyVerdict> {
    if (!this.#enabled) return { verdict: 'unjudged' }
    try {
      if (isOwnersCall(question)) return { verdict: 'allow' }
      const { standing } = await this.#of(question.org)
      return asked(standing, inputOf(question, new Date()))?.verdict ?? { verdict: 'unjudged' }
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

  /** What would be decided about an input; nothing is done. */
  async trial(org: OrgId, input: PolicyInput): Promise<WirePolicyTrial> {
    const { standing } = await this.#of(org)
    const plain = asked(standing, input)
    if (!plain) return { decision: 'unjudged', rules: [], took_ms: 0 }
    const granted = asked(standing, { ...input, context: { ...input.context, approval_granted: true } })
    const approval = granted?.verdict.verdict === 'allow' ? 'approval_required' : 'deny'
    return {
      decision: plain.verdict.verdict === 'allow' ? 'allow' : approval,
      rules: plain.denials.map(({ rule, message }) => ({ rule, message })),
      took_ms: plain.tookMs,
    }
  }

  /** Reads an org's folder again. What is refused leaves the ones before in force. */
  async reloadOf(org: OrgId): Promise<void> {
    // One that is read for the first time now is read once.
    const known = this.#orgs.get(org)
    if (known) await (await known).reload()
    else await this.#of(org)
  }

  /** The same for the folder of every org. */
  async reload(): Promise<void> {
    await Promise.all([...this.#orgs.values()].map(async policies => (await policies).reload()))
  }

  /** What is wrong with an org's folder, as it was read last. @throws ChannelError `policy_refused` */
  async confirm(org: OrgId): Promise<void> {
    refuseFor((await this.#of(org)).standing.problems)
  }

  #of(org: OrgId): Promise<OrgPolicies> {
    const known = this.#orgs.get(org)
    if (known) return known
    const policies = new OrgPolicies(this.#ground, org)
    const opened = policies.reload().then(() => policies)
    this.#orgs.set(org, opened)
    return opened
  }
}

/** Null: there is nothing to ask. */
function asked({ status, engines, problems }: PolicyStanding, input: PolicyInput): Evaluation | null {
  if (status === 'none') return null
  if (status !== 'refused') return evaluate(engines, input)
  const [problem] = problems
  const reason = problem ? `The policies are refused: ${sentenceOf(problem)}` : 'The policies are refused.'
  return { verdict: { verdict: 'deny', rule: null, reason }, denials: [], tookMs: 0 }
}

function sentenceOf({ file, row, column, message }: PolicyProblem): string {
  const place = [row, column].filter(each => each !== null).join(':')
  if (file === '') return message
  return place === '' ? `${file}: ${message}` : `${file}.rego:${place}: ${message}`
}

function refuseFor(problems: readonly PolicyProblem[]): void {
  if (problems.length === 0) return
  throw new ChannelError('policy_refused', problems.map(sentenceOf).join('; '), { problems })
}
