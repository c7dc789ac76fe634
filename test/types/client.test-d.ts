import { createWhatsAppClient } from '../../client/client.ts'

const { client } = createWhatsAppClient({ url: 'http://127.0.0.1:8080', token: async () => 'token' })

/** Compiled by `npm run types`, never run: each line below an expectation must be an error. */
export async function wrongCalls(): Promise<void> {
  await client.whatsapp.send.mutate({ to: '+972500000002', text: 'x' })
  // @ts-expect-error a send names whom it goes to
  await client.whatsapp.send.mutate({ text: 'x' })
  // @ts-expect-error no such key
  await client.whatsapp.send.mutate({ to: '+972500000002', text: 'x', subject: 'y' })
  // @ts-expect-error a send is a mutation
  await client.whatsapp.send.query({ to: '+972500000002', text: 'x' })
  // @ts-expect-error no such procedure
  await client.whatsapp.sned.mutate({ to: '+972500000002', text: 'x' })
  // @ts-expect-error a list is a query
  await client.channels.list.mutate()
  // @ts-expect-error an agent is named by text
  await client.bindings.create.mutate({ agent: 1, match_rule: {} })
  // @ts-expect-error no such match key
  await client.bindings.create.mutate({ agent: 'echo', match_rule: { colour: 'red' } })
  await client.whatsapp.unpair.mutate()
  await client.whatsapp.unpair.mutate({ account: 'sales' })
  // @ts-expect-error no such key
  await client.whatsapp.unpair.mutate({ acount: 'sales' })
  // @ts-expect-error a pairing is asked for by its session
  await client.whatsapp.qr.status.query({ session: 'qr_1' })
}

/** What comes back is typed too. */
export async function wrongAnswers(): Promise<void> {
  const { channels } = await client.channels.list.query()
  channels[0]?.connection.status satisfies string | undefined
  // @ts-expect-error a connection has no such state
  channels.some(channel => channel.connection.status === 'sleeping')
  const pairing = await client.whatsapp.qr.status.query({ session_id: 'qr_1' })
  // @ts-expect-error only a connected pairing has a phone
  pairing.phone satisfies string
  if (pairing.status === 'connected') pairing.phone satisfies string
  client.whatsapp.messages.watch.subscribe(undefined, {
    onData: ({ id, data }) => {
      id satisfies string
      data.text satisfies string | null
      // @ts-expect-error a text may be missing
      data.text satisfies string
    },
  })
  // @ts-expect-error no such event
  client.whatsapp.messages.watch.subscribe(undefined, { onMessage: () => undefined })
}

// @ts-expect-error a client needs a token
createWhatsAppClient({ url: 'http://127.0.0.1:8080' })
