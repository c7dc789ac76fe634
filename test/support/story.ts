import { createWhatsAppClient, type WhatsAppClient } from '../../client/client.ts'
import { followPairing } from './events.ts'
import { startHost, type HostProcess, type HostProcessStart } from './host-process.ts'
import { startNetwork, type NetworkStart, type PhoneCharacter, type RunningNetwork } from './network.ts'
import { isScanned, plant } from './printed.ts'
import { given } from './given.ts'

type Client = WhatsAppClient['client']

/** A network, a host on it, and a client of the host's owner: where every end-to-end story begins. */
export type Story = AsyncDisposable & {
  readonly network: RunningNetwork
  readonly host: HostProcess
  readonly client: Client
  /** Another client, with another token. */
  readonly clientOf: (token: string) => Client
  /** Configures an account and lets this phone scan the picture; returns once the link is up and was shown. */
  link(phone: PhoneCharacter, account?: string): Promise<void>
}

export type StorySetting = { readonly network?: NetworkStart; readonly host?: HostProcessStart }

export const startStory = async ({ network, host }: StorySetting = {}): Promise<Story> =>
  storyOn(await startNetwork(network), host)

/** A story on this network, which goes with it. */
export async function storyOn(network: RunningNetwork, start: HostProcessStart = {}): Promise<Story> {
  const host = await startHost({ ...start, network }).catch(async (error: unknown) => {
    await network[Symbol.asyncDispose]()
    throw error
  })
  const clients: WhatsAppClient[] = []
  const clientOf = (token: string): Client => {
    const made = createWhatsAppClient({ url: host.url, token })
    clients.push(made)
    return made.client
  }
  const client = clientOf(host.token)
  return {
    network,
    host,
    client,
    clientOf,
    link: (phone, account) => link(client, phone, account),
    async [Symbol.asyncDispose]() {
      tellUnforeseen(host)
      await Promise.all(clients.map(each => each.close()))
      await host[Symbol.asyncDispose]()
      await network[Symbol.asyncDispose]()
    },
  }
}

/** A caller learns no more than `internal`; whoever reads why a story failed wants the host's own word. */
function tellUnforeseen(host: HostProcess): void {
  const lines = host.logs().split('\n')
  for (const line of lines.filter(each => each.includes('"api.failed"'))) process.stderr.write(`${line}\n`)
}

/** The pairing of the documents, with a phone that looks at the picture; fails when it is not linked within 30 s. */
export async function link(client: Client, phone: PhoneCharacter, account = 'default'): Promise<void> {
  await client.whatsapp.configure.mutate({ account, fields: { display_name: 'Agentcy Assistant' } })
  const { session_id, qr_data_url } = await client.whatsapp.qr.start.mutate({ account })
  const picture = given(qr_data_url)
  using pairing = followPairing(client, session_id)
  if (isScanned) await plantShown(picture)
  await phone.scan(picture)
  const end = await pairing.until(state => state.status !== 'pending', 30_000)
  if (end.status !== 'connected') throw new Error(`the pairing ended as ${end.status}`)
}

/** What the code of a picture says is as good as a key. */
async function plantShown(picture: string): Promise<void> {
  const { readQrPicture } = await import('../../host-stub/whatsapp/linking/qr-picture.ts')
  plant(readQrPicture(picture)?.split('#')[1] ?? '')
}

/** A story whose host has a linked phone, named `owner`. */
export const startLinkedStory = async (setting: StorySetting = {}): Promise<LinkedStory> =>
  linkedIn(await startStory(setting))

export type LinkedStory = Story & { readonly owner: PhoneCharacter }

/** The same story, with a linked phone. */
export async function linkedIn(story: Story): Promise<LinkedStory> {
  try {
    const owner = await story.network.phone('owner')
    await story.link(owner)
    return { ...story, owner }
  } catch (error) {
    await story[Symbol.asyncDispose]()
    throw error
  }
}
