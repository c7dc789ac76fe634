import type { BackendState } from './backend-state.ts'
import type { Audit } from '../contract/audit.ts'

/** The same audit log, with each success and failure recorded. */
export const observedAudit = (audit: Audit, state: BackendState): Audit => ({
  async append(org, entry) {
    try {
      await audit.append(org, entry)
      state.worked(org)
    } catch (error) {
      state.failed(org, error)
      throw error
    }
  },
})
