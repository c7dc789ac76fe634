import { describe, expect, it } from 'vitest'

import { createWhatsAppClient } from '../../../client/client.ts'
import { BASE_PATH } from '../../../plugin/api/rest/routes.ts'
import { ERRORS } from '../../../plugin/contract/errors/errors.ts'
import type { AccountKey, AccountName, Phone } from '../../../plugin/contract/ids.ts'
import { call, KEY_A, ORG_A, post, type ServedApi, serveApi, tokenOf } from '../../support/api.ts'
import { followLink, followPairing } from '../../support/events.ts'
import { createMemoryOperations, PHONE } from '../../support/operations.ts'

const SALES: AccountKey = { org: ORG_A, account: 'sales' as AccountName }
const NUMBER = '+972500000009' as Phone

const codeOf = (text: string): unknown => JSON.parse(text).error.code

async function serveConfigured() {
  const operations = createMemoryOperations()
  await operations.accounts.configure(KEY_A, { fields: {} })
  const served = await serveApi({ operations })
  const at = (path: string) => `${served.url}${BASE_PATH}${path}`
  return { operations, served, at, [Symbol.asyncDispose]: () => served[Symbol.asyncDispose]() }
}

function clientOf({ url }: Pick<ServedApi, 'url'>) {
  const connection = createWhatsAppClient({ url, token: tokenOf(ORG_A, 'owner') })
  return { ...connection, [Symbol.asyncDispose]: () => connection.close() }
}

