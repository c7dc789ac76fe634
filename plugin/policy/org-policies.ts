import { randomBytes } from 'node:crypto'
import { join } from 'node:path'

import type { OrgId } from '../contract/ids.ts'
import type { Log } from '../contract/host.ts'
import type { PolicyProblem, PolicyQuestion, PolicyVerdict } from '../contract/policy.ts'
import { JobFailures } from '../workers/job-failures.ts'
import type { PolicyEvaluation, PolicyEvaluator } from './policy-evaluator.ts'
import type { PolicySource } from './compiler/compiler.ts'
import { type PolicySet, undecided } from './evaluation.ts'
import { inputOf, type PolicyInput } from './input.ts'
import type { OpaBinary } from './compiler/opa-binary.ts'
import { folderNameOf, FolderRefused, type NamedModule, type PolicyFiles, PolicyFolder } from './policy-folder.ts'
import {
  build,
  type Built,
  moduleNames,
  nameOfSources,
  setNameOf,
  tried,
  wasCompiledHere,
  without,
  withSource,
} from './policy-set.ts'
import { decidedAbout, decidedBy, NONE, type PolicyStanding, suspended, UNKNOWN, wholeProblem } from './standing.ts'
import type { Starters } from './starters.ts'

/** What the policies of all orgs share. */
export type OrgPolicyParts = {
  /** Holds a folder for each org. */
  readonly folder: string
  readonly opa: OpaBinary
  readonly evaluator: PolicyEvaluator
  readonly starters: Starters
  readonly log: Log
}

/** The policies of one org. A new set replaces the one in force as a whole, after it was compiled, loaded and tried. */
export class OrgPolicies {
  readonly #parts: OrgPolicyParts
  readonly #org: OrgId
  readonly #folder: PolicyFolder
  #standing = UNKNOWN
  #failures = new JobFailures()
  /** Changes run one after the other. */
  #tail: Promise<unknown> = Promise.resolve()

  constructor(parts: OrgPolicyParts, org: OrgId) {
    this.#parts = parts
    this.#org = org
    this.#folder = new PolicyFolder(join(parts.folder, folderNameOf(org)))
  }

  /** The current state; changed files count only after {@link reload}. */
  get standing(): PolicyStanding {
    return this.#standing
  }

  /** Judges a call. A set whose evaluations have to be stopped too often is suspended. */
  async judge(question: PolicyQuestion): Promise<PolicyVerdict> {
    const { set } = this.#standing
    const decided = decidedAbout(this.#standing, question)
    if (decided || !set) return decided ?? undecided('No policy is loaded.')
    const { verdict, ended } = await this.#parts.evaluator.evaluate(this.#org, set, inputOf(question, new Date()))
    if (ended === 'time' || ended === 'memory') this.#noteEnd(set, question)
    return verdict
  }

  /** Evaluates an input that a caller made up; null when the org has no policies. */
  async try(input: PolicyInput): Promise<Pick<PolicyEvaluation, 'verdict' | 'denials' | 'tookMs'> | null> {
    const { set } = this.#standing
    const decided = decidedBy(this.#standing)
    if (decided?.verdict === 'unjudged') return null
    if (decided || !set) return { verdict: decided ?? undecided('No policy is loaded.'), denials: [], tookMs: 0 }
    return this.#parts.evaluator.try(this.#org, set, input)
  }

  files(): Promise<PolicyFiles> {
    return this.#alone(() => this.#folder.read())
  }

  /** Puts the policies of the folder into force for the first time. A suspended set stays suspended. */
  open(): Promise<void> {
    return this.#alone(async () => {
      await this.#look()
      const { set } = this.#standing
      if (set && (await this.#folder.suspended()) === set.name) this.#standing = suspended(this.#standing)
    })
  }

  /** Puts the policies of the folder into force. If they are refused, only the reported problems change. */
  reload(): Promise<void> {
    return this.#alone(async () => {
      this.#failures = new JobFailures()
      await this.#look()
      await this.#folder.resume().catch(() => undefined)
    })
  }

