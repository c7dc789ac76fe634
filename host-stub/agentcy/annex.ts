import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Host } from '../../plugin/contract/host.ts'
import type { Panel } from '../../plugin/contract/panel.ts'

/** A page of the host's own that is shown beside the plugin's, and whatever it calls. */
export type Annex = {
  readonly panel: Panel
  /** Answers what is below the path of the panel; false when the request is for something else. */
  handle(exchange: AnnexExchange): Promise<boolean>
}

/** A request to an annex, and how it finds out who asks. */
export type AnnexExchange = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly authenticate: Host['authenticate']
}
