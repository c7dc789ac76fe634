import { contactCheckRequest, contactCheckResponse } from '../contract/api-contacts.ts'
import type { Contact } from '../contract/contact.ts'
import { ChannelError, ERRORS } from '../contract/errors.ts'
import { parsePhone } from '../contract/ids.ts'
import { accountMeant } from './account-meant.ts'
import { procedure, router } from './procedure.ts'

const wireContact = ({ number, address }: Contact) => ({ number, exists: address !== null, address })

/** The calls about people whom the account may write to. */
export const contacts = router({
  check: procedure({ role: 'member', action: 'contact.check' })
    .input(contactCheckRequest)
    .output(contactCheckResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      const numbers = input.numbers.flatMap(number => parsePhone(number) ?? [])
      const checked = await operations.checkContacts(accountMeant(principal, input), numbers)
      const found = checked.contacts.map(wireContact)
      if (checked.retryAt === null) return { contacts: found }
      const retry_at = new Date(checked.retryAt).toISOString()
      throw new ChannelError('lookup_budget', ERRORS.lookup_budget.sentence, { retry_at, contacts: found })
    }),
})
