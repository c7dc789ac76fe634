/** A call of a tool as a model writes it: its arguments are JSON, or should be. */
export type ModelCall = { readonly id: string; readonly name: string; readonly arguments: string }

/** What a model came out with: a text, calls of tools, or both. */
export type Completion = { readonly text: string; readonly calls: readonly ModelCall[] }

/** What was said so far, as the endpoint takes it. */
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

/** A tool as the endpoint takes it; `parameters` is the JSON Schema of its arguments. */
export type ModelTool = {
  readonly type: 'function'
  readonly function: {
    readonly name: string
    readonly description: string
    readonly parameters: Readonly<Record<string, unknown>>
  }
}

/** What a model is asked. */
export type ModelQuestion = {
  readonly messages: readonly ModelMessage[]
  readonly tools: readonly ModelTool[]
  /** Whether it may call tools now. */
  readonly mayCall: boolean
}

/**
 * Why there is no completion. `silent`: not a byte came. `stalled`: no more came. `cut_off`: it ended in the middle.
 * `too_long`: it did not end. `bad_stream`: it is no stream of completions. `refused`: the endpoint said so in the stream.
 */
export type ModelFailureCode =
  'unreachable' | `http_${number}` | 'silent' | 'stalled' | 'cut_off' | 'too_long' | 'bad_stream' | 'refused'

/** An endpoint that gave no completion. What it said about that is not in here: it may hold what it was asked. */
export class ModelFailure extends Error {
  readonly code: ModelFailureCode
  /** After how long it wants to be asked again, in ms; null when it did not say. */
  readonly retryAfterMs: number | null

  constructor(code: ModelFailureCode, retryAfterMs: number | null = null) {
    super(`no completion: ${code}`)
    this.name = 'ModelFailure'
    this.code = code
    this.retryAfterMs = retryAfterMs
  }
}
