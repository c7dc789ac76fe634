import { describe, expect, it } from 'vitest'

import type { OutboundFile } from '../../../plugin/contract/delivery.ts'
import { addressOfPerson } from '../../../plugin/contract/ids.ts'
import { listMessages, textOfStored } from '../../../plugin/store/messages/messages.ts'
import { ACCOUNT, ALICE, given, linkedStore, ORG, OUR_NUMBER } from '../../support/store.ts'
import { outboxOf } from '../../support/unpaced-outbox.ts'

const alice = addressOfPerson(ALICE)

describe('what is said through the API', () => {
  it('says a long text in several messages, in order, and the same ones when it is asked again', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    const text = Array.from({ length: 3 }, (_, part) => `${part} `.repeat(2_000)).join('\n\n')
    const accepted = await out.say(alice, text, 'key')
    const { more } = accepted
    expect(more.map(({ id }) => id)).toEqual([`${accepted.id}_2`, `${accepted.id}_3`])
    expect(await out.say(alice, text, 'key')).toEqual(accepted)
    await out.outbox.connected(ACCOUNT, OUR_NUMBER)
    await out.line('send settled', 3)
    expect(out.gateway.texts.map(each => [each[0], each.length <= 4_096])).toEqual([
      ['0', true],
      ['1', true],
      ['2', true],
    ])
  })

  it('tells once of what is asked for twice at the same time', async () => {
    await using opened = await linkedStore()
    await using out = outboxOf(opened.store)
    const [one, other] = await Promise.all([out.say(alice, 'hello', 'key'), out.say(alice, 'hello', 'key')])
    expect(other).toEqual(one)
    expect(out.heads).toHaveLength(1)
  })

  it('says a file as the artifact that it is, and only once', async () => {
    await using opened = await linkedStore()
    let asked = 0
    const file: OutboundFile = {
      kind: 'image',
      artifact: 'art_1',
      mime: 'image/png',
      fileName: 'a.png',
      sizeBytes: 1,
      sha256: 'ff',
    }
    const enclosures = { of: async () => ((asked += 1), file) }
    await using out = outboxOf(opened.store, { enclosures })
    const send = () =>
      out.sending.send(
        ACCOUNT,
        { to: alice, media: { kind: 'image', url: 'https://files.example/a.png', caption: 'look' } },
        'key',
      )
    const accepted = await send()
    expect(await send()).toEqual(accepted)
    expect(asked).toBe(1)
    expect(accepted.content).toEqual({ kind: 'media', file, caption: 'look' })
    const [message] = await listMessages(opened.store.connection, ORG, { after: 0, limit: 10 })
    expect(given(message).attachment).toMatchObject({ kind: 'image', artifact: { id: 'art_1', fileName: 'a.png' } })
    expect(textOfStored(given(message))).toBe('look')
  })
})
