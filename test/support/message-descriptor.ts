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
