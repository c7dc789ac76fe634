import { readFileSync } from 'node:fs'

import { markdownTable } from './markdown-table.ts'

type Schema = {
  readonly description?: string
  readonly default?: unknown
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, Schema>>
}

/** What a setting may be, in few words. */
function valuesOf(schema: Schema): string {
  if (schema.anyOf) return schema.anyOf.map(valuesOf).join(' or ')
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``
  if (schema.enum) return schema.enum.map(each => `\`${JSON.stringify(each)}\``).join(', ')
  const { minimum, maximum, type = 'object' } = schema
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`
  return typeof type === 'string' ? type : type.join(' or ')
}

/** A setting, and those that stand in it by their paths. */
function rowsOf(name: string, schema: Schema): string[][] {
  const { default: value, description = '', properties = {} } = schema
  const shown = value === undefined ? '' : `\`${JSON.stringify(value)}\``
  const inner = Object.entries(properties).flatMap(([each, its]) => rowsOf(`${name}.${each}`, its))
  return [[`\`${name}\``, valuesOf(schema), shown, description], ...inner]
}

/** The settings, as manifest.json describes them. */
export function settingTable(): string[] {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../manifest.json', import.meta.url), 'utf8'))
  const { configSchema } = manifest as { readonly configSchema: Schema }
  const rows = Object.entries(configSchema.properties ?? {}).flatMap(([name, schema]) => rowsOf(name, schema))
  return markdownTable(['setting', 'values', 'default', 'meaning'], rows)
}