  /** Stores a source and puts it into force with the others. Returns the problems when they are refused: then nothing changes. */
  put(source: PolicySource): Promise<readonly PolicyProblem[]> {
    return this.#alone(async () => {
      const built = await this.#built(withSource(await this.#folder.read(), source))
      return this.#change(built, () => this.#folder.write(source))
    })
  }

  /** Removes a policy by name, with the same checks as {@link put}; null when there is none of that name. */
  remove(name: string): Promise<readonly PolicyProblem[] | null> {
    return this.#alone(async () => {
      const files = without(await this.#folder.read(), name)
      return files && this.#change(await this.#built(files), () => this.#folder.remove(name))
    })
  }

  async #change(built: Built, write: () => Promise<void>): Promise<readonly PolicyProblem[]> {
    if (built.status === 'refused') return built.problems
    await write()
    await this.#enforce(built)
    await this.#folder.resume()
    return []
  }

  async #look(): Promise<void> {
    try {
      await this.#folder.begin(this.#parts.starters.sources)
      const built = await this.#built(await this.#folder.read())
      if (built.status === 'built') return await this.#enforce(built)
      await this.#restoreLast()
      this.#fallBack(built.problems)
    } catch (error) {
      this.#fallBack([wholeProblem(unreadable(error))])
    }
  }

  async #built(files: PolicyFiles): Promise<Built> {
    const { starters, opa, evaluator } = this.#parts
    const names = moduleNames(files)
    const first = { name: nameOfSources(starters.sources), bytes: starters.module }
    if (names.length === 1 && names[0] === first.name) {
      return { status: 'built', modules: [first], isOurs: true }
    }
    const building = { org: this.#org, opa, evaluator }
    const kept = await this.#folder.kept()
    if (names.length === kept.length && kept.every(({ name }, index) => name === names[index])) {
      const same = await tried(kept, building)
      if (same.status === 'built') return same
    }
    const isWhole = async ({ bytes }: NamedModule) => (await evaluator.check(this.#org, [bytes])).status !== 'damaged'
    const known = async (name: string) => {
      const before = kept.find(one => one.name === name)
      return before && (await isWhole(before)) ? before.bytes : null
    }
    return build(files, { ...building, known })
  }

  async #enforce(built: Extract<Built, { status: 'built' }>): Promise<void> {
    const { modules } = built
    await this.#folder.keep(modules)
    this.#failures = new JobFailures()
    this.#standing = modules.length === 0 ? NONE : { status: 'in_force', set: this.#setOf(built), problems: [] }
    this.#parts.log.info({ org: this.#org, modules: modules.length }, 'policies in force')
  }

  #setOf({ modules, isOurs }: Extract<Built, { status: 'built' }>): PolicySet {
    const bytes = modules.map(module => module.bytes)
    const isCompiledHere = modules.every(wasCompiledHere)
    return { id: randomBytes(12).toString('hex'), name: setNameOf(modules), modules: bytes, isOurs, isCompiledHere }
  }

  /** After a start, the last good set is the one that was stored. */
  async #restoreLast(): Promise<void> {
    if (this.#standing.set) return
    const { evaluator } = this.#parts
    const kept = await this.#folder.kept()
    const last = await tried(kept, { org: this.#org, evaluator })
    if (last.status === 'refused' || kept.length === 0) return
    this.#standing = { status: 'last_good', set: this.#setOf(last), problems: [] }
  }

  #fallBack(problems: readonly PolicyProblem[]): void {
    const { set } = this.#standing
    this.#standing = { status: set ? 'last_good' : 'refused', set, problems }
    const { status } = this.#standing
    this.#parts.log.error({ org: this.#org, problems: problems.length, status }, 'policies refused')
  }

  /** Counts a stopped evaluation, unless its set was replaced in the meantime. */
  #noteEnd(set: PolicySet, question: PolicyQuestion): void {
    const { log } = this.#parts
    const { status } = this.#standing
    if (this.#standing.set !== set || status === 'suspended') return
    // The input for a call of the API holds nothing that the caller wrote.
    const by = question.channel === 'whatsapp' ? question.user : null
    if (!this.#failures.note(by, Date.now())) return
    this.#standing = suspended(this.#standing)
    log.error({ org: this.#org, action: question.action }, 'policies suspended')
    const isStill = (): boolean => this.#standing.set === set && this.#standing.status === 'suspended'
    void this.#alone(async () => isStill() && this.#folder.suspend(set.name)).catch(() =>
      log.error({ org: this.#org }, 'suspension not kept'),
    )
  }

  #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#tail.then(work)
    this.#tail = done.catch(() => undefined)
    return done
  }
}

function unreadable(error: unknown): string {
  if (error instanceof FolderRefused) return error.message
  const { code } = error as NodeJS.ErrnoException
  return `The folder of the policies cannot be read (${code ?? 'it failed'}).`
}
