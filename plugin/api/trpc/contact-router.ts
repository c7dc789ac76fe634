import { contactCheckRequest, contactCheckResponse, type WireKnownNumber } from '../../contract/api/contacts.ts'
import type { Contact } from '../../contract/contact.ts'
import { ChannelError, ERRORS } from '../../contract/errors/errors.ts'
import { parsePhone, type Phone } from '../../contract/ids.ts'
import { accountMeant } from './account-param.ts'
import { procedure, router } from './procedure.ts'

const wireContact = ({ number, address }: Contact) => ({ number, exists: address !== null, address })

/** Identifies numbers by position, because errors are logged and logs must not contain numbers. */
function knownOf(numbers: readonly Phone[], contacts: readonly Contact[]): WireKnownNumber[] {
  const known = new Map(contacts.map(({ number, address }) => [number, address !== null]))
  return numbers.flatMap((number, position) => {
    const exists = known.get(number)
    return exists === undefined ? [] : [{ position, exists }]
  })
}

/** The calls about people the account may write to. */
export const contacts = router({
  check: procedure({
    role: 'member',
    action: 'contact.check',
    rest: {
      call: 'POST /contacts/check',
      summary: 'Whether numbers are on WhatsApp, and by which number each',
      refusals: ['channel_not_configured', 'not_paired', 'lookup_budget', 'gateway_unreachable'],
    },
  })
    .input(contactCheckRequest)
    .output(contactCheckResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      const numbers = input.numbers.flatMap(number => parsePhone(number) ?? [])
      const checked = await operations.contacts.check(accountMeant(principal, input), numbers)
      if (checked.retryAt === null) return { contacts: checked.contacts.map(wireContact) }
      const retry_at = new Date(checked.retryAt).toISOString()
      const known = knownOf(numbers, checked.contacts)
      throw new ChannelError('lookup_budget', ERRORS.lookup_budget.sentence, { retry_at, known })
    }),
})
