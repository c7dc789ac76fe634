/** The result of one doctor check; `doctor --json` prints it as JSON. */
export type Finding = {
  /** The name of the check. */
  readonly check: string
  readonly ok: boolean
  readonly says: string
  /** What a person has to do; null if nothing. */
  readonly todo: string | null
}

export const fine = (check: string, says: string): Finding => ({ check, ok: true, says, todo: null })
export const wrong = (check: string, says: string, todo: string): Finding => ({ check, ok: false, says, todo })
