import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Host } from '../../plugin/contract/host.ts'
import type { Panel } from '../../plugin/contract/panel.ts'

/** A page of the host's own that is shown beside the plugin's pages, and the routes that it calls. */
export type HostPage = {
  readonly panel: Panel
  /** Answers requests below the path of the panel; false if the request is for something else. */
  handle(exchange: HostPageExchange): Promise<boolean>
}

/** A request to a host page, and the function that authenticates its caller. */
export type HostPageExchange = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly authenticate: Host['authenticate']
}
