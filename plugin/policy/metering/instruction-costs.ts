import { NotMetered, type WasmReader } from './wasm-reader.ts'

/** Where control may arrive from elsewhere, and how many instructions follow there, those of loops within aside. */
export type Cost = { readonly at: number; readonly instructions: number }

const BLOCK = 0x02
const LOOP = 0x03
const IF = 0x04
const END = 0x0b
/** All from here to the last have nothing behind them. */
const FIRST_PLAIN = 0x45
const LAST_PLAIN = 0xc4
/** The first loads from memory, the last stores to it. */
const FIRST_OF_MEMORY = 0x28
const LAST_OF_MEMORY = 0x3e
const TRUNCATIONS = 7

const nothing = (): void => undefined
const one = (reader: WasmReader): void => reader.skipNumber()
const two = (reader: WasmReader): void => {
  reader.skipNumber()
  reader.skipNumber()
}
const numbers = (reader: WasmReader): void => {
  for (let left = reader.unsigned(); left > 0; left -= 1) reader.skipNumber()
}
const jumpTable = (reader: WasmReader): void => {
  numbers(reader)
  reader.skipNumber()
}
/** Of those with a prefix, what fills or copies memory takes as long as it likes. */
const prefixed = (reader: WasmReader): void => {
  if (reader.unsigned() > TRUNCATIONS) throw new NotMetered('It holds an instruction without a known cost.')
}

/** What stands behind an instruction (WebAssembly 1.0 §5.4, and sign extension). */
const OPERANDS: Readonly<Partial<Record<number, (reader: WasmReader) => void>>> = Object.fromEntries<
  (reader: WasmReader) => void
>([
  ...[0x00, 0x01, 0x05, END, 0x0f, 0x1a, 0x1b].map(opcode => [opcode, nothing] as const),
  ...[BLOCK, LOOP, IF, 0x0c, 0x0d, 0x10, 0x20, 0x21, 0x22, 0x23, 0x24, 0x3f, 0x40, 0x41, 0x42].map(
    opcode => [opcode, one] as const,
  ),
  [0x0e, jumpTable],
  [0x11, two],
  [0x1c, numbers],
  [0x43, reader => reader.skip(4)],
  [0x44, reader => reader.skip(8)],
  [0xfc, prefixed],
])

function skipOperands(opcode: number, reader: WasmReader): void {
  if (opcode >= FIRST_PLAIN && opcode <= LAST_PLAIN) return
  if (opcode >= FIRST_OF_MEMORY && opcode <= LAST_OF_MEMORY) return two(reader)
  const skip = OPERANDS[opcode]
  if (!skip) throw new NotMetered('It holds an instruction without a known cost.')
  skip(reader)
}

/**
 * What the instructions of a function cost, from its first to its `end`. Control goes backwards only to the beginning of a loop, so
 * payments on entry and in each round of a loop cover everything. What is jumped over is paid for too.
 * @throws NotMetered
 */
export function costsOf(reader: WasmReader): readonly Cost[] {
  const body = { at: reader.at, instructions: 0 }
  const costs = [body]
  const open = [body]
  while (open.length > 0) {
    const within = open.at(-1) ?? body
    within.instructions += 1
    const opcode = reader.byte()
    skipOperands(opcode, reader)
    if (opcode === END) open.pop()
    else if (opcode === BLOCK || opcode === IF) open.push(within)
    else if (opcode === LOOP) {
      const loop = { at: reader.at, instructions: 0 }
      costs.push(loop)
      open.push(loop)
    }
  }
  if (!reader.isDone) throw new NotMetered('A function goes on behind its end.')
  return costs
}
