import { ERRORS } from '../../plugin/contract/errors/errors.ts'
import { markdownTable } from './markdown-table.ts'

/** Each error with its status, whether the same request may succeed later, and its sentence. */
export function errorTable(): string[] {
  const rows = Object.entries(ERRORS).map(([code, { status, retryable, sentence }]) => {
    return [`\`${code}\``, String(status), retryable ? 'yes' : '', sentence]
  })
  return markdownTable(['code', 'status', 'retry', 'sentence'], rows)
}
