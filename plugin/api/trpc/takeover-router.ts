import {
  takeoverBeginRequest,
  takeoverEndRequest,
  takeoverEndResponse,
  takeoverListResponse,
  takeoverSchema,
  type WireTakeover,
} from '../../contract/api/takeovers.ts'
import { addressOfChat } from '../../contract/ids.ts'
import type { Takeover } from '../../contract/takeover.ts'
import { accountMeant } from './account-param.ts'
import { procedure, router } from './procedure.ts'

const instant = (atMs: number): string => new Date(atMs).toISOString()

const wireTakeover = ({ account, chat, since, until, by }: Takeover): WireTakeover => ({
  account,
  chat: addressOfChat(chat),
  since: instant(since),
  until: until === null ? null : instant(until),
  by,
})

/** The calls about chats that a person has taken over from their agents. */
export const takeovers = router({
  list: procedure({ role: 'viewer', action: 'chat.takeover.list' })
    .output(takeoverListResponse)
    .query(async ({ ctx: { operations, principal } }) => ({
      takeovers: (await operations.listTakeovers(principal.org)).map(wireTakeover),
    })),
  begin: procedure({ role: 'member', action: 'chat.takeover.create', audited: 'chat' })
    .input(takeoverBeginRequest)
    .output(takeoverSchema)
    .mutation(async ({ ctx: { operations, principal }, input: { chat, until, ...given } }) => {
      const end = until === undefined ? null : Date.parse(until)
      return wireTakeover(await operations.beginTakeover(accountMeant(principal, given), chat, end))
    }),
  end: procedure({ role: 'member', action: 'chat.takeover.delete', audited: 'chat' })
    .input(takeoverEndRequest)
    .output(takeoverEndResponse)
    .mutation(async ({ ctx: { operations, principal }, input: { chat, ...given } }) => {
      const key = accountMeant(principal, given)
      await operations.endTakeover(key, chat)
      return { status: 'handed_back', account: key.account, chat }
    }),
})
