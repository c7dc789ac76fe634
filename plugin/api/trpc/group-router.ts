import { anyAccount } from '../../contract/api/fields.ts'
import { groupListResponse, groupRequest, groupSchema } from '../../contract/api/groups.ts'
import { ChannelError } from '../../contract/errors/errors.ts'
import { parseGroupId } from '../../contract/ids.ts'
import { accountMeant } from './account-param.ts'
import { procedure, router } from './procedure.ts'

/** The calls about the groups that an account is in. */
export const groups = router({
  list: procedure({
    role: 'member',
    action: 'channel.group.list',
    rest: {
      call: 'GET /channels/whatsapp/groups',
      summary: 'The groups that the linked number is in',
      refusals: ['channel_not_configured', 'not_paired', 'gateway_unreachable', 'account_stopped'],
    },
  })
    .input(anyAccount)
    .output(groupListResponse)
    .query(async ({ ctx: { operations, principal }, input }) => ({
      groups: await operations.groups.list(accountMeant(principal, input)),
    })),
  get: procedure({
    role: 'member',
    action: 'channel.group.get',
    rest: {
      call: 'GET /channels/whatsapp/groups/:id',
      summary: 'A group, who is in it and who is an admin',
      refusals: ['channel_not_configured', 'not_paired', 'not_found', 'gateway_unreachable', 'account_stopped'],
    },
  })
    .input(groupRequest)
    .output(groupSchema)
    .query(({ ctx: { operations, principal }, input }) => {
      const id = parseGroupId(input.id)
      if (!id) throw new ChannelError('not_found')
      return operations.groups.find(accountMeant(principal, input), id)
    }),
})
