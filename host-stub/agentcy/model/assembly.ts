import { z } from 'zod'

import { type Completion, type ModelCall, ModelFailure } from './model.ts'

const TEXT_LETTERS_MOST = 32_000
const ARGUMENTS_LETTERS_MOST = 16_000
const CALLS_MOST = 8
const END = '[DONE]'

const callPiece = z.object({
  index: z.int().nullish(),
  id: z.string().max(128).nullish(),
  function: z.object({ name: z.string().max(128).nullish(), arguments: z.string().nullish() }).nullish(),
})
const pieceSchema = z.object({
  error: z.unknown().optional(),
  choices: z
    .array(
      z.object({
        delta: z.object({ content: z.string().nullish(), tool_calls: z.array(callPiece).nullish() }).nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
})
type CallPiece = z.infer<typeof callPiece>
type Begun = { -readonly [Key in keyof ModelCall]: ModelCall[Key] }

/** Assembles a completion from the pieces of a stream. */
export class Assembly {
  #text = ''
  readonly #calls = new Map<number, Begun>()
  #finished = false
  #ended = false

  /** Whether any part of the completion has arrived. */
  get isBegun(): boolean {
    return this.#text !== '' || this.#calls.size > 0
  }

  /** Whether the stream has sent its end marker. */
  get hasEnded(): boolean {
    return this.#ended
  }

  /** @throws ModelFailure for an invalid piece, for a completion that is too long, and if the endpoint reports an error. */
  add(event: string): void {
    if (event.trim() === END) {
      this.#ended = true
      return
    }
    const { error, choices } = pieceIn(event)
    if (error !== undefined && error !== null) throw new ModelFailure('refused')
    // Only one choice was requested.
    const [choice] = choices ?? []
    this.#text += choice?.delta?.content ?? ''
    for (const piece of choice?.delta?.tool_calls ?? []) this.#addCall(piece)
    if (choice?.finish_reason) this.#finished = true
    if (this.#text.length > TEXT_LETTERS_MOST || this.#isTooMuch()) throw new ModelFailure('too_long')
  }

  /** @throws ModelFailure `cut_off` if the stream ended too early. */
  finish(): Completion {
    if (!this.#finished && !this.#ended) throw new ModelFailure('cut_off')
    return { text: this.#text, calls: [...this.#calls.values()] }
  }

  #addCall({ index, id, function: called }: CallPiece): void {
    // Some endpoints send no index: then a piece with an id starts a new call.
    const place = index ?? (id ? this.#calls.size : Math.max(0, this.#calls.size - 1))
    const call = this.#calls.get(place) ?? { id: `call_${place}`, name: '', arguments: '' }
    this.#calls.set(place, call)
    if (id) call.id = id
    call.name += called?.name ?? ''
    call.arguments += called?.arguments ?? ''
  }

  #isTooMuch(): boolean {
    let letters = 0
    for (const { name, arguments: given } of this.#calls.values()) letters += name.length + given.length
    return this.#calls.size > CALLS_MOST || letters > ARGUMENTS_LETTERS_MOST
  }
}

function pieceIn(event: string): z.infer<typeof pieceSchema> {
  try {
    return pieceSchema.parse(JSON.parse(event))
  } catch {
    throw new ModelFailure('bad_stream')
  }
}
