import { messageSendersRequest, messageSendersResponse } from '../../contract/api/senders.ts'
import { bindingExplainResponse } from '../../contract/api/bindings.ts'
import { courseRequest, courseResponse } from '../../contract/api/message-trace.ts'
import {
  messageListRequest,
  messageListResponse,
  messageSchema,
  messageTraceRequest,
  messageWatchRequest,
} from '../../contract/api/messages.ts'
import { accountNamed } from './account-param.ts'
import { NEVER, procedure, router } from './procedure.ts'
import { messageEvents, shownCourse, shownMessage } from './subscriptions.ts'

/** The calls about stored messages. */
export const messages = router({
  list: procedure({
    role: 'viewer',
    action: 'channel.message.list',
    rest: {
      call: 'GET /channels/whatsapp/messages',
      summary: 'Stored messages, newest first',
      refusals: ['not_found'],
    },
  })
    .input(messageListRequest)
    .output(messageListResponse)
    .query(async ({ ctx: { operations, principal }, input }) => {
      const page = { account: accountNamed(input.account), limit: input.limit, before: input.before ?? null }
      const { messages: list, more } = await operations.messages.list(principal.org, page)
      return { messages: list.map(message => shownMessage(message, principal)), more }
    }),
  senders: procedure({
    role: 'member',
    action: 'channel.message.senders',
    rest: {
      call: 'POST /channels/whatsapp/messages/senders',
      summary: 'Who wrote messages, and in which groups: of up to 200, those that are kept',
    },
  })
    .input(messageSendersRequest)
    .output(messageSendersResponse)
    .query(async ({ ctx: { operations, principal }, input: { ids } }) => ({
      senders: await operations.messages.senders(principal.org, ids),
    })),
  trace: procedure({
    role: 'admin',
    action: 'channel.message.trace',
    rest: {
      call: 'GET /channels/whatsapp/messages/:id/trace',
      summary: 'Why a message that came in was answered or not, by the bindings of that moment',
      refusals: ['not_found', 'patterns_not_searched'],
    },
  })
    .input(messageTraceRequest)
    .output(bindingExplainResponse)
    .query(({ ctx: { operations, principal }, input }) => operations.explanations.trace(principal.org, input.id)),
  fetchFile: procedure({
    role: 'member',
    action: 'channel.message.fetch',
    audited: 'channel',
    rest: {
      call: 'POST /channels/whatsapp/messages/:id/file',
      summary: 'Fetches the file of a message that nobody is to answer; the message as it is within half a minute',
      refusals: ['not_found'],
    },
  })
    .input(courseRequest)
    .output(messageSchema)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      await operations.files.want(principal.org, input.id)
      return shownMessage(await operations.messages.find(principal.org, input.id), principal)
    }),
  course: procedure({
    role: 'viewer',
    action: 'channel.message.course',
    rest: {
      call: 'GET /channels/whatsapp/messages/:id/course',
      summary: 'What became of a message that came in: its turn, the tool calls with their decisions, the replies',
      refusals: ['not_found'],
    },
  })
    .input(courseRequest)
    .output(courseResponse)
    .query(async ({ ctx: { operations, principal }, input }) =>
      shownCourse(await operations.traces.of(principal.org, input.id), principal),
    ),
  watch: procedure({ role: 'viewer', action: 'channel.message.watch' })
    .input(messageWatchRequest)
    .subscription(({ ctx, input, signal = NEVER }) => messageEvents(ctx, input?.lastEventId ?? null, signal)),
})
