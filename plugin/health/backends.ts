import { ArtifactWatch } from './artifact-watch.ts'
import { BackendState } from './backend-state.ts'
import type { Host } from '../contract/host.ts'
import type { Problem } from '../contract/problem.ts'
import { observedAudit } from './observed-audit.ts'

/** The host's backends that the channel needs, artifacts and the audit log, and whether they work. */
export class Backends {
  readonly auditLog = new BackendState()
  readonly files = new BackendState()
  readonly #artifacts: ArtifactWatch
  readonly #host: Host

  constructor(host: Host) {
    this.#host = { ...host, audit: observedAudit(host.audit, this.auditLog) }
    this.#artifacts = new ArtifactWatch(host.artifacts, this.files)
  }

  /** The same host, with failures of these backends recorded. */
  get host(): Host {
    return { ...this.#host, artifacts: this.#artifacts.observed }
  }

  problems(now: number): Problem[] {
    this.#artifacts.look(now)
    return [...this.files.problems('files_unreachable', now), ...this.auditLog.problems('audit_failing', now)]
  }
  /** Stops waiting for answers. */
  close(): void {
    this.#artifacts.close()
  }
}
