import { join } from 'node:path'

import { startGateway, type GatewaySetting, type RunningGateway } from './gateway.ts'
import { startLineProxy, type LineProxy } from './line-proxy.ts'
import { startNetwork, type PhoneCharacter, type RunningNetwork } from './network.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A network, a gateway linked to the owner's phone, and two who write to it; the state outlives the gateway. */
export type JournalTown = AsyncDisposable & {
  readonly network: RunningNetwork
  readonly stateFolder: string
  readonly gateway: RunningGateway
  readonly owner: PhoneCharacter
  readonly alice: PhoneCharacter
  readonly bob: PhoneCharacter
}

export async function journalTown({
  media = false,
  before = () => Promise.resolve(),
  ...setting
}: Pick<GatewaySetting, 'lineTimes' | 'messageAcks'> & {
  readonly media?: boolean
  /** What happens before the phone is linked. */
  readonly before?: (network: RunningNetwork) => Promise<unknown>
} = {}): Promise<JournalTown> {
  const network = await startNetwork({ media })
  await before(network)
  return townOn(network, setting)
}

/** The same with something in between, that can cut, slow down and swallow the gateway's lines. */
export async function proxiedTown(
  setting: Pick<GatewaySetting, 'lineTimes'> = {},
): Promise<JournalTown & { readonly proxy: LineProxy }> {
  const network = await startNetwork()
  const proxy = await startLineProxy(network)
  const town = await townOn(network, { ...setting, url: proxy.url })
  return {
    ...town,
    proxy,
    [Symbol.asyncDispose]: async () => {
      await town[Symbol.asyncDispose]()
      await proxy[Symbol.asyncDispose]()
    },
  }
}

type TownSetting = Pick<GatewaySetting, 'lineTimes' | 'messageAcks'> & { readonly url?: string }

async function townOn(network: RunningNetwork, { url = network.url, ...setting }: TownSetting): Promise<JournalTown> {
  const folder = await temporaryFolder()
  const stateFolder = join(folder.path, 'whatsapp-gateway')
  const { noiseRootKey } = network
  const environment = { ...process.env, ...network.environment }
  const gateway = await startGateway({ ...setting, network: { url, noiseRootKey }, stateFolder, environment })
  const [owner, alice, bob] = [await network.phone('owner'), await network.phone('alice'), await network.phone('bob')]
  await gateway.link(owner)
  return {
    network,
    stateFolder,
    gateway,
    owner,
    alice,
    bob,
    [Symbol.asyncDispose]: async () => {
      await gateway[Symbol.asyncDispose]()
      await network[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}
