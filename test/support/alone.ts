import type { LoopShares } from '../../plugin/base/event-loop-shares.ts'

/** The loop of somebody whom it does not have to wait for, so that a stopped clock stops for nothing. */
export const alone: Pick<LoopShares, 'next'> = { next: () => Promise.resolve() }
