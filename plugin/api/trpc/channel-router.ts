import { channelsResponse, reloadResponse, type WireChannel } from '../../contract/api/channels.ts'
import { masked, parsePhone } from '../../contract/ids.ts'
import { accountMeant } from './account-param.ts'
import { procedure, router } from './procedure.ts'
import { mayPair } from '../auth/roles.ts'
import { showNumber } from '../auth/confirm-link.ts'

/** The calls about the catalog of channels. */
export const channels = router({
  list: procedure({
    role: 'viewer',
    action: 'channel.list',
    rest: {
      call: 'GET /channels',
      summary: 'The catalog of channels, each with the state of its link',
    },
  })
    .output(channelsResponse)
    .query(async ({ ctx: { operations, principal } }) => {
      const list = await operations.channels.list(principal.org)
      for (const { account, connection } of list.flatMap(({ accounts }) => accounts))
        await showNumber({ operations, principal }, accountMeant(principal, { account }), connection.phone)
      return { channels: mayPair(principal) ? list : list.map(maskedNumbers) }
    }),
  reload: procedure({
    role: 'admin',
    action: 'channel.reload',
    audited: 'channel',
    rest: {
      call: 'POST /channels/reload',
      summary: 'Reads the settings again and reconnects; no pairing is lost',
      refusals: ['bad_settings', 'policy_refused', 'reloaded_lately'],
    },
  })
    .output(reloadResponse)
    .mutation(async ({ ctx: { operations, principal } }) => {
      await operations.reloads.reload(principal.org, principal.role)
      await operations.policies.confirm(principal.org)
      return { status: 'ok' }
    }),
})

/** Masks the numbers named in the settings, for callers who may not change the settings. */
const maskedNumbers = (channel: WireChannel): WireChannel => ({
  ...channel,
  named_numbers: channel.named_numbers.map(each => ({
    ...each,
    number: maskedNumber(each.number),
    address: each.address && maskedNumber(each.address),
  })),
})

const maskedNumber = (number: string): string => masked({ lid: null, phone: parsePhone(number) })
