import { z } from 'zod'
import type { Account } from '../world/accounts.ts'
import { attribute, child, stanza, text, type Stanza } from '../wire/stanza.ts'
import { describeTimeLock } from './time-lock.ts'
import { ProtocolBreach, type Query } from './query.ts'

interface Document {
  path: string
  variables: z.ZodType
  answer: (account: Account) => Record<string, unknown>
}

/** The stored GraphQL queries of WhatsApp that the network supports, by their ids. */
const documents: Record<string, Document> = {
  '23983697327930364': {
    path: 'xwa2_fetch_account_reachout_timelock',
    variables: z.strictObject({}),
    answer: describeTimeLock,
  },
}

/** `w:mex`: a stored GraphQL query with its variables as JSON. */
export function answerMex({ companion, node }: Query): Stanza[] {
  const asked = child(node, 'query')
  const document = documents[attribute(asked ?? node, 'query_id') ?? '']
  if (!asked || !document || attribute(node, 'type') !== 'get') throw new ProtocolBreach('unknown mex query')
  const { success } = z.strictObject({ variables: document.variables }).safeParse(parsed(text(asked)))
  if (!success) throw new ProtocolBreach('mex query with other variables')
  const data = { [document.path]: document.answer(companion.account) }
  return [stanza('result', {}, Buffer.from(JSON.stringify({ data })))]
}

function parsed(written: string | undefined): unknown {
  try {
    return JSON.parse(written ?? '')
  } catch {
    throw new ProtocolBreach('mex query that is no JSON')
  }
}
