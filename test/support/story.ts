import { createWhatsAppClient, type WhatsAppClient } from '../../client/client.ts'
import { readQrPicture } from '../../host-stub/whatsapp/qr-picture.ts'
import { followPairing } from './events.ts'
import { startHost, type HostProcess, type HostProcessStart } from './host-process.ts'
import { startNetwork, type NetworkStart, type PhoneCharacter, type RunningNetwork } from './network.ts'
import { plant } from './printed.ts'
import { given } from './store.ts'

type Client = WhatsAppClient['client']

/** A network, a host on it, and a client of the host's owner: where every end-to-end story begins. */
export type Story = AsyncDisposable & {
  readonly network: RunningNetwork
  readonly host: HostProcess
  readonly client: Client
  /** Another client, with another token. */
  clientOf(token: string): Client
  /** Configures an account and lets this phone scan the picture; returns once the link is up and was shown. */
  link(phone: PhoneCharacter, account?: string): Promise<void>
}

export async function startStory(setting: { network?: NetworkStart; host?: HostProcessStart } = {}): Promise<Story> {
  const network = await startNetwork(setting.network)
  const host = await startHost({ ...setting.host, network }).catch(async (error: unknown) => {
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
  plant(readQrPicture(picture)?.split('#')[1] ?? '')
  await phone.scan(picture)
  const end = await pairing.until(state => state.status !== 'pending', 30_000)
  if (end.status !== 'connected') throw new Error(`the pairing ended as ${end.status}`)
}

/** A story whose host has a linked phone, named `owner`. */
export async function startLinkedStory(
  setting: { network?: NetworkStart; host?: HostProcessStart } = {},
): Promise<Story & { owner: PhoneCharacter }> {
  const story = await startStory(setting)
  try {
    const owner = await story.network.phone('owner')
    await story.link(owner)
    return { ...story, owner }
  } catch (error) {
    await story[Symbol.asyncDispose]()
    throw error
  }
}
