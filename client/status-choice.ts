import type { OptionValues } from './options.ts'

/** Which status `--status` names: nothing when it was not given, a sentence when none of these is. */
export function statusIn<const Status extends string>(
  choices: readonly Status[],
  { status }: OptionValues,
): { readonly status?: Status } | string {
  if (status === undefined) return {}
  const found = choices.find(each => each === status)
  return found === undefined ? `--status takes one of: ${choices.join(', ')}.` : { status: found }
}
