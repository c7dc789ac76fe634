import { setImmediate } from 'node:timers/promises'

import type { ReplyRequest, Wording } from '../../plugin/contract/api/sends.ts'
import { wordingsOf } from '../../plugin/formatting/agent-reply.ts'

/** A reply as it is said, where nobody else has anything done. */
export const worded = (reply: string | ReplyRequest): Promise<Wording[] | null> =>
  wordingsOf(reply, () => setImmediate())
