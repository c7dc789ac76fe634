import { loopEndRequest, loopEndResponse, loopListResponse, type WireLoop } from '../../contract/api/loops.ts'
import { addressOfChat } from '../../contract/ids.ts'
import type { SuspectedLoop } from '../../contract/loop.ts'
import { accountMeant } from './account-param.ts'
import { procedure, router } from './procedure.ts'

const wireLoop = ({ account, chat, sign, since }: SuspectedLoop): WireLoop => ({
  account,
  chat: addressOfChat(chat),
  sign,
  since: new Date(since).toISOString(),
})

/** The calls about chats in which a loop is suspected. */
export const loops = router({
  list: procedure({
    role: 'viewer',
    action: 'chat.loop.list',
    rest: {
      call: 'GET /loops',
      summary:
        'The chats in which a machine seems to answer us, and in which nobody is answered until a person ends that',
    },
  })
    .output(loopListResponse)
    .query(async ({ ctx: { operations, principal } }) => ({
      loops: (await operations.loops.list(principal.org)).map(wireLoop),
    })),
  end: procedure({
    role: 'admin',
    action: 'chat.loop.delete',
    audited: 'chat',
    rest: {
      call: 'POST /loops/end',
      deprecated: 'DELETE /chats/:chat/loop',
      summary: 'Lets such a chat go on: what comes there from now on is answered',
      refusals: ['channel_not_configured', 'not_found'],
    },
  })
    .input(loopEndRequest)
    .output(loopEndResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      const key = accountMeant(principal, input)
      await operations.loops.end(key, input.chat)
      return { status: 'goes_on', account: key.account, chat: input.chat }
    }),
})
