type Option = {
  readonly type: 'boolean' | 'string'
  readonly short?: string
  /** The placeholder of its value in the help. */
  readonly argument?: string
  /** The allowed values; without it any text is allowed. */
  readonly choices?: readonly string[]
}

/** Every option of the command line. An option has the same type in all commands. */
export const OPTIONS = {
  account: { type: 'string', argument: '<name>' },
  agent: { type: 'string', argument: '<name>' },
  artifact: { type: 'string', argument: '<id>' },
  as: {
    type: 'string',
    argument: '<kind>',
    choices: ['image', 'video', 'gif', 'video_note', 'audio', 'voice', 'document', 'sticker'],
  },
  'chat-type': { type: 'string', argument: 'direct|group', choices: ['direct', 'group'] },
  code: { type: 'string', argument: '<phone>' },
  confirm: { type: 'boolean' },
  conversation: { type: 'string', argument: 'chat|participant', choices: ['chat', 'participant'] },
  disable: { type: 'boolean' },
  'display-name': { type: 'string', argument: '<text>' },
  enable: { type: 'boolean' },
  file: { type: 'string', argument: '<path>' },
  follow: { type: 'boolean', short: 'f' },
  from: { type: 'string', argument: '<person>' },
  group: { type: 'string', argument: '<group>' },
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  level: {
    type: 'string',
    argument: '<level>',
    choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
  },
  limit: { type: 'string', short: 'n', argument: '<count>' },
  live: { type: 'boolean' },
  forwarded: { type: 'boolean' },
  mentioned: { type: 'boolean' },
  note: { type: 'string', argument: '<text>' },
  'reply-to': { type: 'string', argument: '<message>' },
  since: { type: 'string', argument: '<when>' },
  status: { type: 'string', argument: '<status>' },
  step: { type: 'string', argument: 'repeat|skip', choices: ['repeat', 'skip'] },
  text: { type: 'string', argument: '<text>' },
  'text-regex': { type: 'string', argument: '<pattern>' },
  to: { type: 'string', argument: '<number>' },
  until: { type: 'string', argument: '<instant>' },
  url: { type: 'string', argument: '<https…>' },
  version: { type: 'string', argument: '<number>' },
  wait: { type: 'string', argument: 'sent|delivered|read', choices: ['sent', 'delivered', 'read'] },
  watch: { type: 'boolean' },
  yes: { type: 'boolean' },
} as const satisfies Readonly<Record<string, Option>>

/** The name of an option without the dashes. */
export type OptionName = keyof typeof OPTIONS
type ValueOf<Taken extends Option> = Taken extends { choices: readonly (infer Choice)[] }
  ? Choice
  : Taken extends { type: 'boolean' }
    ? boolean
    : string
/** The options of a call; options that were not given are missing. */
export type OptionValues = { readonly [Name in OptionName]?: ValueOf<(typeof OPTIONS)[Name]> | undefined }

/** An option as the help shows it: `--file <path>`, `--limit <count> (-n)`. */
export function writtenOption(name: OptionName): string {
  const { argument, short }: Option = OPTIONS[name]
  const long = argument === undefined ? `--${name}` : `--${name} ${argument}`
  return short === undefined ? long : `${long} (-${short})`
}

/** What is wrong with the option values, as a sentence; null if nothing. */
export function faultOf(values: OptionValues): string | null {
  for (const [name, option] of Object.entries(OPTIONS) as [OptionName, Option][]) {
    const value = values[name]
    if (value === undefined || option.choices === undefined || option.choices.includes(String(value))) continue
    return `--${name} takes one of: ${option.choices.join(', ')}.`
  }
  return null
}

const COUNT = /^[0-9]{1,5}$/
/** The largest count that --limit accepts. */
export const COUNT_MOST = 10_000
const UNLESS_SAID = 50

/** The count of `--limit`, 50 by default; a sentence if the value is not a valid count. */
export function countOf({ limit }: OptionValues): number | string {
  if (limit === undefined) return UNLESS_SAID
  const count = COUNT.test(limit) ? Number(limit) : 0
  return count >= 1 && count <= COUNT_MOST ? count : `-n takes a whole number from 1 to ${COUNT_MOST}.`
}

/** The status that `--status` names: an empty object if it was not given, a sentence if it is not one of the choices. */
export function statusIn<const Status extends string>(
  choices: readonly Status[],
  { status }: OptionValues,
): { readonly status?: Status } | string {
  if (status === undefined) return {}
  const found = choices.find(each => each === status)
  return found === undefined ? `--status takes one of: ${choices.join(', ')}.` : { status: found }
}
