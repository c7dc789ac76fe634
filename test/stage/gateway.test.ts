import { describe, expect, it } from 'vitest'

import { chatWith, startGateway } from '../support/gateway.ts'
import { startNetwork } from '../support/network.ts'

async function town() {
  const network = await startNetwork()
  const gateway = await startGateway({ network })
  const [owner, alice, bob] = [await network.phone('owner'), await network.phone('alice'), await network.phone('bob')]
  return {
    network,
    gateway,
    owner,
    alice,
    bob,
    [Symbol.asyncDispose]: async () => {
      await gateway[Symbol.asyncDispose]()
      await network[Symbol.asyncDispose]()
    },
  }
}

describe('a linked account', () => {
  it('is paired by QR, hears a message and answers it', async () => {
    await using scene = await town()
    const { gateway, owner, alice } = scene
    await gateway.link(owner)
    await alice.says('hello', { to: owner })
    const message = await gateway.entry(entry => entry.kind === 'message' && entry.message)
    expect(message).toMatchObject({ content: { kind: 'text', text: 'hello' }, fromMe: false })
    expect(await gateway.say(message.chat, '3EB0AAAAAAAAAAAAAAAAAA', 'hi alice')).toEqual({ outcome: 'sent' })
    await alice.hears('hi alice', { from: owner })
  })
})
void chatWith
