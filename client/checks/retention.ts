import type { WireChannel } from '../../plugin/contract/api/channels.ts'
import { fine, type Finding } from './finding.ts'

const CHECK = 'retention'

/** Checks whether "retention_days" was chosen. This is a reminder and never a failure. */
export function checkRetention(channels: readonly WireChannel[]): Finding[] {
  const [kept] = channels.map(({ retention }) => retention)
  if (!kept) return []
  const says = kept.days === 0 ? 'Messages are kept without limit' : `Messages are kept for ${kept.days} days`
  if (kept.chosen || kept.days > 0) return [fine(CHECK, `${says}.`)]
  const todo = 'Choose: set "retention_days", for example to 180, or to 0 for no limit.'
  return [{ ...fine(CHECK, `${says}, because "retention_days" is not set.`), todo }]
}
