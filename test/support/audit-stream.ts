import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'

import type { AuditEntry } from '../../host-stub/agentcy/audit/audit-entry.ts'
import { ORG_A, tokenOf } from './api.ts'
import type { ServedLog } from './audit.ts'

/** An entry as a stream tells it. */
export const eventOf = (entry: AuditEntry | undefined) =>
  `id: ${entry?.seq}\nevent: audit\ndata: ${JSON.stringify(entry)}`

/** A stream of server-sent events as it comes. */
export async function listen(log: ServedLog, headers: Record<string, string> = {}, token = tokenOf(ORG_A, 'admin')) {
  const outgoing = httpRequest(`${log.url}/stream`, {
    agent: false,
    headers: { authorization: `Bearer ${token}`, ...headers },
  })
  outgoing.end()
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  let said = ''
  let look = (): void => undefined
  const ended = new Promise<void>(resolve => response.once('close', resolve))
  response.setEncoding('utf8').on('data', (text: string) => {
    said += text
    look()
  })
  response.on('error', () => undefined)
  const until = <Found>(find: () => Found | null | undefined | false): Promise<Found> =>
    new Promise(resolve => {
      look = () => {
        const found = find()
        if (found) resolve(found)
      }
      look()
    })
  const events = () => said.split('\n\n').slice(0, -1)
  return {
    response,
    ended,
    /** The first so many events, comments apart. */
    events: (count: number) =>
      until(() => {
        const told = events().filter(event => !event.startsWith(':'))
        return told.length >= count && told
      }),
    pinged: () => until(() => events().includes(': ping')),
    isWhole: () => response.complete,
    [Symbol.dispose]: () => outgoing.destroy(),
  }
}