describe('an account of the API', () => {
  it('is named in the body or in the query, once, and is default when it is named nowhere', async () => {
    const operations = createMemoryOperations()
    await using served = await serveApi({ operations })
    const at = (path: string) => `${served.url}/api/v1/channels/whatsapp/${path}`
    const pairing = async (answer: Promise<{ text: string }>) => JSON.parse((await answer).text).account
    expect((await post(at('configure'), { account: 'sales', fields: {} })).status).toBe(200)
    expect((await post(at('configure?account=desk'), { fields: {} })).status).toBe(200)
    const absent = await call(at('qr/start'), { method: 'POST' })
    expect([absent.status, codeOf(absent.text)]).toEqual([409, 'channel_not_configured'])

    expect(await pairing(call(at('qr/start?account=sales'), { method: 'POST' }))).toBe('sales')
    expect(await pairing(post(at('qr/start'), { account: 'desk' }))).toBe('desk')
    expect(await pairing(post(at('qr/start?account=desk'), {}))).toBe('desk')
    const twice = await post(at('qr/start?account=desk'), { account: 'desk' })
    expect([twice.status, codeOf(twice.text)]).toEqual([400, 'bad_request'])
    const text = await post(at('send?text=x'), { to: PHONE })
    expect([text.status, JSON.parse(text.text).error.message]).toEqual([
      400,
      'This call takes no query parameters but "account".',
    ])

    operations.link(ORG_A, { status: 'connected', phone: PHONE, since: 0 }, SALES.account)
    expect((await call(at('test?account=sales'), { method: 'POST' })).status).toBe(200)
    expect((await post(at('test'), { account: 'desk' })).status).toBe(409)
    const sent = JSON.parse((await post(at('send'), { account: 'sales', to: PHONE, text: 'x' })).text)
    expect(sent.account).toBe('sales')
    expect(JSON.parse((await call(at(`sends/${sent.id}`))).text).account).toBe('sales')
    expect((await call(at('groups?account=sales'))).status).toBe(200)
    expect((await call(at('groups/120363000000000009@g.us?account=sales'))).status).toBe(404)
    expect((await call(at('configure?account=sales'), { method: 'DELETE' })).status).toBe(200)
    expect((await call(at('configure'), { method: 'DELETE' })).status).toBe(409)
  })

  it.each(['', 'a/b', '..', '%00', 'x'.repeat(65), 'Ω', 'a&account=b'])('has no such name: %j', async name => {
    await using stage = await serveConfigured()
    const answer = await call(stage.at(`/channels/whatsapp/configure?account=${name}`), { method: 'DELETE' })
    expect([answer.status, codeOf(answer.text)]).toEqual([400, 'bad_request'])
    const body = decodeURIComponent(name.split('&', 1).join(''))
    if (body !== name) return
    const named = await post(stage.at('/channels/whatsapp/configure'), { account: name, fields: {} })
    expect([named.status, codeOf(named.text)]).toEqual([400, 'bad_request'])
  })

  it('has its own messages and turns in the lists that are asked for them', async () => {
    await using stage = await serveConfigured()
    const [desk, shop] = [stage.operations.say(ORG_A, 'a'), stage.operations.say(ORG_A, 'b', SALES.account)]
    const listed = async (query: string) =>
      JSON.parse((await call(stage.at(`/channels/whatsapp/messages${query}`))).text).messages
    expect(await listed('')).toEqual([shop, desk])
    expect(await listed('?account=sales')).toEqual([shop])
    expect(await listed('?account=default')).toEqual([desk])
    expect((await call(stage.at('/turns?account=sales'))).status).toBe(200)
  })

  it('is witnessed by the list, with every number that it shows, and by all else with its own alone', async () => {
    await using stage = await serveConfigured()
    const { operations } = stage
    await operations.accounts.configure(SALES, { fields: {} })
    const { session } = await operations.linking.startPairing(SALES)
    const { confirmed } = operations
    operations.link(ORG_A, { status: 'connected', phone: PHONE, since: 0 })
    operations.link(ORG_A, { status: 'connected', phone: NUMBER, since: 0 }, SALES.account)
    operations.turnPairing(ORG_A, session, { status: 'connected', phone: NUMBER })
    const status = await call(stage.at(`/channels/whatsapp/qr/status?session_id=${session}`))
    expect(JSON.parse(status.text)).toEqual({ status: 'connected', account: 'sales', phone: NUMBER })
    expect(confirmed.splice(0)).toEqual([{ ...SALES, phone: NUMBER }])
    await call(stage.at('/channels/whatsapp/test'), { method: 'POST' })
    expect(confirmed.splice(0)).toEqual([{ ...KEY_A, phone: PHONE }])
    await call(stage.at('/channels'))
    expect(confirmed.splice(0)).toEqual([
      { ...KEY_A, phone: PHONE },
      { ...SALES, phone: NUMBER },
    ])
  })

  it('whose number is another’s is told so by whoever asks how its pairing stands', async () => {
    await using stage = await serveConfigured()
    const { session } = await stage.operations.linking.startPairing(KEY_A)
    stage.operations.turnPairing(ORG_A, session, { status: 'conflict' })
    const status = await call(stage.at(`/channels/whatsapp/qr/status?session_id=${session}`))
    expect([status.status, JSON.parse(status.text).error]).toEqual([
      409,
      expect.objectContaining({ code: 'number_in_use', message: ERRORS.number_in_use.sentence }),
    ])
    expect(stage.operations.confirmed).toEqual([])
  })

  it('is watched by itself, whose number alone the witness has seen', async () => {
    const operations = createMemoryOperations()
    await operations.accounts.configure(KEY_A, { fields: {} })
    await operations.accounts.configure(SALES, { fields: {} })
    const { session } = await operations.linking.startPairing(KEY_A)
    await using served = await serveApi({ operations })
    await using connection = clientOf(served)
    operations.link(ORG_A, { status: 'connected', phone: PHONE, since: 0 })
    using link = followLink(connection.client, 'sales')
    expect(await link.until(() => true)).toMatchObject({ account: 'sales', status: 'not_paired' })
    expect(operations.confirmed).toEqual([])
    operations.link(ORG_A, { status: 'connected', phone: NUMBER, since: 0 }, SALES.account)
    await link.until(({ status }) => status === 'connected')
    expect(operations.confirmed).toEqual([{ ...SALES, phone: NUMBER }])

    using pairing = followPairing(connection.client, session)
    await pairing.until(({ status }) => status === 'pending')
    operations.turnPairing(ORG_A, session, { status: 'conflict' })
    expect(await pairing.until(({ status }) => status !== 'pending')).toEqual({ status: 'conflict' })
  })
})
