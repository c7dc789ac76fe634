/** What the bench tells a bare bot to do, and what the bot answers. */
export type BotOrders = {
  /** One login, or all of them. */
  readonly connect: { readonly input: number | null; readonly output: null }
  readonly disconnect: { readonly input: null; readonly output: null }
  readonly echo: { readonly input: boolean; readonly output: null }
  readonly arrivals: { readonly input: null; readonly output: readonly (readonly [text: string, at: number])[] }
  readonly send: { readonly input: { readonly jid: string; readonly count: number }; readonly output: number[] }
}

export type BotOrder = keyof BotOrders
export type ToBot = { readonly id: number; readonly order: BotOrder; readonly input: unknown }
export type FromBot =
  | { readonly event: 'answer'; readonly id: number; readonly output: unknown }
  | { readonly event: 'failed'; readonly id: number; readonly why: string }
  | { readonly event: 'qr'; readonly index: number; readonly qr: string }
  | { readonly event: 'open'; readonly index: number }

/** How a bot is started: where its logins are kept (a folder each; null: in memory) and how many it has. */
export type BotSetting = {
  readonly folder: string | null
  readonly url: string
  readonly noiseRootKey: string
  readonly logins: number
}
