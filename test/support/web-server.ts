import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { generate } from 'selfsigned'

/** A server on loopback that speaks https, under names that its certificate has. */
export type WebServer = AsyncDisposable & {
  readonly port: number
  /** The certificate that whoever asks it has to trust. */
  readonly authority: string
  /** The paths that it was asked for, in order. */
  readonly asked: readonly string[]
}

export async function webServer(
  names: readonly string[],
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<WebServer> {
  const altNames = [{ type: 7 as const, ip: '127.0.0.1' }, ...names.map(value => ({ type: 2 as const, value }))]
  const extensions = [{ name: 'subjectAltName' as const, altNames }]
  const pem = await generate([{ name: 'commonName', value: 'loopback' }], { keyType: 'ec', extensions })
  const asked: string[] = []
  const server = createServer({ key: pem.private, cert: pem.cert }, (request, response) => {
    asked.push(request.url ?? '')
    answer(request, response)
  })
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    authority: pem.cert,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
