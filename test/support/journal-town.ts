import { join } from 'node:path'

import { startGateway, type GatewaySetting, type RunningGateway } from './gateway.ts'
import { startLineProxy, type LineProxy } from './line-proxy.ts'
import { startNetwork, type PhoneCharacter, type RunningNetwork } from './network.ts'
import { placesInTurn, type Place, type PlaceSetting } from './places-in-turn.ts'
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

/** What happens before the phone is linked. */
type Beforehand = { readonly before?: (network: RunningNetwork) => Promise<unknown> }

/** Makes towns that follow one another, for the tests of a file: see `placesInTurn`. */
export function townsInTurn(): (setting?: PlaceSetting & Beforehand) => Promise<JournalTown> {
  const nextPlace = placesInTurn()
  return async ({ before = () => Promise.resolve(), ...setting } = {}) => {
    const place = await nextPlace(setting)
    const leave = (): Promise<void> => Promise.resolve(place[Symbol.asyncDispose]())
    try {
      await before(place.network)
      return { ...(await linkedIn(place)), [Symbol.asyncDispose]: leave }
    } catch (error) {
      await leave()
      throw error
    }
  }
}

export async function journalTown({
  media = false,
  before = () => Promise.resolve(),
  ...setting
}: Pick<GatewaySetting, 'lineTimes' | 'messageAcks'> &
  Beforehand & { readonly media?: boolean } = {}): Promise<JournalTown> {
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
  return {
    ...(await linkedIn({ network, gateway })),
    [Symbol.asyncDispose]: async () => {
      await gateway[Symbol.asyncDispose]()
      await network[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

async function linkedIn({
  network,
  gateway,
}: Omit<Place, keyof AsyncDisposable>): Promise<Omit<JournalTown, keyof AsyncDisposable>> {
  const [owner, alice, bob] = [await network.phone('owner'), await network.phone('alice'), await network.phone('bob')]
  await gateway.link(owner)
  return { network, stateFolder: gateway.stateFolder, gateway, owner, alice, bob }
}
