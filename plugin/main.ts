import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { type Api, createApi } from './api/api.ts'
import { API_LIMITS } from './api/http/api-limits.ts'
import { createPage } from './api/page.ts'
import { type Channel, openChannel } from './channel/channel.ts'
import { ChannelError } from './contract/errors/errors.ts'
import type { Host, Routes } from './contract/host.ts'
import { packageRoot } from './files/package-root.ts'
import { ResourceStack } from './base/resource-stack.ts'

const DEACTIVATE_MS = 5_000
/** The folder of the bundled page, also when the plugin runs from source. */
const pageFolder = (): string => join(packageRoot(), 'dist', 'plugin', 'web')

type Active = { readonly host: Host; readonly channel: Channel; readonly api: Api; readonly resources: ResourceStack }

let active: Promise<Active> | null = null
let ending: Promise<void> | null = null

async function open(host: Host): Promise<Active> {
  const resources = new ResourceStack(host.log)
  try {
    const channel = await openChannel(host)
    resources.defer('channel', () => channel.close())
    const { socketLimits: sockets, callLimits: calls } = channel
    const api = createApi(
      channel.operations,
      { ...host, audit: channel.audit, isReady: channel.isReady },
      { ...API_LIMITS, sockets, calls },
    )
    resources.defer('api', () => api.close())
    resources.defer('work', () => channel.stop())
    return { host, channel, api, resources }
  } catch (error) {
    await resources.close()
    throw error
  }
}

/**
 * Starts the channel for a host. Resolves with its routes as soon as they can be called; connecting to WhatsApp may take longer.
 * If it throws, nothing keeps running. Only one activation exists at a time: call {@link deactivate} before the next one.
 * @throws ChannelError `bad_settings`, with a sentence that says why, if the settings or the environment forbid a start.
 */
export async function activate(host: Host): Promise<Routes> {
  if (active || ending) throw new Error('The WhatsApp channel is active already. Deactivate it first.')
  const opening = open(host)
  active = opening
  try {
    const { api } = await opening
    const page = createPage(pageFolder(), host.panels)
    // Once deactivation starts, the plugin serves no path.
    const serves = (): boolean => active === opening && ending === null
    return {
      handle: async (request, response) =>
        serves() && ((await page.handle(request, response)) || (await api.handle(request, response))),
      upgrade: (request, socket, head) => serves() && api.upgrade(request, socket, head),
      admit: (caller, call) => (serves() ? api.admit(caller, call) : Promise.resolve('stopping')),
    }
  } catch (error) {
    active = null
    throw error
  }
}

/**
 * Reads the settings and policies of all orgs again and reconnects every account, without a new pairing. Invalid settings change
 * nothing.
 * @throws ChannelError `bad_settings`, or `stopping` if the channel is not active.
 */
export async function reload(): Promise<void> {
  if (!active || ending) throw new ChannelError('stopping')
  const { channel } = await active
  await channel.reload()
}

/**
 * Stops everything the channel started: no timer, process or socket remains. It never logs out, so the next activation needs no
 * new pairing. Takes at most 5 s; a call during a deactivation returns the same promise.
 */
export function deactivate(): Promise<void> {
  ending ??= end().finally(() => {
    active = null
    ending = null
  })
  return ending
}

async function end(): Promise<void> {
  const opened = await active?.catch(() => null)
  if (!opened) return
  const closed = opened.resources.close().then(() => true)
  if (!(await within(closed, DEACTIVATE_MS)))
    opened.host.log.error({ limit_ms: DEACTIVATE_MS }, 'deactivation cut short')
}

/** Whether `done` resolved in time. */
async function within(done: Promise<boolean>, limitMs: number): Promise<boolean> {
  const over = new AbortController()
  const late = setTimeout(limitMs, false, { signal: over.signal }).catch(() => false)
  try {
    return await Promise.race([done, late])
  } finally {
    over.abort()
  }
}
