import { ModelFailure } from './model.ts'

/** A line ends with any of the three. A carriage return may be the first half of the first one. */
const LINE_END = /\r\n|\n|\r/

/**
 * The data of the events in a stream of server-sent events, as in the standard: an event without a closing blank line is dropped.
 * Comments, names and ids of events are ignored.
 * @throws ModelFailure `too_long` for an event of more than `most` characters.
 */
export async function* eventsIn(bytes: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<string> {
  let fields: string[] = []
  let letters = 0
  for await (const line of linesIn(bytes, most)) {
    const field = dataIn(line)
    if (field !== null) {
      fields.push(field)
      letters += field.length + 1
      if (letters > most) throw new ModelFailure('too_long')
    }
    if (line !== '') continue
    if (fields.length > 0) yield fields.join('\n')
    fields = []
    letters = 0
  }
}

function dataIn(line: string): string | null {
  if (line === 'data') return ''
  return line.startsWith('data:') ? line.slice(line.startsWith('data: ') ? 6 : 5) : null
}

async function* linesIn(bytes: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of bytes) {
    const text = decoder.decode(chunk, { stream: true })
    const before = rest
    rest += text
    // Avoids scanning a long line that arrives in small pieces from its beginning each time.
    if (!before.endsWith('\r') && !/[\r\n]/.test(text)) {
      if (rest.length > most) throw new ModelFailure('too_long')
      continue
    }
    const half = rest.endsWith('\r') ? '\r' : ''
    const lines = rest.slice(0, rest.length - half.length).split(LINE_END)
    rest = (lines.pop() ?? '') + half
    yield* lines
  }
  if (rest.endsWith('\r')) yield* rest.split(LINE_END).slice(0, -1)
}
