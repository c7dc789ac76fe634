import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { startBot } from './bot-process.ts'
import type { Contender } from './contender.ts'
import { temporaryPlace } from './place.ts'
import type { Network } from './processes.ts'
import { readUsage, resetUsage } from './usage.ts'

/** Bare Baileys, linked: with its keys in files as its example has them, or in memory. */
export async function startBare(
  network: Network,
  name: 'bare-files' | 'bare-memory',
  profiles: string | null,
): Promise<Contender> {
  const place = await temporaryPlace()
  const usage = join(place.path, 'usage')
  await mkdir(usage)
  const owner = await network.control.phone(`owner of ${name} ${Date.now()}`)
  const bot = startBot({
    setting: {
      folder: name === 'bare-files' ? join(place.path, 'auth') : null,
      url: network.url,
      noiseRootKey: network.noiseRootKey,
      logins: 1,
    },
    usage,
    profiles,
    onQr: (_index, qr) => void owner.scan(qr),
  })
  await bot.order('connect', null)
  await bot.opened(1)
  return {
    name,
    owner,
    echo: async on => void (await bot.order('echo', on)),
    goOffline: async () => void (await bot.order('disconnect', null)),
    goOnline: async () => {
      await bot.order('connect', null)
      await bot.opened(1)
    },
    arrivals: async _count => new Map(await bot.order('arrivals', null)),
    send: (to, count) => bot.order('send', { jid: `${to.lid}@lid`, count }),
    resetUsage: () => resetUsage(usage),
    usage: () => readUsage(usage),
    [Symbol.asyncDispose]: async () => {
      await bot[Symbol.asyncDispose]()
      await place[Symbol.asyncDispose]()
    },
  }
}
