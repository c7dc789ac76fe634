/** One server-sent event. */
export type ServerEvent = { readonly event: string; readonly data: string }

const END_OF_LINE = /\r\n|\n|\r/

function eventIn(block: string): ServerEvent | null {
  const data: string[] = []
  let event = 'message'
  for (const line of block.split(END_OF_LINE)) {
    const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (name === 'data') data.push(value)
    if (name === 'event') event = value
  }
  return data.length === 0 ? null : { event, data: data.join('\n') }
}

/** Parses a stream of server-sent events that arrives in arbitrary pieces; returns the complete events of each piece. */
export function readEvents(): (piece: string) => readonly ServerEvent[] {
  let rest = ''
  return piece => {
    const blocks = (rest + piece).split(/\r\n\r\n|\n\n|\r\r/)
    rest = blocks.pop() ?? ''
    return blocks.flatMap(block => eventIn(block) ?? [])
  }
}
