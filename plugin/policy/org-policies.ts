import { join } from 'node:path'

import type { OrgId } from '../contract/ids.ts'
import type { Log } from '../contract/host.ts'
import type { PolicyProblem } from '../contract/policy.ts'
import type { PolicySource } from './compiler.ts'
import { Engine } from './engine.ts'
import type { OpaBinary } from './opa-binary.ts'
import type { NamedModule, PolicyFiles } from './policy-folder.ts'
import { FolderRefused, folderNameOf, PolicyFolder } from './policy-folder.ts'
import type { Built } from './policy-set.ts'
import { build, moduleNames, nameOfSources, without, withSource } from './policy-set.ts'
import type { Starters } from './starters.ts'

/** What the policies of every org stand on. */
export type PolicyGround = {
  /** Holds a folder for each org. */
  readonly folder: string
  readonly opa: OpaBinary
  readonly starters: Starters
  readonly log: Log
}

/**
 * How an org's policies stand. `none`: it has none. `in_force`: what its folder holds. `last_good`: what it held before,
 * because what it holds now is refused. `refused`: nothing that was good is left, so that everything is denied.
 */
export type PolicyStanding = {
  readonly status: 'none' | 'in_force' | 'last_good' | 'refused'
  readonly engines: readonly Engine[]
  readonly problems: readonly PolicyProblem[]
}

const NOTHING: PolicyStanding = { status: 'none', engines: [], problems: [] }

const enginesOf = (modules: readonly NamedModule[]): Engine[] => modules.map(({ bytes }) => new Engine(bytes))

function areWhole(modules: readonly NamedModule[]): boolean {
  try {
    return enginesOf(modules).length > 0
  } catch {
    return false
  }
}

/** The policies of one org. What is in force changes all at once, and only to what was compiled, loaded and asked. */
export class OrgPolicies {
  readonly #ground: PolicyGround
  readonly #org: OrgId
  readonly #folder: PolicyFolder
  #standing: PolicyStanding = { status: 'refused', engines: [], problems: [] }
  /** One change after the other. */
  #tail: Promise<unknown> = Promise.resolve()

  constructor(ground: PolicyGround, org: OrgId) {
    this.#ground = ground
    this.#org = org
    this.#folder = new PolicyFolder(join(ground.folder, folderNameOf(org)))
  }

  /** As they are now: what {@link reload} has not come to is not looked at. */
  get standing(): PolicyStanding {
    return this.#standing
  }

  files(): Promise<PolicyFiles> {
    return this.#alone(() => this.#folder.read())
  }

  /** Puts into force what the folder holds; what is refused changes nothing but the problems that are told. */
  reload(): Promise<void> {
    return this.#alone(async () => {
      try {
        await this.#folder.begin(this.#ground.starters.sources)
        await this.#take(await this.#folder.read())
      } catch (error) {
        this.#fallBack([{ file: '', row: null, column: null, message: this.#unreadable(error) }])
      }
    })
  }

  /** Keeps a source and puts it into force with the others; what is wrong with them otherwise, and then nothing changes. */
  put(source: PolicySource): Promise<readonly PolicyProblem[]> {
    return this.#alone(async () => {
      const files = withSource(await this.#folder.read(), source)
      const built = await this.#built(files)
      if (built.status === 'refused') return built.problems
      await this.#folder.write(source)
      await this.#enforce(built.modules)
      return []
    })
  }

  /** Removes what is kept under a name, as {@link put} keeps it; null when there is nothing. */
  remove(name: string): Promise<readonly PolicyProblem[] | null> {
    return this.#alone(async () => {
      const files = without(await this.#folder.read(), name)
      if (!files) return null
      const built = await this.#built(files)
      if (built.status === 'refused') return built.problems
      await this.#folder.remove(name)
      await this.#enforce(built.modules)
      return []
    })
  }

  async #take(files: PolicyFiles): Promise<void> {
    const built = await this.#built(files)
    if (built.status === 'built') return this.#enforce(built.modules)
    await this.#restoreLast()
    this.#fallBack(built.problems)
  }

  async #built(files: PolicyFiles): Promise<Built> {
    const names = moduleNames(files)
    const kept = await this.#folder.kept()
    const same = names.length === kept.length && kept.every(({ name }, index) => name === names[index])
    if (same && areWhole(kept)) return { status: 'built', modules: kept }
    const { starters, opa } = this.#ground
    const first = { name: nameOfSources(starters.sources), bytes: starters.module }
    if (names.length === 1 && names[0] === first.name) return { status: 'built', modules: [first] }
    const ready = kept.filter(one => areWhole([one]))
    const known = async (name: string) => ready.find(one => one.name === name)?.bytes ?? null
    return build(files, { org: this.#org, opa, known })
  }

  async #enforce(modules: readonly NamedModule[]): Promise<void> {
    const engines = enginesOf(modules)
    await this.#folder.keep(modules)
    this.#standing = engines.length === 0 ? NOTHING : { status: 'in_force', engines, problems: [] }
    this.#ground.log.info({ org: this.#org, modules: modules.length }, 'policies in force')
  }

  /** After a start, the last good ones are those that were kept. */
  async #restoreLast(): Promise<void> {
    if (this.#standing.engines.length > 0) return
    const kept = await this.#folder.kept()
    if (kept.length > 0 && areWhole(kept))
      this.#standing = { status: 'last_good', engines: enginesOf(kept), problems: [] }
  }

  #fallBack(problems: readonly PolicyProblem[]): void {
    const { engines } = this.#standing
    this.#standing = { status: engines.length > 0 ? 'last_good' : 'refused', engines, problems }
    this.#ground.log.error(
      { org: this.#org, problems: problems.length, status: this.#standing.status },
      'policies refused',
    )
  }

  #unreadable(error: unknown): string {
    if (error instanceof FolderRefused) return error.message
    const { code } = error as NodeJS.ErrnoException
    return `The folder of the policies cannot be read (${code ?? 'it failed'}).`
  }

  #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#tail.then(work)
    this.#tail = done.catch(() => undefined)
    return done
  }
}
