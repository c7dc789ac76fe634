/** A tool call by a model. Its arguments should be JSON, but may be invalid. */
export type ModelCall = { readonly id: string; readonly name: string; readonly arguments: string }

/** The output of a model: a text, tool calls, or both. */
export type Completion = { readonly text: string; readonly calls: readonly ModelCall[] }

/** A message of the conversation in the format of the endpoint. */
export type ModelMessage =
  | { readonly role: 'system' | 'user'; readonly content: string }
  | {
      readonly role: 'assistant'
      readonly content: string
      readonly tool_calls?: readonly {
        readonly id: string
        readonly type: 'function'
        readonly function: Omit<ModelCall, 'id'>
      }[]
    }
  | { readonly role: 'tool'; readonly tool_call_id: string; readonly content: string }

/** A tool in the format of the endpoint; `parameters` is the JSON Schema of its arguments. */
export type ModelTool = {
  readonly type: 'function'
  readonly function: {
    readonly name: string
    readonly description: string
    readonly parameters: Readonly<Record<string, unknown>>
  }
}

/** A request to a model. */
export type ModelQuestion = {
  readonly messages: readonly ModelMessage[]
  readonly tools: readonly ModelTool[]
  /** Whether the model may call tools now. */
  readonly mayCall: boolean
}

/**
 * Why there is no completion. `silent`: no byte arrived. `stalled`: the stream stopped. `cut_off`: the stream ended too early.
 * `too_long`: the answer exceeded a limit. `bad_stream`: the response is not a stream of completions. `refused`: the endpoint
 * reported an error in the stream.
 */
export type ModelFailureCode =
  'unreachable' | `http_${number}` | 'silent' | 'stalled' | 'cut_off' | 'too_long' | 'bad_stream' | 'refused'

/** A failed request for a completion. The endpoint's own error message is left out, because it may repeat the prompt. */
export class ModelFailure extends Error {
  readonly code: ModelFailureCode
  /** The pause that the endpoint requests, in ms; null if it requests none. */
  readonly retryAfterMs: number | null

  constructor(code: ModelFailureCode, retryAfterMs: number | null = null) {
    super(`no completion: ${code}`)
    this.name = 'ModelFailure'
    this.code = code
    this.retryAfterMs = retryAfterMs
  }
}
