import type { OptionValues } from './options.ts'

/** The status that `--status` names: an empty object if it was not given, a sentence if it is not one of the choices. */
export function statusIn<const Status extends string>(
  choices: readonly Status[],
  { status }: OptionValues,
): { readonly status?: Status } | string {
  if (status === undefined) return {}
  const found = choices.find(each => each === status)
  return found === undefined ? `--status takes one of: ${choices.join(', ')}.` : { status: found }
}
