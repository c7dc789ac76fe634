/** What procedures take and answer with is JSON in `{"json": …}`, and nothing in it is expanded. */
export const PLAIN_JSON = {
  serialize: (value: unknown): unknown => ({ json: value }),
  deserialize: (envelope: { readonly json?: unknown }): unknown => envelope.json,
}
