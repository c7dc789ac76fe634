/** What the callers of an org hold of the api now. */
export type Held = { readonly sockets: number; readonly subscriptions: number }
