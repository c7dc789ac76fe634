import { createAuthenticator } from './authenticator.ts'
import { followPairing } from './events.ts'
import { given } from './given.ts'
import type { Story } from './story.ts'

/** The same story, in which accounts want a passkey before they link a device, with an owner who has one. */
export async function passkeyIn(story: Story) {
  await story.network.behaves({ passkey_before_linking: true })
  const owner = await story.network.phone('owner')
  const authenticator = createAuthenticator()
  await owner.ownsPasskey(authenticator)
  await story.client.whatsapp.configure.mutate({ fields: { display_name: 'Front desk' } })
  return { ...story, owner, authenticator }
}
export type PasskeyStory = Awaited<ReturnType<typeof passkeyIn>>

/** What the authenticator is asked by a pairing whose code was taken. */
export async function wantedIn({ client }: Pick<PasskeyStory, 'client'>, session: string) {
  using pairing = followPairing(client, session)
  const state = await pairing.until(each => each.status === 'pending' && each.passkey !== undefined)
  const passkey = given(state.status === 'pending' ? state.passkey : undefined)
  return { passkey, options: given(passkey.options) }
}
