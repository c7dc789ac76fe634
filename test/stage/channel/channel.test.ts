import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

import { afterEach, describe, expect, it } from 'vitest'

import { openChannel } from '../../../plugin/channel/channel.ts'
import { asChannelError } from '../../../plugin/contract/errors/errors.ts'
import { activate, deactivate, reload } from '../../../plugin/main.ts'
import { testHost } from '../../support/host.ts'
import { ORG, ACCOUNT } from '../../support/store.ts'

const fault = async (promise: Promise<unknown>) => asChannelError(await promise.catch((error: unknown) => error))

afterEach(() => deactivate())

describe('the plugin', () => {
  it('is active once at a time, and again after it was deactivated', async () => {
    await using made = await testHost()
    await activate(made.host)
    await expect(activate(made.host)).rejects.toThrow('active already')
    await deactivate()
    await activate(made.host)
  })

  it('has one promise for all who deactivate it at the same time, and nothing to do for those who come later', async () => {
    await using made = await testHost()
    await activate(made.host)
    const first = deactivate()
    expect(deactivate()).toBe(first)
    await first
    await deactivate()
    expect((await fault(reload())).code).toBe('stopping')
  })

  it('leaves nothing behind when it cannot be activated, and can be activated afterwards', async () => {
    await using made = await testHost()
    const database = join(made.host.dataFolder, 'whatsapp.db')
    writeFileSync(database, 'this is not a database, and long enough to be told apart from an empty one')
    await expect(activate(made.host)).rejects.toThrow()
    writeFileSync(database, '')
    await activate(made.host)
  })

  it('stops at a set DATABASE_URL and at a network that is not on loopback, and says why', async () => {
    await using reserved = await testHost({ environment: { DATABASE_URL: 'postgres://db' } })
    expect(await fault(activate(reserved.host))).toMatchObject({
      code: 'bad_settings',
      message: expect.stringContaining('DATABASE_URL is reserved') as string,
    })
    expect(existsSync(join(reserved.host.dataFolder, 'whatsapp.db'))).toBe(false)
    const environment = { WHATSAPP_WEB_SOCKET_URL: 'ws://10.0.0.1/', WHATSAPP_NOISE_ROOT_KEY: '00'.repeat(32) }
    await using elsewhere = await testHost({ environment })
    expect((await fault(activate(elsewhere.host))).message).toContain('loopback')
  })

  it('goes on with the settings before when a reload finds bad ones', async () => {
    await using made = await testHost()
    await activate(made.host)
    made.settings = { turn_deadline: 5 }
    expect(await fault(reload())).toMatchObject({ code: 'bad_settings' })
    made.settings = { turn_deadline_seconds: 5 }
    await reload()
  })

  it('answers as soon as it is active', async () => {
    await using made = await testHost()
    const routes = await activate(made.host)
    const server = createServer((request, response) => {
      void routes.handle(request, response).then(taken => taken || response.writeHead(404).end())
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    try {
      expect((await fetch(`http://127.0.0.1:${port}/api/v1/healthz`)).status).toBe(200)
      expect((await fetch(`http://127.0.0.1:${port}/api/v1/channels`)).status).toBe(401)
      await deactivate()
      expect((await fetch(`http://127.0.0.1:${port}/api/v1/healthz`)).status).toBe(404)
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})

describe('the channel, before it is configured', () => {
  it('says so to whoever asks something of a link', async () => {
    await using made = await testHost()
    const { operations, stop, close } = await openChannel(made.host)
    expect(await operations.channels.list(ORG)).toMatchObject([
      { configured: false, bindings: 0, connection: { status: 'not_configured' } },
    ])
    for (const refused of [
      operations.linking.startPairing(ACCOUNT),
      operations.accounts.test(ACCOUNT),
      operations.accounts.unpair(ACCOUNT),
      operations.sends.send(ACCOUNT, { to: '+972500000002', text: 'x' }, null),
    ]) {
      expect(await fault(refused)).toMatchObject({ code: 'channel_not_configured' })
    }
    await stop()
    await close()
  })

  it('keeps bindings, of agents that the host has, with patterns that can be run', async () => {
    await using made = await testHost()
    const { operations, stop, close } = await openChannel(made.host)
    const create = (agent: string, text_regex: string) =>
      operations.bindings.create(ORG, { agent, enabled: true, match_rule: { channel: 'whatsapp', text_regex } })
    const binding = await create('echo', 'hello')
    expect(binding).toMatchObject({
      agent: 'echo',
      position: 1,
      enabled: true,
      match_rule: { channel: 'whatsapp', text_regex: 'hello' },
    })
    expect(binding.id).toMatch(/^bnd_[0-9A-Z]{26}$/)
    expect(await fault(create('nobody', 'hello'))).toMatchObject({ code: 'unknown_agent' })
    expect(await fault(create('echo', '('))).toMatchObject({ code: 'bad_request' })
    expect(await operations.bindings.list(ORG)).toEqual([binding])
    await operations.bindings.delete(ORG, binding.id)
    expect(await fault(operations.bindings.delete(ORG, binding.id))).toMatchObject({ code: 'not_found' })
    await stop()
    await close()
  })

  it('ends those who watch it when it closes', async () => {
    await using made = await testHost()
    const { operations, stop, close } = await openChannel(made.host)
    const { signal } = new AbortController()
    const link = operations.connections.watch(ACCOUNT, signal)[Symbol.asyncIterator]()
    expect(await link.next()).toMatchObject({ value: { status: 'not_configured' } })
    const last = link.next()
    await stop()
    await close()
    expect(await last).toMatchObject({ done: true })
  })
})
