import type { OrgId } from '../contract/ids.ts'
import { freeBytesOf } from '../files/disk-space.ts'
import type { HealthNumbers } from '../metrics/health-gauges.ts'
import type { ProblemParts } from './problem-sources.ts'
import type { Problems } from '../health/problems.ts'
import { countApprovalsWaiting, oldestRunningAt } from '../store/turns/metrics-queries.ts'

/** The current numbers of an org beside those of its links. */
export async function healthNumbersOf(
  { store, problems, inbox, backends, folders }: ProblemParts & { readonly problems: Problems },
  org: OrgId,
): Promise<HealthNumbers> {
  const { connection } = store
  return {
    problems: problems.of(org),
    behind: inbox.behind().filter(each => each.org === org),
    oldestRunningAt: await oldestRunningAt(connection, org),
    approvalsWaiting: await countApprovalsWaiting(connection, org),
    freeBytes: await freeBytesOf(folders),
    auditFailures: backends.auditLog.failuresOf(org),
    filesWork: backends.files.worksFor(org),
  }
}
