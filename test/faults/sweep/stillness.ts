/** What moves for ever never comes to rest. */
const LONGEST_IN_PATIENCES = 10

/**
 * Says whether what is looked at has not changed for so long that nothing more is to be expected of it. A slow machine
 * is waited for as long as something moves.
 */
export function stillness(patienceMs: number, now: () => number = Date.now): (seen: unknown) => boolean {
  const startedAt = now()
  let last: string | null = null
  let since = startedAt
  return seen => {
    const looks = JSON.stringify(seen)
    if (looks !== last) [last, since] = [looks, now()]
    return now() - since >= patienceMs || now() - startedAt >= LONGEST_IN_PATIENCES * patienceMs
  }
}
