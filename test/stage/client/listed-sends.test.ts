import { expect, it } from 'vitest'

import { rejectionSentence } from '../../../client/texts/rejection-words.ts'
import { KEY_A, ORG_A } from '../../support/api.ts'
import { openCli } from '../../support/cli-stage.ts'

it('sends are listed with why WhatsApp rejected one, as the page has it, and why another is held', async () => {
  await using stage = await openCli()
  const { sends, deliveries } = stage.operations
  for (const text of ['x', 'y']) await sends.send(KEY_A, { to: '+972500000002', text }, null)
  const all = await deliveries.list(ORG_A, { account: null, status: null, before: null, limit: 10 })
  const said = [{ status: 'rejected', rejectedCode: 463, position: null } as const, { held: 'same_text' } as const]
  deliveries.list = async () => all.map((send, nth) => ({ ...send, ...said[nth] }))
  const { out } = await stage.told('sends', 'list')
  expect(out).toContain(rejectionSentence(463))
  expect(out).toMatch(/held: the same text has gone to many chats, next in the queue/)
})
