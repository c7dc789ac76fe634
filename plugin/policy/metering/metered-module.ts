import { costsOf } from './instruction-costs.ts'
import { NotMetered, signedBytes, unsignedBytes, WasmReader } from './wasm-reader.ts'

/** By this name a metered module exports how many instructions it may still do: a global of 32 bits, which is written from outside. */
export const INSTRUCTIONS_LEFT = 'instructions_left'

const HEADER_BYTES = 8
const IMPORTS = 2
const GLOBALS = 6
const EXPORTS = 7
const CODE = 10
const I32 = 0x7f
const MUTABLE = 1
const CONST = 0x41
const END = 0x0b
const GLOBAL = 3

type Section = { readonly id: number; readonly body: Uint8Array }
type Part = Uint8Array | readonly number[]

const joined = (parts: readonly Part[]): Uint8Array =>
  Buffer.concat(parts.map(part => (part instanceof Uint8Array ? part : Uint8Array.from(part))))
const sized = (body: Uint8Array): readonly Part[] => [unsignedBytes(body.length), body]

function sectionsOf(module: Uint8Array): Section[] {
  const reader = new WasmReader(module, HEADER_BYTES)
  const sections: Section[] = []
  while (!reader.isDone) sections.push({ id: reader.byte(), body: reader.sized() })
  return sections
}

function skipLimits(reader: WasmReader): void {
  const hasMost = reader.byte() & 1
  reader.skipNumber()
  if (hasMost) reader.skipNumber()
}

/** By the kind of an import: a function, a table, a memory, a global. */
const SKIP_IMPORT: readonly ((reader: WasmReader) => void)[] = [
  reader => reader.skipNumber(),
  reader => {
    reader.skip(1)
    skipLimits(reader)
  },
  skipLimits,
  reader => reader.skip(2),
]

function countImportedGlobals({ body }: Section): number {
  const reader = new WasmReader(body)
  let globals = 0
  for (let left = reader.unsigned(); left > 0; left -= 1) {
    reader.sized()
    reader.sized()
    const kind = reader.byte()
    const skip = SKIP_IMPORT[kind]
    if (!skip) throw new NotMetered('It imports something unknown.')
    skip(reader)
    if (kind === GLOBAL) globals += 1
  }
  return globals
}

/** The section with one entry more, which is its last. */
function withEntry({ body }: Section, entry: readonly Part[]): Uint8Array {
  const reader = new WasmReader(body)
  const count = reader.unsigned()
  return joined([unsignedBytes(count + 1), reader.rest(), ...entry])
}

const opcodes = {
  readGlobal: 0x23,
  writeGlobal: 0x24,
  subtract: 0x6b,
  isLess: 0x48,
  // `if` without a result, `unreachable`, `end`.
  trapIf: [0x04, 0x40, 0x00, END],
} as const

/** Subtracts the instructions that follow from those that are left, and traps when these were not enough. */
function payment(counter: number, instructions: number): readonly number[] {
  const global = unsignedBytes(counter)
  const { readGlobal, writeGlobal, subtract, isLess, trapIf } = opcodes
  const pay = [readGlobal, ...global, CONST, ...signedBytes(instructions), subtract, writeGlobal, ...global]
  return [...pay, readGlobal, ...global, CONST, 0, isLess, ...trapIf]
}

/** How many variables a function has, beside what it is given. */
function skipLocals(reader: WasmReader): number {
  let locals = 0
  for (let groups = reader.unsigned(); groups > 0; groups -= 1) {
    locals += reader.unsigned()
    reader.skip(1)
  }
  return locals
}

function meteredFunction(code: Uint8Array, counter: number): Uint8Array {
  const reader = new WasmReader(code)
  const locals = skipLocals(reader)
  const parts: Part[] = []
  let from = 0
  for (const { at, instructions } of costsOf(reader)) {
    // On entry, all variables of a function are set to zero.
    parts.push(code.subarray(from, at), payment(counter, from === 0 ? instructions + locals : instructions))
    from = at
  }
  return joined([...parts, code.subarray(from)])
}

function meteredCode({ body }: Section, counter: number): Uint8Array {
  const reader = new WasmReader(body)
  const count = reader.unsigned()
  const parts: Part[] = [unsignedBytes(count)]
  for (let left = count; left > 0; left -= 1) parts.push(...sized(meteredFunction(reader.sized(), counter)))
  return joined(parts)
}

/**
 * The same module, which counts what it does: each function pays on entry and each loop in every round for the instructions that
 * follow, from {@link INSTRUCTIONS_LEFT}, and traps when nothing is left. It begins with `instructions`.
 * @throws NotMetered when something in it could take long without being counted, or it is no such module
 */
export function metered(module: Uint8Array, instructions: number): Uint8Array {
  const sections = sectionsOf(module)
  const find = (id: number): Section | undefined => sections.find(section => section.id === id)
  const [imports, globals] = [find(IMPORTS), find(GLOBALS)]
  if (!globals) throw new NotMetered('It has no globals.')
  const counter = (imports ? countImportedGlobals(imports) : 0) + new WasmReader(globals.body).unsigned()
  const name = Buffer.from(INSTRUCTIONS_LEFT)
  const bodyOf = (section: Section): Uint8Array => {
    if (section.id === CODE) return meteredCode(section, counter)
    if (section.id === GLOBALS) return withEntry(section, [[I32, MUTABLE, CONST, ...signedBytes(instructions), END]])
    if (section.id === EXPORTS) return withEntry(section, [...sized(name), [GLOBAL, ...unsignedBytes(counter)]])
    return section.body
  }
  return joined([
    module.subarray(0, HEADER_BYTES),
    ...sections.flatMap(section => [[section.id], ...sized(bodyOf(section))]),
  ])
}
