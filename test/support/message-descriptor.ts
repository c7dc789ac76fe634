import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

import protobuf from 'protobufjs'

const BAILEYS = dirname(createRequire(import.meta.url).resolve('@whiskeysockets/baileys/package.json'))
const Message = protobuf.loadSync(join(BAILEYS, 'WAProto/WAProto.proto')).lookupType('proto.Message')

/** What is decided on its own: another message, the key of one, what one is said in answer to, and how a file is stored. */
const ELSEWHERE = new Set(['Message', 'MessageKey', 'ContextInfo', 'MessageContextInfo', 'InteractiveAnnotation'])
const DEEPEST = 8

/** A text within a type of message: the names that lead to it, with `[]` behind those of which there may be several. */
export type TextPath = readonly string[]

/** The names of all types of messages, from Baileys' own description of them. */
export const typeNames = (): string[] => Message.fieldsArray.map(({ name }) => name)

/** Where texts are in a type of message; none for one that is itself a text. */
export function textPaths(type: string): TextPath[] {
  const { resolvedType } = Message.fields[type]?.resolve() ?? {}
  return resolvedType instanceof protobuf.Type ? pathsIn(resolvedType, []) : []
}

function pathsIn(type: protobuf.Type, within: readonly protobuf.Type[]): TextPath[] {
  if (ELSEWHERE.has(type.name) || within.includes(type) || within.length > DEEPEST) return []
  return type.fieldsArray.flatMap((field): TextPath[] => {
    const { name, repeated, type: written, resolvedType } = field.resolve()
    const step = repeated ? `${name}[]` : name
    if (written === 'string') return [[step]]
    if (!(resolvedType instanceof protobuf.Type)) return []
    return pathsIn(resolvedType, [...within, type]).map(rest => [step, ...rest])
  })
}

/** A message of this type that holds one text. */
export function messageWith(type: string, path: TextPath, text: string): Record<string, unknown> {
  const within = path.reduceRight<unknown>((inner, step) => {
    const name = step.replace('[]', '')
    return { [name]: step.endsWith('[]') ? [inner] : inner }
  }, text)
  return { [type]: within }
}

/** A message of this type in which every text and list is as long as it may be for the whole to take so many bytes. */
export function fullMessage(type: string, bytes: number): Record<string, unknown> {
  const field = Message.fields[type]?.resolve()
  if (!(field?.resolvedType instanceof protobuf.Type)) return { [type]: 'x'.repeat(bytes) }
  const texts = countTexts(field.resolvedType, [])
  const letters = Math.floor(bytes / Math.max(1, texts) / ENTRIES)
  return { [type]: filled(field.resolvedType, letters, []) }
}

/** So many entries has each list, and the entries of a list that is in one. */
const ENTRIES = 20

const isEnded = (type: protobuf.Type, within: readonly protobuf.Type[]): boolean =>
  ELSEWHERE.has(type.name) || within.includes(type) || within.length > 2

function countTexts(type: protobuf.Type, within: readonly protobuf.Type[]): number {
  if (isEnded(type, within)) return 0
  return type.fieldsArray.reduce((sum, field) => {
    const { type: written, resolvedType } = field.resolve()
    if (written === 'string' || written === 'bytes') return sum + 1
    return resolvedType instanceof protobuf.Type ? sum + countTexts(resolvedType, [...within, type]) : sum
  }, 0)
}

function filled(type: protobuf.Type, letters: number, within: readonly protobuf.Type[]): Record<string, unknown> {
  if (isEnded(type, within)) return {}
  return Object.fromEntries(
    type.fieldsArray.flatMap(field => {
      const { name, repeated, type: written, resolvedType } = field.resolve()
      const value = valueOf(written, letters) ?? inner(resolvedType, letters, [...within, type])
      if (value === null) return []
      return [[name, repeated ? Array<unknown>(ENTRIES).fill(value) : value]]
    }),
  )
}

function valueOf(written: string, letters: number): unknown {
  if (written === 'string') return '\u0001'.repeat(letters)
  if (written === 'bytes') return Buffer.alloc(letters, 7)
  if (written === 'bool') return true
  return ['double', 'float', 'int32', 'uint32', 'int64', 'uint64'].includes(written) ? 1 : null
}

const inner = (type: unknown, letters: number, within: readonly protobuf.Type[]): unknown =>
  type instanceof protobuf.Type && !isEnded(type, within) ? filled(type, letters, within) : null
