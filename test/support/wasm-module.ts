const sized = (bytes: readonly number[]): number[] => [...leb(bytes.length), ...bytes]
const leb = (value: number): number[] =>
  value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...leb(Math.floor(value / 0x80))]
const section = (id: number, entries: readonly (readonly number[])[]): number[] => [
  id,
  ...sized([...leb(entries.length), ...entries.flat()]),
]

const [I32, FUNCTION] = [0x7f, 0x60]
const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
const RUN = [...Buffer.from('run')]

/** A module with a page of memory, a global, and one function of a number that answers one, with further variables: `run`. */
export function moduleOf(body: readonly number[], variables = 0): Uint8Array {
  return Uint8Array.from([
    ...HEADER,
    ...section(1, [[FUNCTION, 1, I32, 1, I32]]),
    ...section(3, [[0]]),
    ...section(5, [[0, 1]]),
    ...section(6, [[I32, 0, 0x41, 0, 0x0b]]),
    ...section(7, [[...sized(RUN), 0, 0]]),
    ...section(10, [sized([1, ...leb(variables), I32, ...body])]),
  ])
}
