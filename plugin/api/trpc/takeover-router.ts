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
  list: procedure({
    role: 'viewer',
    action: 'chat.takeover.list',
    rest: {
      call: 'GET /takeovers',
      summary: 'The chats that persons have taken over from their agents, newest first',
    },
  })
    .output(takeoverListResponse)
    .query(async ({ ctx: { operations, principal } }) => ({
      takeovers: (await operations.takeovers.list(principal.org)).map(wireTakeover),
    })),
  begin: procedure({
    role: 'member',
    action: 'chat.takeover.create',
    audited: 'chat',
    rest: {
      call: 'POST /takeovers',
      deprecated: 'POST /chats/:chat/takeover',
      summary: 'Takes a chat over from its agent; what the agent has not said yet is not said',
      refusals: ['channel_not_configured', 'too_many_kept'],
    },
  })
    .input(takeoverBeginRequest)
    .output(takeoverSchema)
    .mutation(async ({ ctx: { operations, principal }, input: { chat, until, ...given } }) => {
      const end = until === undefined ? null : Date.parse(until)
      return wireTakeover(await operations.takeovers.begin(accountMeant(principal, given), chat, end))
    }),
  end: procedure({
    role: 'member',
    action: 'chat.takeover.delete',
    audited: 'chat',
    rest: {
      call: 'POST /takeovers/end',
      deprecated: 'DELETE /chats/:chat/takeover',
      summary: 'Hands a chat back to its agent, which is not asked about what was written in the meantime',
      refusals: ['channel_not_configured'],
    },
  })
    .input(takeoverEndRequest)
    .output(takeoverEndResponse)
    .mutation(async ({ ctx: { operations, principal }, input: { chat, ...given } }) => {
      const key = accountMeant(principal, given)
      await operations.takeovers.end(key, chat)
      return { status: 'handed_back', account: key.account, chat }
    }),
})
