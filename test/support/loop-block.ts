const msOf = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000

/**
 * For how long a piece of work kept the loop from everything else, at the longest: in processor time of this process, so that what the
 * machine does beside it counts for nothing.
 */
export async function longestBlockMs(work: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let over = false
  let before = msOf(process.cpuUsage())
  const look = (): void => {
    const now = msOf(process.cpuUsage())
    longest = Math.max(longest, now - before)
    before = now
    if (!over) setImmediate(look)
  }
  setImmediate(look)
  try {
    await work()
  } finally {
    over = true
    look()
  }
  return longest
}

/** As much as the largest body of a call holds. */
const BODY = JSON.stringify(
  Array.from({ length: 10_000 }, (_, index) => ({
    id: `msg_${String(index).padStart(26, '0')}`,
    text: 'x'.repeat(57),
  })),
)
const ROUNDS = 5

/** What reading and writing the largest body of a call takes here and now, in processor time: what blocks are measured by. */
export function bodyMs(): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const before = msOf(process.cpuUsage())
    if (JSON.stringify(JSON.parse(BODY)).length !== BODY.length) throw new Error('not the same body')
    return msOf(process.cpuUsage()) - before
  })
  return Math.min(...times)
}

/** T5's 250 ms, where reading and writing the largest body takes 5 ms. */
const MOST_BODIES = 50
const TRIES = 3

/**
 * How many times as long as for the largest body the loop is kept from everything else: null, when that is not too long. `share`: for
 * how much of what is to be borne at the most this stands.
 */
export async function tooLong(work: () => Promise<unknown>, share = 1): Promise<string | null> {
  const blocks: number[] = []
  // What was compiled, or cleared away, the first time is not the next.
  for (let times = 0; times < TRIES; times += 1) {
    const blockMs = await longestBlockMs(work)
    const bodies = blockMs / bodyMs()
    if (bodies <= MOST_BODIES * share) return null
    blocks.push(Math.round(bodies))
  }
  return `${Math.min(...blocks)} bodies`
}
