import { afterAll } from 'vitest'

import { startGateway, type GatewaySetting, type RunningGateway } from './gateway.ts'
import { startNetwork, type NetworkStart, type RunningNetwork } from './network.ts'

/**
 * Makes networks for the tests of a file: each is as empty as a new one, and there are as many processes only as are in use at
 * the same time. They end after the last test.
 */
export function networksInTurn(): (start?: NetworkStart) => Promise<RunningNetwork> {
  const idle = new Shelf<RunningNetwork>()
  return async (start = {}) => {
    const kind = JSON.stringify(start)
    const network = idle.take(kind) ?? (await startNetwork(start))
    const leave = async (): Promise<void> => {
      await network.empty()
      idle.put(kind, network)
    }
    return { ...network, [Symbol.asyncDispose]: leave }
  }
}

/** A network, and a gateway on it. */
export type Place = AsyncDisposable & { readonly network: RunningNetwork; readonly gateway: RunningGateway }

export type PlaceSetting = NetworkStart & Pick<GatewaySetting, 'qrTimes' | 'lineTimes' | 'messageAcks' | 'environment'>

/**
 * The same of networks with a gateway, whose account is of another org each time, so that it knows of nobody either. One that
 * has died or was stopped is not used again.
 */
export function placesInTurn(): (setting?: PlaceSetting) => Promise<Place> {
  const nextNetwork = networksInTurn()
  const idle = new Shelf<Place>()
  let orgs = 0
  return async (setting = {}) => {
    const kind = JSON.stringify(setting)
    const place = idle.take(kind) ?? (await openPlace(nextNetwork, setting))
    const gateway = place.gateway.forOrg(`org_place_${(orgs += 1)}`)
    const leave = async (): Promise<void> => {
      if (gateway.readyTimes() > 1 || gateway.supervisor.pid() === null) return place[Symbol.asyncDispose]()
      await gateway.supervisor.call('account.close', gateway.account)
      await place.network.empty()
      idle.put(kind, place)
    }
    return { network: place.network, gateway, [Symbol.asyncDispose]: leave }
  }
}

async function openPlace(
  nextNetwork: (start: NetworkStart) => Promise<RunningNetwork>,
  { qrValidity, media = false, environment, ...setting }: PlaceSetting,
): Promise<Place> {
  const network = await nextNetwork({ media, ...(qrValidity && { qrValidity }) })
  const gateway = await startGateway({
    ...setting,
    network,
    environment: { ...process.env, ...network.environment, ...environment },
  }).catch(async (error: unknown) => {
    await network[Symbol.asyncDispose]()
    throw error
  })
  const leave = async (): Promise<void> => {
    await gateway[Symbol.asyncDispose]()
    await network[Symbol.asyncDispose]()
  }
  return { network, gateway, [Symbol.asyncDispose]: leave }
}

/** What is kept for the next test, by its kind; after the last one it is disposed of. */
class Shelf<Kept extends AsyncDisposable> {
  readonly #kept = new Map<string, Kept[]>()

  constructor() {
    afterAll(async () => {
      for (const each of [...this.#kept.values()].flat()) await each[Symbol.asyncDispose]()
    })
  }

  take(kind: string): Kept | undefined {
    return this.#kept.get(kind)?.pop()
  }

  put(kind: string, kept: Kept): void {
    this.#kept.set(kind, [...(this.#kept.get(kind) ?? []), kept])
  }
}
