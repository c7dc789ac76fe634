/** What one check of the doctor found: as JSON this is what `doctor --json` prints. */
export type Finding = {
  /** What was looked at. */
  readonly check: string
  readonly ok: boolean
  readonly says: string
  /** What a person is to do; null when nothing. */
  readonly todo: string | null
}

export const fine = (check: string, says: string): Finding => ({ check, ok: true, says, todo: null })
export const wrong = (check: string, says: string, todo: string): Finding => ({ check, ok: false, says, todo })
